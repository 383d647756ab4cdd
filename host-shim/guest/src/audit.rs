//! What audited guests say of their calls (`sys:compose/audit`).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use wasmtime::component::Linker;
use wasmtime::{Result, StoreContextMut, bail};

use crate::Guest;

/// Functions that a guest may declare, and bytes of all their names: what
/// composing makes declares each function of its imports once.
const FUNCTIONS: usize = 10_000;
const BYTES: usize = 4 << 20;

/// A function of an import, as one component of an artifact uses it.
#[derive(Clone, Debug)]
pub struct Use {
    /// The component.
    pub component: String,
    /// The import's interface.
    pub interface: String,
    /// The function.
    pub function: String,
    /// How often it was called.
    pub calls: u64,
    /// When it was called first.
    pub first: Instant,
    /// When it was called last.
    pub last: Instant,
}

/// What a guest called.
#[derive(Debug, Default)]
pub struct Audit {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    uses: Vec<Use>,
    bytes: usize,
}

impl Audit {
    /// What was called, in the order of the first calls.
    pub fn take(&self) -> Vec<Use> {
        let mut uses = std::mem::take(&mut self.state().uses);
        uses.retain(|used| used.calls > 0);
        uses.sort_by_key(|used| used.first);
        uses
    }

    fn declare(&self, component: String, interface: String, function: String) -> Result<u32> {
        let mut state = self.state();
        state.bytes += component.len() + interface.len() + function.len();
        if state.uses.len() == FUNCTIONS || state.bytes > BYTES {
            bail!("the guest declares more functions than imports can have");
        }
        let now = Instant::now();
        state.uses.push(Use {
            component,
            interface,
            function,
            calls: 0,
            first: now,
            last: now,
        });
        Ok(state.uses.len() as u32 - 1)
    }

    fn called(&self, function: u32) -> Result<()> {
        let mut state = self.state();
        let Some(used) = state.uses.get_mut(function as usize) else {
            bail!("the guest says that it calls a function that it did not declare");
        };
        used.last = Instant::now();
        if used.calls == 0 {
            used.first = used.last;
        }
        used.calls += 1;
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `sys:compose/audit`.
pub(crate) fn add_to_linker(linker: &mut Linker<Guest>) -> Result<()> {
    let mut audit = linker.instance("sys:compose/audit@1.0.0")?;
    let of = |store: &StoreContextMut<'_, Guest>| -> Arc<Audit> { store.data().audit.clone() };
    audit.func_wrap("declare", move |store, names: (String, String, String)| {
        let (component, interface, function) = names;
        Ok((of(&store).declare(component, interface, function)?,))
    })?;
    audit.func_wrap("called", move |store, (function,): (u32,)| {
        of(&store).called(function)
    })
}
