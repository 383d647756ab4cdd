//! Tests of: runtimes.
