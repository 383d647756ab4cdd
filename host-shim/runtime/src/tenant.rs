//! Compiled code and the engine that runs it, which tenants do not share.
//!
//! What a program is made of is compiled in parts (`split`): each core module once,
//! whatever embeds it, and the wrapper that is particular to the program.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};
use wasmtime::component::{Component, InstancePre, Linker};
use wasmtime::error::Context as _;
use wasmtime::{Engine, Module, Result};

use crate::code_cache::{Code, CodeCache, TenantCode};
use crate::engine::{Kind, Purpose, engine};
use crate::guest::Guest;
use crate::linker::{Reach, linker};
use crate::split::{CoreModule, split};

/// A core module, once somebody has compiled it.
type Slot = Arc<Mutex<Option<Module>>>;

/// Adds what the embedder gives to guests.
type Give = fn(&mut Linker<Guest>) -> Result<()>;

/// Compiled code, the engines that run it and what guests may import; with each
/// program, what the embedder knows of it.
pub struct Tenant<T> {
    purpose: Purpose,
    is_deterministic: bool,
    give: Give,
    /// For programs that are not concurrent, and for those that are.
    sides: [Mutex<Option<Arc<Side>>>; 2],
    code: Option<TenantCode>,
    programs: Mutex<HashMap<[u8; 32], Linked<T>>>,
}

/// A program that was linked, and what is known of it.
#[derive(Clone)]
struct Linked<T> {
    pre: InstancePre<Guest>,
    images: Arc<Images>,
    known: T,
}

/// The core modules of a program that were compiled by themselves: each by where its
/// code is, which no other has while the program is there.
#[derive(Debug)]
pub struct Images(HashMap<usize, [u8; 32]>);

impl Images {
    /// The digest of a module that was compiled by itself.
    pub fn digest(&self, module: &Module) -> Option<&[u8; 32]> {
        self.0.get(&image(module))
    }
}

/// Where a module's code is. The modules of one component share it.
fn image(module: &Module) -> usize {
    module.image_range().start.addr()
}

/// An engine, what its guests may import, and the core modules that were compiled for it.
struct Side {
    engine: Engine,
    /// For programs within reach of this machine alone, and for the others.
    linkers: [OnceLock<Linker<Guest>>; 2],
    modules: Mutex<HashMap<[u8; 32], Slot>>,
}

impl Side {
    /// The place of a core module.
    fn slot(&self, digest: &[u8; 32]) -> Slot {
        locked(&self.modules).entry(*digest).or_default().clone()
    }
}

/// A program that was compiled, and is not linked yet.
pub struct Compiled {
    side: Arc<Side>,
    wrapper: Component,
    modules: Vec<(CoreModule, Module)>,
    /// The core modules that had to be compiled for it.
    pub made: Vec<Made>,
}

/// A core module that was compiled, and not found.
#[derive(Clone, Debug)]
pub struct Made {
    /// Its sha-256.
    pub digest: [u8; 32],
    /// How large it is.
    pub bytes: usize,
    /// How long that took.
    pub duration: Duration,
}

impl<T: Clone + Send> Tenant<T> {
    /// The code of a tenant, or of those who name none. Compiled code is kept
    /// in the user's cache, if there is one, and never in the store, which others
    /// may write to. Code that is deterministic computes the same on every processor.
    /// Guests may import what is WASI's, and what `give` adds.
    pub fn new(
        name: Option<&str>,
        purpose: Purpose,
        is_deterministic: bool,
        cache: Option<&CodeCache>,
        give: Give,
    ) -> Self {
        Self {
            purpose,
            is_deterministic,
            give,
            sides: Default::default(),
            code: cache.map(|cache| cache.of(name)),
            programs: Mutex::default(),
        }
    }

    /// The engine for programs that are concurrent, or for the others; it is ticked.
    fn side(&self, is_concurrent: bool) -> Result<Arc<Side>> {
        let mut side = locked(&self.sides[usize::from(is_concurrent)]);
        if let Some(side) = &*side {
            return Ok(side.clone());
        }
        let engine = engine(Kind {
            purpose: self.purpose,
            is_deterministic: self.is_deterministic,
            is_concurrent,
        })?;
        let made = Arc::new(Side {
            engine,
            linkers: Default::default(),
            modules: Mutex::default(),
        });
        *side = Some(made.clone());
        Ok(made)
    }

