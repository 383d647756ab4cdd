//! `compose:dynlink`: guests resolve components of their plan while they run.
//! Each gets a store of its own, and lives as long as the handle to it.

use std::sync::Arc;
use std::time::Instant;

use wasi_guest::{Exceeded, Failure, Guest, Meter, metered};
use wasmtime::Store;
use wasmtime::component::{HasSelf, Linker, Resource};

use crate::bindings::compose::dynlink::linker;
use crate::bindings::exports::compose::dynlink::endpoint;
use crate::bindings::sys::compose::runner::{Configuration, Grants, Part, Program};
use crate::events::code_name;
use crate::guest::{Member, store};
use crate::host::digest;
use crate::load::{id_of, no_endpoint};
use crate::run::{Session, error, failure};
use crate::types::{Error, ErrorCode};

/// How many may resolve each other, one from the other: each is on the stack
/// of the one before.
const DEPTH: usize = 32;

/// A provider that a guest resolved.
pub struct Instance {
    id: String,
    /// None after it trapped or ran into a limit: nothing can be said of what
    /// it holds.
    alive: Option<Alive>,
}

struct Alive {
    store: Store<Guest>,
    endpoint: endpoint::Guest,
}

/// `compose:dynlink/linker`.
pub fn add_to_linker(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    linker::add_to_linker::<Guest, HasSelf<Guest>>(linker, |guest| guest)
}

impl linker::Host for Guest {
    async fn resolve_by_digest(&mut self, digest: Vec<u8>) -> Result<Resource<Instance>, Error> {
        if digest.len() != 32 {
            let message = format!("{} bytes, where a sha-256 digest has 32", digest.len());
            return Err(error(ErrorCode::EmitInvalidDigest, message));
        }
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        resolve(self, &format!("sha256:{hex}"), |part| part.digest == digest).await
    }

    async fn resolve_by_id(&mut self, id: String) -> Result<Resource<Instance>, Error> {
        resolve(self, &id, |part| part.id == id).await
    }
}

impl linker::HostInstance for Guest {
    async fn invoke(
        &mut self,
        instance: Resource<Instance>,
        method: String,
        payload: Vec<u8>,
    ) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        self.meter.call();
        if !self.data::<Member>().is_granted(Grants::INVOKE) {
            return Ok(Err(denied("dynlink:invoke")));
        }
        let run = &self.data::<Member>().session.run;
        let limit = run.configuration.limits.output_bytes;
        let instance = self.table.get_mut(&instance)?;
        Ok(instance.invoke(&method, &payload, limit).await)
    }

    fn drop(&mut self, instance: Resource<Instance>) -> wasmtime::Result<()> {
        self.meter.call();
        self.table.delete(instance)?;
        Ok(())
    }
}

async fn resolve(
    guest: &mut Guest,
    wanted: &str,
    is_wanted: impl Fn(&Part) -> bool,
) -> Result<Resource<Instance>, Error> {
    guest.meter.call();
    let started = Instant::now();
    let member = guest.data::<Member>();
    let session = member.session.clone();
    let from = member.chain.last().cloned().unwrap_or_default();
    let resolved = match member.look_up(wanted, is_wanted) {
        Ok((program, chain)) => instantiate(session.clone(), program, chain).await,
        Err(error) => Err(error),
    };
    let resolved = resolved.and_then(|(instance, digest)| {
        let id = instance.id.clone();
        let full = |_| {
            let message = Exceeded::Handles.to_string();
            error(ErrorCode::ExecResourceExhausted, message)
        };
        Ok((id, digest, guest.table.push(instance).map_err(full)?))
    });
    let events = &session.run.events;
    match resolved {
        Ok((id, digest, handle)) => {
            let duration = started.elapsed().as_micros().to_string();
            let fields = [
                ("id", id),
                ("digest", digest),
                ("from", from),
                ("duration_us", duration),
            ];
            events.emit("link.resolved", &fields);
            Ok(handle)
        }
        Err(error) => {
            let fields = [
                ("id", wanted.to_string()),
                ("from", from),
                ("code", code_name(error.code)),
            ];
            events.emit("link.refused", &fields);
            Err(error)
        }
    }
}

impl Member {
    fn is_granted(&self, capability: Grants) -> bool {
        self.grants.contains(capability)
    }

