//! Runs a program for each HTTP request.

use std::future::pending;
use std::io;
use std::sync::{Arc, Once};

use composectl_runtime::{Guest, Later, ServeCode, ServeError, Service, say};
use tokio::net::TcpListener;
use wasmtime::Store;
use wasmtime::component::InstancePre;

use crate::error::{Error, ErrorCode, error};
use crate::failure::unrecordable;
use crate::guest::root_store;
use crate::load::trusted;
use crate::run::Run;

/// Characters of a line that a server says.
const LINE: usize = 500;

/// Serves HTTP at an address until the process is told to stop.
pub async fn serve(run: &Arc<Run>, address: &str) -> Result<(), Error> {
    let service = Arc::new(Served {
        run: run.clone(),
        unrecorded: Once::new(),
    });
    let served = composectl_runtime::serve(service, address).await;
    run.events.settle();
    let served = served.map_err(|cause| {
        let code = match cause.code {
            ServeCode::Invalid => ErrorCode::InvalidInput,
            ServeCode::MissingExport => ErrorCode::ExecMissingExport,
            ServeCode::Timeout | ServeCode::Slow => ErrorCode::ExecTimeout,
            ServeCode::Exhausted | ServeCode::Busy => ErrorCode::ExecResourceExhausted,
            ServeCode::Denied => ErrorCode::ExecCapabilityDenied,
            ServeCode::Unrecorded => ErrorCode::BlobIoError,
            ServeCode::Trap => ErrorCode::ExecTrap,
            ServeCode::Internal => ErrorCode::InternalError,
        };
        error(code, cause.message)
    });
    let recorded = run.events.check().map_err(|why| unrecordable(&why));
    served.and(recorded)
}

/// A program that answers requests.
struct Served {
    run: Arc<Run>,
    /// That nothing is recorded any more is said once.
    unrecorded: Once,
}

impl Service for Served {
    fn pre(&self) -> &InstancePre<Guest> {
        &self.run.pre
    }

    fn store(&self) -> Result<Store<Guest>, ServeError> {
        let recorded = self.run.events.check();
        recorded.map_err(|why| ServeError::new(ServeCode::Unrecorded, why.to_string()))?;
        // Trust may have been taken back since the last request.
        let trusted = trusted(&self.run.host, &self.run.root);
        let store = trusted.and_then(|()| root_store(&self.run));
        store.map_err(|cause| {
            let code = match cause.code {
                ErrorCode::ExecResourceExhausted => ServeCode::Exhausted,
                _ => ServeCode::Internal,
            };
            ServeError::new(code, cause.message)
        })
    }

    fn listen<'a>(&'a self, address: &'a str) -> Later<'a, io::Result<TcpListener>> {
        Box::pin(async move {
            match &self.run.host.turn {
                Some(turn) => turn.listen(address).await,
                None => TcpListener::bind(address).await,
            }
        })
    }

    fn replaced(&self) -> Later<'_, ()> {
        Box::pin(async move {
            match &self.run.host.turn {
                Some(turn) => turn.replaced().await,
                None => pending().await,
            }
        })
    }

    fn guests(&self) -> usize {
        self.run.guests
    }

    fn event(&self, kind: &str, fields: &[(&str, String)]) {
        if let ("serve.listening", [(_, address)]) = (kind, fields) {
            say(&format!("composectl: serving on http://{address}\n"));
        }
        self.run.events.emit(kind, fields);
        if let Err(why) = self.run.events.check() {
            self.unrecorded.call_once(|| {
                self.say(&format!("no request is answered any more: {why}"));
            });
        }
    }

    fn say(&self, text: &str) {
        // Guests choose some of it.
        let line: String = text.chars().take(LINE).map(shown).collect();
        say(&format!("composectl: {line}\n"));
    }
}

/// A character, where it cannot move the cursor or hide what is beside it.
fn shown(character: char) -> char {
    match character.is_control() {
        true => '\u{fffd}',
        false => character,
    }
}
