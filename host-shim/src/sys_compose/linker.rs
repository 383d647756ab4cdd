//! The interfaces, for a linker.

use composectl_runtime::Guest;
use wasmtime::component::Linker;

use super::view::{View, Views, view};
use crate::bindings::sys::compose::{blobs, events, runner, store, trust, types, watch};

/// Links `sys:compose/{store,blobs,trust,events,watch,runner}`, for a guest whose
/// data is the host.
pub fn add_to_linker(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    store::add_to_linker::<_, Views>(linker, view)?;
    blobs::add_to_linker::<_, Views>(linker, view)?;
    trust::add_to_linker::<_, Views>(linker, view)?;
    events::add_to_linker::<_, Views>(linker, view)?;
    watch::add_to_linker::<_, Views>(linker, view)?;
    runner::add_to_linker::<_, Views>(linker, view)?;
    types::add_to_linker::<_, Views>(linker, view)
}

impl types::Host for View<'_> {}
