//! The compositor, as its calls see it.

use std::sync::Arc;

use composectl_runtime::Guest;
use wasmtime::component::{HasData, ResourceTable};

use crate::host::Host;

/// The compositor, as far as its calls are concerned.
pub struct View<'a> {
    /// What it is given.
    pub host: Arc<Host>,
    /// Handles that it holds.
    pub table: &'a mut ResourceTable,
}

/// Where stores of guests have it.
pub struct Views;

impl HasData for Views {
    type Data<'a> = View<'a>;
}

/// The compositor of a store.
pub fn view(guest: &mut Guest) -> View<'_> {
    View {
        host: guest.data::<Arc<Host>>().clone(),
        table: &mut guest.table,
    }
}
