//! The conformance runner: the vectors of `tests/vectors`, held to what any
//! host of the compositor does. A host is a command line; nothing here knows
//! how it works.

mod case;
mod compare;
mod coverage;
mod host;
mod input;
mod layout;
mod observe;
mod options;
mod process;
mod report;
mod room;
mod run;
mod script;
mod suite;
mod temp;

pub use case::{Case, Kind};
pub use compare::{blessed, difference};
pub use coverage::{CODES, covered};
pub use host::Host;
pub use layout::layout;
pub use options::{Options, USAGE};
pub use report::{Outcome, Report};
pub use run::{Progress, run};
pub use suite::Suite;
pub use temp::{Temp, state_of};
