//! `sys:compose/events`.

use super::view::View;
use crate::bindings::sys::compose::events;
use crate::error::{Error, ErrorCode};

impl events::Host for View<'_> {
    fn emit(&mut self, event: events::Event) {
        match event.kind.as_str() {
            "plan.resolved" => self.host.progress.begin("composing"),
            "plan.composed" => self.host.progress.begin("writing"),
            _ => self.host.progress.end(),
        }
        self.host.events.phase(event);
    }

    fn drain(&mut self) -> Vec<events::Event> {
        self.host.events.drain()
    }

    fn record(&mut self, target: String) -> Result<(), Error> {
        self.host.events.record(&target).map_err(|error| Error {
            code: ErrorCode::InvalidInput,
            message: format!("cannot write events to `{target}`: {error}"),
            context: Some(target),
        })
    }
}
