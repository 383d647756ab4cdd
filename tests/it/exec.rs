//! Running plans in `dist/composectl`: programs, dynamic linking, trust,
//! limits.

mod dynlink;
mod events;
mod examples;
mod fixture;
mod invoke;
mod limits;
mod links;
mod processes;
mod programs;
mod providers;
mod tenants;
mod trust;
mod wat;
