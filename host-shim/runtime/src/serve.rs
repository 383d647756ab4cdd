//! Serves HTTP: an instance for each request, dropped when its answer is done. Of what
//! it is an instance, `routes.rs` says.
//!
//! A request has two tasks. The connection's reads the request and writes the
//! response; the guest's runs the guest. They share bodies, which stream, and
//! the request's `Entry`, which becomes an event when both are done with it.
//! When the client breaks off, both end at once. `limits.rs` says what a client
//! may take; `queue.rs` says whose turn it is, and `connections.rs` which of too
//! many connections end.

mod body;
mod buffer;
mod connections;
mod entry;
mod error;
mod front;
mod handler;
mod in_flight;
mod limits;
mod listener;
mod listening;
mod patience;
mod peer;
mod queue;
mod request;
mod routes;
mod served;
mod service;
mod signals;
mod socket;
mod threads;
mod tls;
mod turns;

pub use error::{ServeCode, ServeError};
pub use front::Front;
pub use handler::Handler;
pub use listening::Listening;
pub use routes::Route;
pub use served::Served;
pub use service::{Log, Logged, Service};
pub use signals::{Signals, Told};
pub use tls::Tls;
