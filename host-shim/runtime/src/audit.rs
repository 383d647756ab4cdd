//! What audited guests say of their calls (`sys:compose/audit`).

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use wasmtime::component::Linker;
use wasmtime::{Result, StoreContextMut, bail};

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
    /// How many of its calls are written down.
    recorded: u64,
}

/// Writes down what guests call.
pub trait Record: Send + Sync {
    /// A guest will call functions, and may have calls to write down at any time.
    fn watch(&self, audit: &Arc<Audit>);

    /// Writes down what is known of a function; returns when that is done.
    ///
    /// # Errors
    /// When it cannot be written, now or since before.
    fn used(&self, used: &Use) -> Result<(), Unrecorded>;

    /// Looks whether what was to be written before was written.
    ///
    /// # Errors
    /// When it was not.
    fn check(&self) -> Result<(), Unrecorded>;
}

/// A call could not be written down, so it does not go on.
#[derive(Clone, Debug)]
pub struct Unrecorded(pub String);

impl fmt::Display for Unrecorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "what it calls cannot be recorded: {}", self.0)
    }
}

impl std::error::Error for Unrecorded {}

/// What a guest called.
#[derive(Default)]
pub struct Audit {
    /// None where nobody wants to know.
    record: Option<Box<dyn Record>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    uses: Vec<Use>,
    bytes: usize,
}

impl Audit {
    /// Nothing is called yet.
    pub fn new(record: impl Record + 'static) -> Arc<Self> {
        Arc::new(Self {
            record: Some(Box::new(record)),
            state: Mutex::default(),
        })
    }

    /// Writes down the calls that are not, in the order of the first ones.
    ///
    /// # Errors
    /// When one cannot be written.
    pub fn flush(&self) -> Result<(), Unrecorded> {
        let Some(record) = &self.record else {
            return Ok(());
        };
        let mut state = self.state();
        let unrecorded = state
            .uses
            .iter_mut()
            .filter(|used| used.calls > used.recorded);
        let mut unrecorded: Vec<_> = unrecorded.collect();
        unrecorded.sort_by_key(|used| used.first);
        for used in unrecorded {
            record.used(used)?;
            used.recorded = used.calls;
        }
        Ok(())
    }

    fn declare(
        self: &Arc<Self>,
        component: String,
        interface: String,
        function: String,
    ) -> Result<u32> {
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
            recorded: 0,
        });
        let declared = u32::try_from(state.uses.len()).expect("there are few");
        drop(state);
        if let (1, Some(record)) = (declared, &self.record) {
            record.watch(self);
        }
        Ok(declared - 1)
    }

    /// Counts a call, which goes on when this returns.
    fn called(&self, function: u32) -> Result<()> {
        let mut state = self.state();
        let Some(used) = state.uses.get_mut(function as usize) else {
            bail!("the guest says that it calls a function that it did not declare");
        };
        used.last = Instant::now();
        used.calls += 1;
        let Some(record) = &self.record else {
            return Ok(());
        };
        if used.calls > 1 {
            return Ok(record.check()?);
        }
        used.first = used.last;
        record.used(used)?;
        used.recorded = used.calls;
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `sys:compose/audit`, of whatever a store has that keeps the calls of its guest.
pub(crate) fn add_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    audit_of: fn(&T) -> &Arc<Audit>,
) -> Result<()> {
    let mut audit = linker.instance("sys:compose/audit@1.0.0")?;
    let of = move |store: &StoreContextMut<'_, T>| -> Arc<Audit> { audit_of(store.data()).clone() };
    audit.func_wrap("declare", move |store, names: (String, String, String)| {
        let (component, interface, function) = names;
        Ok((of(&store).declare(component, interface, function)?,))
    })?;
    audit.func_wrap("called", move |store, (function,): (u32,)| {
        of(&store).called(function)
    })
}
