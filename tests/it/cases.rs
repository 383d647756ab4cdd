//! Tests of: cases.
