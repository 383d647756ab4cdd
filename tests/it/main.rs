//! End-to-end tests, one file a subject.

mod cases;
mod command;
mod conformance;
mod exec;
mod hostile;
mod limits;
mod policy;
mod runtimes;
mod serve;
mod sizes;
mod store;
mod strict;
mod tidy;
mod work;
