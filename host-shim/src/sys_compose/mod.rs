//! What the host gives to the compositor, natively (`sys:compose`): a file for each
//! interface.

mod blobs;
mod events;
mod linker;
mod runner;
mod store;
mod trust;
mod view;
mod watch;

pub use linker::add_to_linker;
