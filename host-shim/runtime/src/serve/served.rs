//! What a server serves.

use std::sync::Arc;

use super::handler::Handler;
use super::routes::Route;
use super::service::Log;

/// What a server serves.
pub struct Served {
    /// Programs, each with the requests that it answers. What is for none of them is
    /// answered with 404.
    pub routes: Vec<(Route, Handler)>,
    /// Who is told of requests.
    pub log: Arc<dyn Log>,
}
