//! Tests of: command.
