//! What components get in place of imports that they are not given.

mod arguments;
mod exported;
mod fixture;
mod handlers;
mod worlds;
