//! Where a guest was when it ended: the components that it was in, from the one
//! that ended it out to the export that the host called.

use std::fmt;
use std::sync::Arc;

use rustc_demangle::try_demangle;
use wasmtime::{FrameInfo, WasmBacktrace};

/// Components that are told, of those that call each other; the outermost one is
/// told in any case.
const STOPS: usize = 6;

/// Functions of each that are told, the innermost first.
const FUNCTIONS: usize = 12;

/// Components that are named where a stop can be of several.
const NAMED: usize = 3;

/// Characters of a name: names have no end.
const NAME: usize = 120;

/// Frames that are kept of a guest's stack: one that has overflowed may have more,
/// whose outermost ones are not told.
pub(crate) const FRAMES: usize = 1 << 14;

/// What an async function's own prefixes are, in the names of core exports.
const PREFIXES: [&str; 3] = ["[callback]", "[async-lift]", "[async-lift-stackful]"];

/// Says whose code a guest's frames are of.
pub trait Code: Send + Sync + 'static {
    /// Whose code a frame is of; none where it is nobody's of a plan, such as
    /// what the runtime makes to pass values from one component to another.
    fn place(&self, frame: &FrameInfo) -> Option<Place>;
}

/// Code of which nothing is known.
pub struct Unknown;

impl Code for Unknown {
    fn place(&self, _: &FrameInfo) -> Option<Place> {
        None
    }
}

/// Whose code a frame is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The ids of the components that have this code, in order, and each once: never
    /// none, and several where components share a core module.
    pub components: Arc<[String]>,
    /// The name under which its core module exports the frame's function, such as
    /// `wasi:cli/run@0.2.6#run`.
    pub export: Option<String>,
}

/// The ids that are in two lists; none where there are none.
fn in_both(one: &Arc<[String]>, other: &Arc<[String]>) -> Option<Arc<[String]>> {
    if Arc::ptr_eq(one, other) {
        return Some(one.clone());
    }
    let both: Arc<[String]> = one
        .iter()
        .filter(|id| other.contains(id))
        .cloned()
        .collect();
    (!both.is_empty()).then_some(both)
}

impl Stop {
    /// The component, for people: `"app"`, or `"a" or "b"` where it can be both.
    fn component(&self) -> String {
        let named = self.components.iter().take(NAMED);
        let named: Vec<String> = named.map(|id| format!("{id:?}")).collect();
        let named = named.join(" or ");
        match self.components.len().checked_sub(NAMED) {
            None | Some(0) => named,
            Some(others) => format!("{named} or {others} others"),
        }
    }
}

/// The components that were on a guest's stack, the innermost first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backtrace {
    stops: Vec<Stop>,
}

/// A component that was entered, and has not returned.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stop {
    /// Which component it can be, by all of its frames.
    components: Arc<[String]>,
    /// Its functions, the innermost first, as many as are told.
    functions: Vec<String>,
    /// How many there are besides.
    untold: usize,
    /// The export through which it was entered, where it has a name.
    export: Option<String>,
}

impl Backtrace {
    /// Reads it from the runtime's own.
    pub fn of(backtrace: &WasmBacktrace, code: &dyn Code) -> Self {
        let frames = backtrace.frames().iter();
        Self::from_frames(frames.map(|frame| {
            let place = code.place(frame)?;
            let export = place.export.clone();
            let name = move || {
                let name = frame.func_name().or(export.as_deref());
                name.map_or_else(|| format!("function {}", frame.func_index()), readable)
            };
            Some((place, name))
        }))
    }

