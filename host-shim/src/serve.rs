//! Runs a program for each HTTP request, the one that it is for, and says which requests
//! failed, and why.

use std::sync::{Arc, Once};
use std::time::SystemTime;

use composectl_runtime::{
    Front, Guest, Handler, Log, Logged, Route, ServeCode, ServeError, Served, Service, Signals,
    Tls, Told, say,
};
use wasmtime::Store;
use wasmtime::component::InstancePre;

use crate::bindings::sys::compose::runner::Server;
use crate::error::{Error, ErrorCode, error, internal};
use crate::events::Events;
use crate::failure::unrecordable;
use crate::guest::request_store;
use crate::host::Host;
use crate::load::trusted;
use crate::program::id_of;
use crate::run::Run;
use crate::time::timestamp;

/// Characters of a line that a server says, and of a path in one.
const LINE: usize = 1000;
const PATH: usize = 200;

/// Serves HTTP until the process is told to stop, or other programs are served in the
/// place of these. A server that is there already serves these from now on.
pub async fn serve(
    host: &Arc<Host>,
    routes: Vec<(Route, Handler)>,
    server: Server,
) -> Result<(), Error> {
    let log = Arc::new(RequestLog {
        host: host.clone(),
        is_of_all: server.access_log,
        unrecorded: Once::new(),
    });
    let front = Front {
        address: server.address,
        tls: server.tls.map(|tls| Tls {
            certificate: tls.certificate,
            key: tls.key,
        }),
        health: server.health,
    };
    let (turn, events) = (&host.turn, &host.events);
    let served = Served { routes, log };
    let opened = turn.serve(served, &front).await.map_err(failure)?;
    // Before anybody is told that it serves, and not before it does: from then on nothing
    // but this ends the process.
    let mut signals = Signals::new().map_err(internal)?;
    match opened {
        Some(address) => listens(events, &address),
        None => {
            events.emit("serve.replaced", &[]);
            say("composectl: serving what the plan says now\n");
        }
    }
    loop {
        tokio::select! {
            () = turn.replaced() => return Ok(()),
            told = signals.told() => match told {
                Told::Stop => break,
                Told::Reload => {
                    say("composectl: reading the plan again\n");
                    turn.do_again();
                }
            }
        }
    }
    let closed = turn.close(signals.stop()).await;
    events.settle();
    let recorded = events.check().map_err(|why| unrecordable(&why));
    closed.map_err(failure).and(recorded)
}

/// Says where it serves, `http://HOST:PORT` or `unix:PATH`.
fn listens(events: &Events, address: &str) {
    say(&format!("composectl: serving on {address}\n"));
    let address = address.split_once("://").map_or(address, |(_, rest)| rest);
    let fields = [("address", address.to_string())];
    events.emit("serve.listening", &fields);
}

fn failure(cause: ServeError) -> Error {
    let code = match cause.code {
        ServeCode::Invalid | ServeCode::NoRoute => ErrorCode::InvalidInput,
        ServeCode::MissingExport => ErrorCode::ExecMissingExport,
        ServeCode::Timeout | ServeCode::Slow => ErrorCode::ExecTimeout,
        ServeCode::Exhausted | ServeCode::Busy => ErrorCode::ExecResourceExhausted,
        ServeCode::Denied => ErrorCode::ExecCapabilityDenied,
        ServeCode::Unrecorded => ErrorCode::BlobIoError,
        ServeCode::Trap => ErrorCode::ExecTrap,
        ServeCode::Internal => ErrorCode::InternalError,
    };
    error(code, cause.message)
}

/// A program that answers requests, if it handles HTTP.
pub fn handler(run: Arc<Run>) -> Result<Handler, Error> {
    let id = id_of(&run.root);
    Handler::new(Arc::new(Root { run, id })).map_err(failure)
}

/// A program that answers requests.
struct Root {
    run: Arc<Run>,
    id: String,
}

impl Service for Root {
    fn name(&self) -> &str {
        &self.id
    }

    fn pre(&self) -> &InstancePre<Guest> {
        &self.run.pre
    }

    fn store(&self, request: u64) -> Result<Store<Guest>, ServeError> {
        let recorded = self.run.events.check();
        recorded.map_err(|why| ServeError::new(ServeCode::Unrecorded, why.to_string()))?;
        // Trust may have been taken back since the last request.
        let trusted = trusted(&self.run.host, &self.run.root);
        let store = trusted.and_then(|()| request_store(&self.run, request));
        store.map_err(|cause| {
            let code = match cause.code {
                ErrorCode::ExecResourceExhausted => ServeCode::Exhausted,
                _ => ServeCode::Internal,
            };
            ServeError::new(code, cause.message)
        })
    }

