//! What a server serves, and whom it tells of it.

use std::io;
use std::pin::Pin;

use tokio::net::TcpListener;
use wasmtime::Store;
use wasmtime::component::InstancePre;

use super::error::ServeError;
use crate::guest::Guest;

/// Something that comes later, of a trait's object.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What is served.
pub trait Service: Send + Sync + 'static {
    /// The component, ready to be instantiated.
    fn pre(&self) -> &InstancePre<Guest>;

    /// Where connections come from.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    fn listen<'a>(&'a self, address: &'a str) -> Later<'a, io::Result<TcpListener>>;

    /// Waits until another service takes the connections that are still to come.
    fn replaced(&self) -> Later<'_, ()>;

    /// A store for the instance of a request.
    ///
    /// # Errors
    /// When the request cannot be answered.
    fn store(&self) -> Result<Store<Guest>, ServeError>;

    /// How many guests may run at once; other requests wait. Each may have
    /// memory up to its limit, so this bounds the memory of all.
    fn guests(&self) -> usize;

    /// Hears of the address once, and of each request when it is done: names
    /// with values.
    fn event(&self, kind: &str, fields: &[(&str, String)]);

    /// Tells whoever runs the server something, as a line without its end.
    fn say(&self, text: &str);
}