    /// Reads it from frames with the names of their functions, of which the first are made:
    /// a stack that has overflowed has thousands. What is nobody's lies between one
    /// component and the next, also where both are one.
    fn from_frames<N: FnOnce() -> String>(
        frames: impl Iterator<Item = Option<(Place, N)>>,
    ) -> Self {
        let mut stops: Vec<Stop> = Vec::new();
        let mut is_entered = false;
        for frame in frames {
            let Some((place, name)) = frame else {
                is_entered = false;
                continue;
            };
            let both = match stops.last() {
                Some(stop) if is_entered => in_both(&stop.components, &place.components),
                _ => None,
            };
            match (stops.last_mut(), both) {
                (Some(stop), Some(both)) => {
                    stop.components = both;
                    match stop.functions.len() < FUNCTIONS {
                        true => stop.functions.push(name()),
                        false => stop.untold += 1,
                    }
                    stop.export = place.export;
                }
                _ => stops.push(Stop {
                    components: place.components,
                    functions: vec![name()],
                    untold: 0,
                    export: place.export,
                }),
            }
            is_entered = true;
        }
        for stop in &mut stops {
            stop.export = stop.export.as_deref().map(interface_function);
        }
        Self { stops }
    }

    /// The component that ended the guest, for people.
    pub fn component(&self) -> Option<String> {
        Some(self.stops.first()?.component())
    }

    /// Which export of it was called, and by whom, out to the one that the host
    /// called: `in a:b/c#f, called by "app" in wasi:cli/run@0.2.6#run`. None where
    /// nothing is known.
    pub fn calls(&self) -> Option<String> {
        let export = |stop: &Stop| stop.export.as_ref().map(|export| format!(" in {export}"));
        let (innermost, callers) = self.stops.split_first()?;
        let mut calls = export(innermost).unwrap_or_default();
        let left_out = left_out(callers.len(), STOPS - 1);
        for (index, caller) in callers.iter().enumerate() {
            if index == left_out.start {
                calls += &format!(", called by {} others", left_out.len());
            }
            if !left_out.contains(&index) {
                let by = export(caller).unwrap_or_default();
                calls += &format!(", called by {}{by}", caller.component());
            }
        }
        let calls = calls.trim_start_matches([',', ' ']);
        (!calls.is_empty()).then(|| calls.to_string())
    }
}

/// Which of so many are left out where only so many are told: those right before
/// the last one.
fn left_out(count: usize, most: usize) -> std::ops::Range<usize> {
    match count <= most {
        true => count..count,
        false => most - 1..count - 1,
    }
}

/// The functions of each component, a line each, the innermost first.
impl fmt::Display for Backtrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left_out = left_out(self.stops.len(), STOPS);
        for (index, stop) in self.stops.iter().enumerate() {
            if index == left_out.start {
                writeln!(f, "{} others", left_out.len())?;
            }
            if left_out.contains(&index) {
                continue;
            }
            write!(f, "{}: {}", stop.component(), stop.functions.join(" < "))?;
            match (stop.untold, &stop.export) {
                (0, _) => {}
                (untold, None) => write!(f, " < {untold} others")?,
                (untold, Some(export)) => write!(f, " < {untold} others < {export}")?,
            }
            if index + 1 < self.stops.len() {
                writeln!(f)?;
            }
        }
        Ok(())
    }
}

/// A function's name as its programmer knows it, on one line and not longer than
/// others.
fn readable(name: &str) -> String {
    let name = match try_demangle(name) {
        Ok(demangled) => format!("{demangled:#}"),
        Err(_) => interface_function(name),
    };
    name.chars().take(NAME).collect()
}

