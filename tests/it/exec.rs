//! Running plans in `dist/composectl`: programs, dynamic linking, trust,
//! limits.

mod audit;
mod code;
mod dynlink;
mod events;
mod examples;
pub mod fixture;
mod grants;
mod invoke;
mod limits;
mod links;
mod modules;
mod poison;
mod processes;
mod programs;
mod providers;
mod reuse;
mod tenants;
mod traps;
mod trust;
mod wat;
mod watch;
