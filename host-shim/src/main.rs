//! The native host of the compositor component.

fn main() {}
