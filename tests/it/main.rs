//! End-to-end tests, one file a subject.

mod cases;
mod command;
mod limits;
mod runtimes;
mod store;
mod tidy;
