//! What composing gives: the example plans, and small components in the text
//! format for every rule and every known trap.
//!
//! Each case is emitted twice, by the core as native code and by the compositor
//! component in `dist/composectl`, and must give the same bytes; each artifact
//! must validate under the features that runtimes have on by default. A case
//! that fails must fail both ways, with the same codes.

mod case;
mod generated;
mod graph;
mod guests;
mod large;
mod links;
mod names;
mod order;
mod plans;
mod resources;
mod shapes;
mod traps;
mod wat;

use test_generate::wiring;
