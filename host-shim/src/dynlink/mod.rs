//! `compose:dynlink`: guests resolve components of their plan while they run.
//! Each gets a store of its own, and lives as long as the handle to it.

mod bindings;
mod instance;
mod linker;
mod resolve;

pub use linker::add_to_linker;
