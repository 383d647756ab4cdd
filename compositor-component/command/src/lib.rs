//! The command line, for every host.
