//! `composectl`: the compositor component with its native host around it.
//!
//! The command line lives in the component; arguments pass through unchanged.
//! What only the build and the tests do with components is another program,
//! `bench-host`, which is not handed out.

mod audit;
mod bindings;
mod closed;
mod code;
mod command;
mod deadline;
mod digest;
mod dynlink;
mod error;
mod events;
mod exec;
mod failure;
mod footprint;
mod guest;
mod host;
mod imports;
mod load;
mod process;
mod program;
mod run;
mod serve;
mod session;
mod start;
mod streams;
mod sys_compose;
mod time;
mod turn;
mod user;
mod watch;

pub use process::{Compiled, bench, main};
