//! The form in which each component is in the artifact: as it is, or without custom
//! sections.
//!
//! A stripped form is a derived blob with a digest of its own. It follows from the
//! component and the mode alone, is written once, and kept as the user's record: whoever
//! emits the same component again reads nothing of it but its form.

use std::collections::BTreeMap;

use crate::compose::Graph;
use crate::resolve::Part;
use compositor_diagnostic::{Diagnostic, Digest, Rule};
use compositor_host::Host;
use compositor_host::records::{read_record, write_record};
use compositor_plan::Plan;
use compositor_plan::graph::of_component;
use compositor_wasm::{ScanError, Strip, strip};

/// The bytes that stand for a component in the artifact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// Their digest.
    pub digest: Digest,
    /// How many they are.
    pub size: u64,
}

/// The forms of a graph's components.
#[derive(Debug, Default)]
pub struct Forms {
    /// What is left out; none when components are as they are.
    pub strip: Option<Strip>,
    /// By the component's digest, of those that are stripped.
    stripped: BTreeMap<Digest, Form>,
}

impl Forms {
    /// The form of a component that is in the artifact.
    pub fn of(&self, part: &Part) -> Form {
        let as_it_is = Form {
            digest: part.digest,
            size: part.size,
        };
        self.stripped.get(&part.digest).copied().unwrap_or(as_it_is)
    }

    /// The digest of a component's stripped form; none of one that is not in the
    /// artifact, or when nothing is stripped.
    pub fn stripped(&self, component: &Digest) -> Option<Digest> {
        self.stripped.get(component).map(|form| form.digest)
    }

    /// The component whose form has a digest.
    pub fn component_of<'a>(&'a self, digest: &'a Digest) -> &'a Digest {
        let mut stripped = self.stripped.iter();
        let found = stripped.find(|(_, form)| form.digest == *digest);
        found.map_or(digest, |(component, _)| component)
    }
}

/// The forms of a graph's components, stripped where that is asked for.
///
/// # Errors
/// When a component cannot be read, or its form not be written.
pub fn forms(graph: &Graph, mode: Option<Strip>, host: Host<'_>) -> Result<Forms, Vec<Diagnostic>> {
    let Some(mode) = mode else {
        return Ok(Forms::default());
    };
    let plan = &graph.plan;
    let mut stripped = BTreeMap::new();
    for instance in &graph.instances {
        let part = plan.part(instance.part);
        let is_of_plan = !plan.is_generated(instance.part) && plan.reaches(&instance.id);
        if !is_of_plan || stripped.contains_key(&part.digest) {
            continue;
        }
        let key = key(part, mode);
        let known = read_record(host.blobs, &key, RECORD).and_then(recorded);
        let form = match known {
            Some(form) => form,
            None => derive(part, mode, plan.plan(), host)?,
        };
        stripped.insert(part.digest, form);
    }
    Ok(Forms {
        strip: Some(mode),
        stripped,
    })
}

/// Writes again those of the stripped forms that are gone from the store, or damaged:
/// nobody waited for the disk when they were written. Says whether there were any.
///
/// # Errors
/// As [`forms`] has them.
pub fn restore(graph: &Graph, forms: &Forms, host: Host<'_>) -> Result<bool, Vec<Diagnostic>> {
    let Some(mode) = forms.strip else {
        return Ok(false);
    };
    let derived = graph.plan.of_plan().iter().filter_map(|part| {
        let digest = forms.stripped(&part.digest)?;
        (digest != part.digest).then_some((part, digest))
    });
    let (parts, digests): (Vec<&Part>, Vec<Digest>) = derived.unzip();
    let mut is_any = false;
    for (part, found) in parts.into_iter().zip(host.blobs.verify(&digests)) {
        if found.is_err() {
            derive(part, mode, graph.plan.plan(), host)?;
            is_any = true;
        }
    }
    Ok(is_any)
}

/// Writes the stripped form of a component, and keeps which it is.
fn derive(part: &Part, mode: Strip, plan: &Plan, host: Host<'_>) -> Result<Form, Vec<Diagnostic>> {
    let done = strip(host, &part.digest, part.size, mode);
    let (digest, size) = done.map_err(|error| {
        vec![match error {
            ScanError::Blob(error) => of_component(error, plan, &part.digest),
            error => {
                let message = format!("component {} cannot be stripped: {error}", part.digest);
                let help = "emit the plan without stripping";
                Diagnostic::error(Rule::InvalidComponent, message, help)
            }
        }]
    })?;
    let value = [&digest.as_bytes()[..], &size.to_le_bytes()].concat();
    write_record(host.blobs, &key(part, mode), &value);
    let fields = [
        ("digest", part.digest.to_string()),
        ("bytes", part.size.to_string()),
        ("strip", mode.as_str().to_string()),
        ("stripped", digest.to_string()),
        ("stripped_bytes", size.to_string()),
    ];
    host.events.emit("component.stripped", &fields);
    Ok(Form { digest, size })
}

/// Bytes of a record: a digest, and a size in little endian.
const RECORD: usize = 32 + 8;

/// What a component's form is kept under. Another version may strip otherwise.
fn key(part: &Part, mode: Strip) -> Digest {
    let mode = mode.as_str().as_bytes();
    let version = env!("CARGO_PKG_VERSION").as_bytes();
    let size = part.size.to_le_bytes();
    let of = [&part.digest.as_bytes()[..], &size, mode, b":", version].concat();
    Digest::of_domain("strip:v1", &of)
}

fn recorded(bytes: Vec<u8>) -> Option<Form> {
    let (digest, size) = bytes.split_at_checked(32)?;
    Some(Form {
        digest: Digest::try_from(digest).ok()?,
        size: u64::from_le_bytes(size.try_into().ok()?),
    })
}
