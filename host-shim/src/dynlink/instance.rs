//! A provider that a guest resolved, in a store of its own.

use std::sync::Arc;

use composectl_runtime::{Code, Exceeded, Failure, Guest, Meter, metered};
use wasmtime::Store;

use crate::bindings::exports::compose::dynlink::endpoint;
use crate::bindings::sys::compose::runner::Program;
use crate::digest::digest;
use crate::error::{Error, ErrorCode, error};
use crate::failure::sentence;
use crate::guest::{Member, store};
use crate::load::no_endpoint;
use crate::session::Session;

/// A provider that a guest resolved.
pub struct Instance {
    /// The id that it was resolved as.
    pub id: String,
    /// None after it trapped or ran into a limit: nothing can be said of what
    /// it holds.
    alive: Option<Alive>,
}

struct Alive {
    store: Store<Guest>,
    endpoint: endpoint::Guest,
}

/// Loads a provider and instantiates it; the last of the chain is its id. Beside
/// it is the digest of what was instantiated.
pub async fn instantiate(
    session: Arc<Session>,
    program: Program,
    chain: Vec<String>,
) -> Result<(Instance, String), Error> {
    let digest = digest(&program.artifact)?.to_string();
    let id = chain.last().cloned().unwrap_or_default();
    let (pre, footprint) = session.run.resolve(&program).await?;
    let endpoint = endpoint::GuestIndices::new(&pre).map_err(|_| no_endpoint(&id))?;
    let code = session.run.code(&program);
    let mut store = store(
        pre.engine(),
        &session,
        chain,
        program.grants,
        footprint.bytes,
        code.clone(),
    )?;
    let meter = store.data().meter.clone();
    let instantiated = async {
        // It may have used up its time before.
        meter.check()?;
        let loaded = metered(&meter, async {
            let instance = pre.instantiate_async(&mut store).await?;
            endpoint.load(&mut store, &instance)
        });
        loaded.await
    };
    let instantiated = instantiated.await;
    let endpoint =
        instantiated.map_err(|error| of_provider(&id, ended(&session, &meter, &*code, &error)))?;
    let alive = Some(Alive { store, endpoint });
    Ok((Instance { id, alive }, digest))
}

impl Instance {
    /// Calls its endpoint; an answer has at most so many bytes.
    pub async fn invoke(
        &mut self,
        method: &str,
        payload: &[u8],
        limit: u64,
    ) -> Result<Vec<u8>, Error> {
        let Some(Alive { store, endpoint }) = &mut self.alive else {
            let message = format!("`{}` trapped or ran into a limit before", self.id);
            return Err(error(ErrorCode::ExecTrap, message));
        };
        let meter = store.data().meter.clone();
        // Before it runs, which takes no look at the clock.
        let called = match meter.check() {
            Ok(()) => metered(&meter, endpoint.call_handle(&mut *store, method, payload)).await,
            Err(limit) => Err(limit.into()),
        };
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
                let guest = store.data();
                let session = &guest.data::<Member>().session;
                let error = ended(session, &meter, &*guest.code, &error);
                self.alive = None;
                Err(of_provider(&self.id, error))
            }
        }
    }
}

/// Why a provider ended: a sentence for whoever calls it, and what its functions are called
/// beside it. When a limit ended it depends on the machine, so where two runs are to be the
/// same its callers do not hear of it: it ends them, too.
fn ended(session: &Session, meter: &Meter, code: &dyn Code, cause: &wasmtime::Error) -> Error {
    let failure = Failure::of(meter, code, cause);
    if session.run.configuration.deterministic
        && let Some(limit) = failure.limit
    {
        session.stop(limit);
    }
    let functions = failure.backtrace.to_string().replace('\n', "; ");
    Error {
        context: (!functions.is_empty()).then_some(functions),
        ..sentence(&failure)
    }
}

fn of_provider(id: &str, error: Error) -> Error {
    Error {
        message: format!("provider `{id}`: {}", error.message),
        ..error
    }
}
