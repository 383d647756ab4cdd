//! The conformance runner: it passes on every host, and fails when anything is
//! otherwise than the vectors say.

mod hosts;
mod mutations;
mod oracle;
mod vectors;
