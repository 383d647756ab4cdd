//! Guests of wasmtime: engines and compiled code for each tenant, a store with
//! WASI 0.2 and 0.3, accounts of what the guest uses, limits that end it, calls
//! in WAVE, HTTP, and a line of progress meanwhile. It knows nothing of plans.
//!
//! There is one type of store data, and not one for each embedder, so that
//! WASI is compiled once: what an embedder adds is in [`Guest::data`].

mod audit;
mod backtrace;
mod budget;
mod call;
mod code_cache;
mod command;
mod deterministic;
mod engine;
mod exceeded;
mod exports;
mod failure;
mod guest;
mod handles;
mod http;
mod linker;
mod meter;
mod output;
mod own;
mod progress;
mod serve;
mod split;
mod tenant;

pub use audit::{Audit, Record, Unrecorded, Use};
pub use backtrace::{Code, Place, Unknown};
pub use budget::{Budget, Process};
pub use call::{Call, NoCall};
pub use code_cache::CodeCache;
pub use command::{Ended, run_command};
pub use deterministic::WholeStdin;
pub use engine::{GUESTS, Purpose, TABLE, pooled};
pub use exceeded::Exceeded;
pub use exports::exports;
pub use failure::Failure;
pub use guest::{Given, Guest};
pub use linker::{Reach, linker};
pub use meter::{Limits, Meter, metered};
pub use output::{Lines, Standard, Watched};
pub use own::{own_component, precompile};
pub use progress::{Progress, say};
pub use serve::{
    Front, Handler, Listening, Log, Logged, Route, ServeCode, ServeError, Served, Service, Signals,
    Tls, Told,
};
pub use split::{CoreModule, Split, split};
pub use tenant::{Compiled, Images, Made, Tenant};
