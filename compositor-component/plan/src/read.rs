//! Bytes to a plan: the schema, with all its errors at once.

use std::rc::Rc;

use super::types::Plan;
use crate::fields::Reader;
use crate::from_cbor::{from_cbor, hold_to_canonical};
use crate::json;
use crate::kind::Kind;
use crate::locked::unlocked;
use crate::other_cbor::{explain, from_other_cbor};
use compositor_diagnostic::limits::{self, at_most};
use compositor_diagnostic::tree::Source;
use compositor_diagnostic::{Diagnostic, Rule};

/// How a plan is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// RFC 8259.
    Json,
    /// Canonical CBOR.
    Cbor,
}

impl Encoding {
    /// How bytes are written, which the first of them tells.
    pub fn of(bytes: &[u8]) -> Self {
        // Byte order marks, of UTF-8 and UTF-16, belong to texts.
        match bytes.first() {
            None | Some(0x00..0x80 | 0xef | 0xfe | 0xff) => Encoding::Json,
            Some(_) => Encoding::Cbor,
        }
    }
}

/// A plan and the text it came from.
#[derive(Clone, Debug)]
pub struct Parsed<'a> {
    /// The plan, which every phase looks at.
    pub plan: Rc<Plan>,
    /// How it is written.
    pub encoding: Encoding,
    /// The text, and its tree.
    pub(crate) source: Source<'a>,
}

impl Parsed<'_> {
    /// Refuses a plan that has components without a digest.
    pub fn locked(&self) -> Result<(), Vec<Diagnostic>> {
        let unlocked = unlocked(&self.plan);
        match unlocked.is_empty() {
            true => Ok(()),
            false => Err(self.place(unlocked)),
        }
    }

    /// Gives findings their places in the text.
    pub fn place(&self, mut findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
        self.source.place(&mut findings);
        findings
    }
}

/// Reads a plan from JSON or canonical CBOR. A CBOR plan is a map, whose
/// first byte no JSON text starts with.
pub fn parse<'a>(bytes: &'a [u8], limits: &limits::Limits) -> Result<Parsed<'a>, Vec<Diagnostic>> {
    let encoding = Encoding::of(bytes);
    if bytes.len() > limits.plan_bytes {
        return Err(vec![too_large("the plan", bytes, limits)]);
    }
    let is_other = |error: Diagnostic| {
        let reads = matches!(parse_other(bytes, limits), Some(Ok(_)));
        vec![explain(error, bytes, limits, reads)]
    };
    let source = match encoding {
        Encoding::Json => read_json(bytes, "the plan", limits).map_err(|error| vec![error]),
        Encoding::Cbor => from_cbor(bytes, limits)
            .map(|tree| Source { tree, text: None })
            .map_err(is_other),
    };
    let parsed = parse_source(source?, encoding, limits)?;
    if encoding == Encoding::Cbor {
        // Unlocked plans have no canonical form: the plan id is the hash of it.
        parsed.locked()?;
        hold_to_canonical(&parsed.plan, bytes).map_err(is_other)?;
    }
    Ok(parsed)
}

/// Reads a plan from JSON or CBOR of any form that can mean one thing only, to
/// convert it: what it is given for has no plan id.
pub fn parse_any<'a>(
    bytes: &'a [u8],
    limits: &limits::Limits,
) -> Result<Parsed<'a>, Vec<Diagnostic>> {
    parse(bytes, limits).or_else(|errors| match parse_other(bytes, limits) {
        Some(parsed) => parsed,
        None => Err(errors),
    })
}

/// None when it is no map of CBOR.
fn parse_other<'a>(
    bytes: &'a [u8],
    limits: &limits::Limits,
) -> Option<Result<Parsed<'a>, Vec<Diagnostic>>> {
    let is_read = bytes.len() <= limits.plan_bytes && Encoding::of(bytes) == Encoding::Cbor;
    let tree = is_read.then(|| from_other_cbor(bytes, limits)).flatten()?;
    let source = tree.map(|tree| Source { tree, text: None });
    let source = source.map_err(|error| vec![error]);
    Some(source.and_then(|source| parse_source(source, Encoding::Cbor, limits)))
}

/// Holds a tree to the schema.
fn parse_source<'a>(
    mut source: Source<'a>,
    encoding: Encoding,
    limits: &limits::Limits,
) -> Result<Parsed<'a>, Vec<Diagnostic>> {
    let mut reader = Reader::of(
        "the plan",
        "see the plan schema, plans/plan.schema.json",
        limits,
    );
    let plan = Plan::read(&mut reader, &source.tree, String::new());
    let mut plan = match (reader.findings.end(), plan) {
        (Ok(_), Some(plan)) => plan,
        (Ok(mut findings) | Err(mut findings), _) => {
            source.place(&mut findings);
            return Err(findings);
        }
    };
    // The plan has them now.
    source.tree.forget();
    // The root by its name is the root left out.
    for binding in &mut plan.bindings {
        if binding.consumer.as_ref() == Some(&plan.root) {
            binding.consumer = None;
        }
    }
    Ok(Parsed {
        plan: Rc::new(plan),
        encoding,
        source,
    })
}

/// Reads a JSON text, which is what it is said to be.
pub(super) fn read_json<'a>(
    bytes: &'a [u8],
    what: &str,
    limits: &limits::Limits,
) -> Result<Source<'a>, Diagnostic> {
    if bytes.len() > limits.plan_bytes {
        return Err(too_large(what, bytes, limits));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let message = format!("{what} is not UTF-8 at byte {}", error.valid_up_to());
        Diagnostic::error(Rule::InvalidJson, message, format!("write {what} as UTF-8"))
    })?;
    // A byte order mark is not JSON, but editors write it.
    if text.starts_with('\u{feff}') {
        let message = format!("{what} starts with a byte order mark");
        let help = format!("save {what} without it");
        return Err(Diagnostic::error(Rule::InvalidJson, message, help));
    }
    Ok(Source {
        tree: json::parse(text, what, limits)?,
        text: Some(text),
    })
}

fn too_large(what: &str, bytes: &[u8], limits: &limits::Limits) -> Diagnostic {
    let message = format!("{what} is too large");
    Diagnostic::error(Rule::PlanTooLarge, message, format!("split {what}"))
        .found(format!("{} bytes", bytes.len()))
        .expected(at_most(limits.plan_bytes, "bytes", "plan-bytes"))
}