    /// A program of the plan, and the ids that lead to it.
    fn look_up(
        &self,
        wanted: &str,
        is_wanted: impl Fn(&Part) -> bool,
    ) -> Result<(Program, Vec<String>), Error> {
        if !self.is_granted(Grants::RESOLVE) {
            return Err(denied("dynlink:resolve"));
        }
        let Configuration {
            links, uncallable, ..
        } = &self.session.run.configuration;
        let mut found = links
            .iter()
            .filter(|program| program.parts.first().is_some_and(&is_wanted));
        let Some(program) = found.next() else {
            if let Some(part) = uncallable.iter().find(|part| is_wanted(part)) {
                return Err(no_endpoint(&part.id));
            }
            let message = match links.is_empty() {
                true => format!("`{wanted}`: the plan's linkage is not \"runtime\""),
                false => format!("the plan has no component `{wanted}`"),
            };
            return Err(error(ErrorCode::InvalidInput, message));
        };
        let is_other =
            |other: &Program| other.artifact != program.artifact || other.grants != program.grants;
        if found.any(is_other) {
            let message = format!(
                "`{wanted}` is of several programs, which are bound or granted differently: resolve it by an id"
            );
            return Err(error(ErrorCode::InvalidInput, message));
        }
        let id = id_of(program);
        let mut chain = self.chain.clone();
        let is_cycle = chain.contains(&id);
        chain.push(id);
        let shown = || chain.join(" → ");
        if is_cycle {
            let message = format!("`{wanted}` needs itself: {}", shown());
            return Err(error(ErrorCode::PlanCycleDetected, message));
        }
        if chain.len() > DEPTH {
            let message = format!("more than {DEPTH} resolve each other: {}", shown());
            return Err(error(ErrorCode::ExecResourceExhausted, message));
        }
        Ok((program.clone(), chain))
    }
}

/// Loads a provider and instantiates it; the last of the chain is its id. Beside
/// it is the digest of what was instantiated.
async fn instantiate(
    session: Arc<Session>,
    program: Program,
    chain: Vec<String>,
) -> Result<(Instance, String), Error> {
    let digest = digest(&program.artifact)?.to_string();
    let id = chain.last().cloned().unwrap_or_default();
    let (pre, footprint) = session.run.resolve(&program).await?;
    let endpoint = endpoint::GuestIndices::new(&pre).map_err(|_| no_endpoint(&id))?;
    let mut store = store(&session, chain, program.grants, footprint)?;
    let meter = store.data().meter.clone();
    let instantiated = metered(&meter, async {
        // It may have used up its time before.
        meter.check()?;
        let instance = pre.instantiate_async(&mut store).await?;
        endpoint.load(&mut store, &instance)
    });
    let instantiated = instantiated.await;
    let endpoint =
        instantiated.map_err(|error| of_provider(&id, ended(&session, &meter, error)))?;
    let alive = Some(Alive { store, endpoint });
    Ok((Instance { id, alive }, digest))
}

impl Instance {
    async fn invoke(&mut self, method: &str, payload: &[u8], limit: u64) -> Result<Vec<u8>, Error> {
        let Some(Alive { store, endpoint }) = &mut self.alive else {
            let message = format!("`{}` trapped or ran into a limit before", self.id);
            return Err(error(ErrorCode::ExecTrap, message));
        };
        let meter = store.data().meter.clone();
        let called = metered(&meter, async {
            meter.check()?;
            endpoint.call_handle(&mut *store, method, payload).await
        });
        let called = called.await;
        match called {
            Ok(Ok(answer)) if answer.len() as u64 > limit => Err(of_provider(
                &self.id,
                error(
                    ErrorCode::ExecResourceExhausted,
                    format!("its answer: {}", Exceeded::Output(limit)),
                ),
            )),
            // The provider's own error passes as it is.
            Ok(result) => result,
            Err(error) => {
                let error = ended(&store.data().data::<Member>().session, &meter, error);
                self.alive = None;
                Err(of_provider(&self.id, error))
            }
        }
    }
}

/// Why a provider ended. When a limit ended it depends on the machine, so where two
/// runs are to be the same its callers do not hear of it: it ends them, too.
fn ended(session: &Session, meter: &Meter, cause: wasmtime::Error) -> Error {
    if session.run.configuration.deterministic
        && let Some(limit) = Failure::of(meter, &cause).limit
    {
        session.stop(limit);
    }
    failure(meter, cause)
}

fn of_provider(id: &str, error: Error) -> Error {
    Error {
        message: format!("provider `{id}`: {}", error.message),
        ..error
    }
}

fn denied(capability: &str) -> Error {
    let message =
        format!("`{capability}` is not granted: name it in the plan's capabilities, or allow it");
    Error {
        context: Some(capability.to_string()),
        ..error(ErrorCode::ExecCapabilityDenied, message)
    }
}
