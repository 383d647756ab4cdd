//! A program that a server serves, and whom the server tells of requests.

use std::time::Duration;

use wasmtime::Store;
use wasmtime::component::InstancePre;

use super::error::ServeError;
use crate::guest::Guest;

/// A program that is served.
pub trait Service: Send + Sync + 'static {
    /// What it is called in what is told of requests.
    fn name(&self) -> &str;

    /// The component, ready to be instantiated.
    fn pre(&self) -> &InstancePre<Guest>;

    /// A store for the instance of a request, by its number.
    ///
    /// # Errors
    /// When the request cannot be answered.
    fn store(&self, request: u64) -> Result<Store<Guest>, ServeError>;

    /// How many guests may run at once in a server that serves it; other requests wait.
    /// Each may have memory up to its limit, so this bounds the memory of all.
    fn guests(&self) -> usize;
}

/// Whom a server tells of requests.
pub trait Log: Send + Sync + 'static {
    /// Hears of each request when it is done.
    fn log(&self, request: &Logged<'_>);
}

/// A request that is done.
#[derive(Clone, Copy, Debug)]
pub struct Logged<'a> {
    /// Its number in the server, from 1.
    pub id: u64,
    /// What the program is called that it was for; none when it was for none.
    pub root: Option<&'a str>,
    /// Its method.
    pub method: &'a str,
    /// Its path, without the query: clients choose it, and how long it is.
    pub path: &'a str,
    /// The status of the answer; none when the client left before there was one.
    pub status: Option<u16>,
    /// Bytes of the answer's body that the client was given.
    pub bytes: u64,
    /// How long it took.
    pub duration: Duration,
    /// Why it failed, if it did.
    pub error: Option<&'a ServeError>,
}