    fn guests(&self) -> usize {
        self.run.guests
    }
}

/// What is told of requests.
struct RequestLog {
    host: Arc<Host>,
    /// Whether each request has a line, and not those alone that fail.
    is_of_all: bool,
    /// That nothing is recorded any more is said once.
    unrecorded: Once,
}

impl Drop for RequestLog {
    fn drop(&mut self) {
        // The last request may be done long after other programs took the place of these.
        self.host.events.settle();
    }
}

impl Log for RequestLog {
    fn log(&self, request: &Logged<'_>) {
        let events = &self.host.events;
        events.emit("http.request", &fields(request));
        let is_failed = request.error.is_some() || request.status.is_some_and(|code| code >= 500);
        if is_failed || self.is_of_all {
            say(&line(request, SystemTime::now()));
        }
        if let Err(why) = events.check() {
            self.unrecorded.call_once(|| {
                let why = format!("no request is answered any more: {why}");
                say(&format!("composectl: {}\n", shown(&why, LINE)));
            });
        }
    }
}

fn fields(request: &Logged<'_>) -> Vec<(&'static str, String)> {
    let mut fields = vec![("request", request.id.to_string())];
    fields.extend(request.root.map(|root| ("root", root.to_string())));
    fields.push(("method", request.method.to_string()));
    fields.push(("path", request.path.to_string()));
    let status = request.status.map(|status| ("status", status.to_string()));
    fields.extend(status);
    fields.push(("bytes", request.bytes.to_string()));
    fields.push(("duration_us", request.duration.as_micros().to_string()));
    if let Some(error) = request.error {
        fields.push(("code", error.code.name().to_string()));
        let component = error.component.clone();
        fields.extend(component.map(|component| ("component", component)));
        fields.push(("message", error.message.clone()));
        let functions = error.functions.clone();
        fields.extend(functions.map(|functions| ("functions", functions)));
    }
    fields
}

/// A request's line in the log: when it was done, its number, the root that it was for,
/// what was asked, what was answered and how long that took; of one that failed also the
/// code, and why.
fn line(request: &Logged<'_>, now: SystemTime) -> String {
    let status = request
        .status
        .map_or("-".to_string(), |status| status.to_string());
    let mut line = format!(
        "{} [{}] {} {} {} {status} {} B {:.1} ms",
        timestamp(now),
        request.id,
        shown(request.root.unwrap_or("-"), PATH),
        shown(request.method, PATH),
        shown(request.path, PATH),
        request.bytes,
        request.duration.as_secs_f64() * 1000.0,
    );
    match request.error {
        Some(error) => {
            line += &format!(" {}: {}", error.code.name(), shown(&error.message, LINE));
        }
        None if request.status.is_some_and(|status| status >= 500) => {
            line += " the guest's own answer";
        }
        None => {}
    }
    line + "\n"
}

/// At most so many characters, of which none can move the cursor or hide what is beside
/// it: guests and clients choose some of them.
fn shown(text: &str, most: usize) -> String {
    let mut characters = text.chars();
    let mut shown: String = characters
        .by_ref()
        .take(most)
        .map(|character| match character.is_control() {
            true => '\u{fffd}',
            false => character,
        })
        .collect();
    if characters.next().is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_line_says_which_request_failed_and_why() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_838_400_250);
        let path = format!("/{}", "a".repeat(500));
        let error = ServeError::new(ServeCode::Trap, "component \"app\" trapped: x\n\u{1b}[2J");
        let mut request = Logged {
            id: 7,
            root: Some("app"),
            method: "GET",
            path: "/a",
            status: Some(500),
            bytes: 10,
            duration: Duration::from_micros(1250),
            error: Some(&error),
        };
        assert_eq!(
            line(&request, at),
            "2026-11-28T04:00:00.250Z [7] app GET /a 500 10 B 1.2 ms Exec.Trap: component \"app\" \
             trapped: x\u{fffd}\u{fffd}[2J\n"
        );
        request.error = None;
        assert!(line(&request, at).ends_with(" 1.2 ms the guest's own answer\n"));
        request.root = None;
        assert!(line(&request, at).contains(" [7] - GET /a 500 "));
        request.path = &path;
        request.status = None;
        assert!(line(&request, at).ends_with("aaa… - 10 B 1.2 ms\n"));
    }
}