/// A core export as the interface and function that it is.
fn interface_function(export: &str) -> String {
    let mut name = export;
    while let Some(rest) = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix)) {
        name = rest;
    }
    name.chars().take(NAME).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(
        component: &str,
        name: &str,
        export: Option<&str>,
    ) -> Option<(Place, impl FnOnce() -> String + use<>)> {
        let place = Place {
            components: Arc::new([component.to_string()]),
            export: export.map(str::to_string),
        };
        let name = readable(name);
        Some((place, move || name))
    }

    #[test]
    fn each_component_that_was_entered() {
        let run = Some("wasi:cli/run@0.2.6#run");
        let quote = Some("acme:pricing/quote@1.0.0#[method]item.total");
        let backtrace = Backtrace::from_frames(
            [
                frame("pricing", "_RNvCs4fqI2P2rA04_7pricing5total", None),
                frame("pricing", "total", quote),
                None,
                None,
                frame("shop", "function 7", None),
                frame("shop", "wasi:cli/run@0.2.6#run", run),
            ]
            .into_iter(),
        );
        assert_eq!(backtrace.component(), Some("\"pricing\"".to_string()));
        assert_eq!(
            backtrace.calls().as_deref(),
            Some(
                "in acme:pricing/quote@1.0.0#[method]item.total, called by \"shop\" in \
                 wasi:cli/run@0.2.6#run"
            )
        );
        assert_eq!(
            backtrace.to_string(),
            "\"pricing\": pricing::total < total\n\
             \"shop\": function 7 < wasi:cli/run@0.2.6#run"
        );
    }

    /// Two instances of one component are two components, and one that calls itself
    /// is one.
    #[test]
    fn what_lies_between_tells_instances_apart() {
        let middle = || frame("middle", "handle", Some("handle"));
        let backtrace = |frames: Vec<_>| Backtrace::from_frames(frames.into_iter());
        assert_eq!(backtrace(vec![middle(), middle()]).stops.len(), 1);
        assert_eq!(backtrace(vec![middle(), None, middle()]).stops.len(), 2);
    }

    /// Components that share a library are told apart by the code that is theirs alone.
    #[test]
    fn shared_code() {
        let shared = |ids: &[&str], name: &str| {
            let place = Place {
                components: ids.iter().map(ToString::to_string).collect(),
                export: None,
            };
            let name = name.to_string();
            Some((place, move || name))
        };
        let all = ["a", "b", "c", "d", "e"];
        let told = |frames: Vec<_>| Backtrace::from_frames(frames.into_iter()).to_string();
        let own = told(vec![shared(&all, "malloc"), shared(&["b"], "handle")]);
        assert_eq!(own, "\"b\": malloc < handle");
        let between = told(vec![shared(&all, "malloc"), None, shared(&["b"], "handle")]);
        assert_eq!(
            between,
            "\"a\" or \"b\" or \"c\" or 2 others: malloc\n\"b\": handle"
        );
        let other = told(vec![shared(&["a"], "f"), shared(&["b"], "g")]);
        assert_eq!(other, "\"a\": f\n\"b\": g");
    }

    #[test]
    fn the_outermost_export_is_in_view() {
        let deep = (0..9000).map(|index| frame("app", &format!("f{index}"), None));
        let outermost = frame("app", "run", Some("[async-lift]wasi:cli/run@0.3.0#run"));
        let backtrace = Backtrace::from_frames(deep.chain([outermost]));
        let shown = backtrace.to_string();
        assert!(shown.starts_with("\"app\": f0 < f1 < "), "{shown}");
        assert!(
            shown.ends_with("f11 < 8989 others < wasi:cli/run@0.3.0#run"),
            "{shown}"
        );
        let calls = (0..100).flat_map(|index| {
            let id = format!("c{index}");
            [frame(&id, "f", Some("f")), None]
        });
        let backtrace = Backtrace::from_frames(calls);
        let calls = backtrace.calls().expect("it is known");
        assert!(calls.contains("called by \"c1\" in f"), "{calls}");
        assert!(
            calls.ends_with(", called by 94 others, called by \"c99\" in f"),
            "{calls}"
        );
        assert_eq!(backtrace.to_string().lines().count(), 7);
    }

    #[test]
    fn nothing_is_known() {
        let backtrace = Backtrace::from_frames([None::<(Place, fn() -> String)>, None].into_iter());
        assert_eq!((backtrace.component(), backtrace.calls()), (None, None));
        assert_eq!(backtrace.to_string(), "");
    }
}