    /// Compiles a component, but for what was compiled before. One that is not concurrent
    /// has no async functions, and imports nothing of WASI 0.3.
    ///
    /// # Errors
    /// When the machine is none that code is made for, or it is no component that its
    /// engine takes.
    pub fn compile(&self, bytes: &[u8], is_concurrent: bool) -> Result<Compiled> {
        let side = self.side(is_concurrent)?;
        let split = split(bytes)?;
        let digest = Sha256::digest(&split.wrapper).into();
        let kept = self.load(&side, &digest);
        let known: Vec<Option<Module>> = split
            .modules
            .iter()
            .map(|module| self.known(&side, &module.digest))
            .collect();
        let module = |(module, known): &(&CoreModule, Option<Module>)| {
            if let Some(known) = known {
                return Ok((known.clone(), None));
            }
            let compiled = self.module(&side, &module.digest, &bytes[module.range.clone()]);
            compiled.with_context(|| format!("core module at byte {}", module.range.start))
        };
        let is_known = known.iter().all(Option::is_some);
        let modules: Vec<_> = split.modules.iter().zip(known).collect();
        let is_new = kept.is_none();
        let wrapper = || -> Result<Component> {
            if let Some(kept) = kept {
                return Ok(kept);
            }
            let made = Component::new(&side.engine, &split.wrapper)?;
            self.keep_code(&side, &digest, &made);
            Ok(made)
        };
        // To start threads takes longer than to look at what is there.
        let (wrapper, compiled) = match is_known {
            true => (wrapper(), modules.iter().map(module).collect()),
            false => thread::scope(|scope| {
                let modules = scope.spawn(|| each(&modules, module));
                let wrapper = wrapper();
                let modules = modules.join();
                let modules = modules.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                (wrapper, modules)
            }),
        };
        let mut compiled: Vec<_> = compiled.into_iter().collect::<Result<_>>()?;
        let wrapper = wrapper?;
        let made: Vec<Made> = compiled
            .iter_mut()
            .filter_map(|(_, made)| made.take())
            .collect();
        if let Some(code) = &self.code
            && (is_new || !made.is_empty())
        {
            code.prune();
        }
        let modules = compiled.into_iter().map(|(module, _)| module);
        Ok(Compiled {
            side,
            wrapper,
            modules: split.modules.into_iter().zip(modules).collect(),
            made,
        })
    }

    /// A core module that is in memory or was kept, if nobody compiles it right now.
    fn known(&self, side: &Side, digest: &[u8; 32]) -> Option<Module> {
        let slot = side.slot(digest);
        let mut slot = slot.try_lock().ok()?;
        if slot.is_none() {
            *slot = self.load(side, digest);
        }
        slot.clone()
    }

    /// A core module, which two who ask at once have compiled once.
    fn module(
        &self,
        side: &Side,
        digest: &[u8; 32],
        bytes: &[u8],
    ) -> Result<(Module, Option<Made>)> {
        let slot = side.slot(digest);
        let mut slot = locked(&slot);
        if let Some(module) = &*slot {
            return Ok((module.clone(), None));
        }
        let started = Instant::now();
        let module = Module::new(&side.engine, bytes)?;
        let made = Made {
            digest: *digest,
            bytes: bytes.len(),
            duration: started.elapsed(),
        };
        self.keep_code(side, digest, &module);
        *slot = Some(module.clone());
        Ok((module, Some(made)))
    }

    /// What was kept of a digest.
    fn load<C: Code>(&self, side: &Side, digest: &[u8; 32]) -> Option<C> {
        self.code.as_ref()?.load(&side.engine, digest)
    }

    fn keep_code<C: Code>(&self, side: &Side, digest: &[u8; 32], made: &C) {
        if let Some(code) = &self.code {
            code.keep(&side.engine, digest, made);
        }
    }

    /// What programs of a reach may import.
    fn linker<'a>(&self, side: &'a Side, reach: Reach) -> Result<&'a Linker<Guest>> {
        let made = &side.linkers[usize::from(reach == Reach::Network)];
        if let Some(linker) = made.get() {
            return Ok(linker);
        }
        let mut linker = linker(&side.engine, self.is_deterministic, reach)?;
        (self.give)(&mut linker)?;
        // Another thread may have made the same meanwhile.
        Ok(made.get_or_init(|| linker))
    }

    /// Links a program: what it imports is looked up and checked once, and not for each
    /// instance.
    ///
    /// # Errors
    /// When it imports what this host does not give.
    pub fn link(&self, program: &Compiled) -> Result<InstancePre<Guest>> {
        // No other program is to find these modules.
        let mut linker = self
            .linker(&program.side, Reach::of(&program.wrapper))?
            .clone();
        for (module, compiled) in &program.modules {
            linker.root().module(&module.name(), compiled)?;
        }
        linker.instantiate_pre(&program.wrapper)
    }

    /// What was linked before in this process, by its digest.
    pub fn linked(&self, digest: &[u8; 32]) -> Option<(InstancePre<Guest>, T)> {
        let programs = locked(&self.programs);
        let linked = programs.get(digest)?;
        Some((linked.pre.clone(), linked.known.clone()))
    }

    /// The modules of a program that was linked before in this process.
    pub fn images(&self, digest: &[u8; 32]) -> Option<Arc<Images>> {
        Some(locked(&self.programs).get(digest)?.images.clone())
    }

    /// Keeps what was compiled and linked, for this process.
    pub fn keep(&self, digest: [u8; 32], program: &Compiled, pre: &InstancePre<Guest>, known: T) {
        let modules = program.modules.iter();
        let images = modules.map(|(of, module)| (image(module), of.digest));
        let linked = Linked {
            pre: pre.clone(),
            images: Arc::new(Images(images.collect())),
            known,
        };
        locked(&self.programs).insert(digest, linked);
    }
}

/// Does something with each, on all processors.
fn each<I: Sync, O: Send>(items: &[I], what: impl Fn(&I) -> O + Sync) -> Vec<O> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Relaxed);
            let Some(item) = items.get(at) else {
                return done;
            };
            done.push((at, what(item)));
        }
    };
    let mut done = thread::scope(|scope| {
        let others = 1..processors.min(items.len());
        let others: Vec<_> = others.map(|_| scope.spawn(work)).collect();
        let mut done = work();
        for other in others {
            done.extend(
                other
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            );
        }
        done
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, done)| done).collect()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
