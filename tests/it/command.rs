//! The command line: what it prints for people and for programs, how it ends,
//! and what it leaves on the disk.

mod blob;
mod canon;
mod columns;
mod defaults;
mod edit;
mod emit;
mod events;
mod exec;
mod findings;
mod fixture;
mod gc;
mod grants;
mod import;
mod info;
mod lock;
mod mistakes;
mod new;
mod plug;
mod questions;
mod shells;
mod stale;
mod streams;
mod strip;
mod tag;
mod targets;
mod trust;
mod usage;
