//! What a host shim would give, for hosts that have none: events are kept
//! until they are drained, the runner and the watch say what to do instead, and
//! limits are the defaults.

use std::cell::RefCell;
use std::collections::VecDeque;

use exports::sys::compose::events::{self, Event};
use exports::sys::compose::limits;
use exports::sys::compose::runner::{
    self, Configuration, Output, Program, Route, Server, Unserved,
};
use exports::sys::compose::watch;
use sys::compose::types::{Error, ErrorCode};

mod bindings {
    #![allow(missing_docs)]
    wit_bindgen::generate!({
        path: ["../../wit/canon-cbor", "../../wit/canon-wit", "../../wit/sys-compose"],
        world: "sys:compose/standalone",
        pub_export_macro: true,
    });
}
use bindings::{exports, sys};

/// Events beyond this many drop the oldest: nobody is watching.
const KEPT_EVENTS: usize = 10_000;

thread_local! {
    static KEPT: RefCell<VecDeque<Event>> = const { RefCell::new(VecDeque::new()) };
}

struct Standalone;

impl events::Guest for Standalone {
    fn emit(event: Event) {
        KEPT.with_borrow_mut(|kept| {
            if kept.len() == KEPT_EVENTS {
                kept.pop_front();
            }
            kept.push_back(event);
        });
    }

    fn drain() -> Vec<Event> {
        KEPT.with_borrow_mut(|kept| kept.drain(..).collect())
    }

    fn record(target: String) -> Result<(), Error> {
        Err(Error {
            code: ErrorCode::NotImplemented,
            message: "events are kept until they are drained".to_string(),
            context: Some(target),
        })
    }
}

impl watch::Guest for Standalone {
    fn files(paths: Vec<String>) -> Result<(), Error> {
        Err(Error {
            code: ErrorCode::NotImplemented,
            message: "this host does nothing again when a file changes, as `composectl` does"
                .to_string(),
            context: paths.into_iter().next(),
        })
    }
}

impl limits::Guest for Standalone {
    /// The defaults.
    fn get() -> Vec<(String, u64)> {
        Vec::new()
    }
}

impl runner::Guest for Standalone {
    fn fingerprint() -> String {
        "standalone".to_string()
    }

    fn run(root: Program, _: Configuration) -> Result<(u32, Output), Error> {
        Err(no_runner(&root, "run"))
    }

    fn invoke(root: Program, _: String, _: Configuration) -> Result<(String, Output), Error> {
        Err(no_runner(&root, "run --invoke CALL"))
    }

    fn serve(routes: Vec<Route>, _: Server) -> Result<(), Unserved> {
        routes.first().map_or(Ok(()), |first| {
            Err(Unserved {
                route: Some(0),
                error: no_runner(&first.root, "serve"),
            })
        })
    }
}

fn no_runner(root: &Program, command: &str) -> Error {
    let hex: String = root
        .artifact
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Error {
        code: ErrorCode::NotImplemented,
        message: format!(
            "this host has no runner, as `composectl` has one: write the artifact with \
             `emit build PLAN -o OUT` and run that, with `wasmtime {command} OUT`"
        ),
        context: Some(format!("sha256:{hex}")),
    }
}

bindings::export!(Standalone with_types_in bindings);
