//! The availability phase: blobs to skeletons and worlds.
//!
//! A blob is scanned in full once: its skeleton is kept as the user's record under a
//! key of its digest, and later runs read that instead of the component.

use std::collections::HashMap;
use std::rc::Rc;

use compositor_validator::names;

use compositor_diagnostic::index::{Idx as _, IndexVec};
use compositor_diagnostic::indices;
use compositor_diagnostic::limits::at_most;
use compositor_diagnostic::order::sort_by;
use compositor_diagnostic::{Diagnostic, Digest, Error, Findings, Remedy, Rule};
use compositor_host::records::{read_record, write_record};
use compositor_host::{Host, proposals};
use compositor_plan::graph::{ValidPlan, of_component};
use compositor_plan::{ComponentIndex, Place, unlocked};
use compositor_wasm::{ScanError, Shapes, Skeleton, WasmFeatures, World, scan};

/// A component's bytes, known by their digest; several ids may share it.
pub struct Part {
    /// Its digest.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// Its type.
    pub skeleton: Rc<[u8]>,
    /// Its imports and exports.
    pub world: Rc<World>,
    /// The proposals that it needs beyond what every runtime has. None of one
    /// that was made for this plan: it is made of the types of others.
    pub features: WasmFeatures,
}

indices! {
    /// A part: first those of the plan, and then those that are generated for it.
    pub struct PartIndex;
}

/// A valid plan whose components are all there and sound.
pub struct ResolvedPlan {
    /// The plan.
    pub valid: ValidPlan,
    /// By ascending digest.
    pub parts: IndexVec<PartIndex, Part>,
    /// The structures of all worlds.
    pub shapes: Shapes,
    by_digest: HashMap<Digest, PartIndex>,
    /// The index of the part behind each id.
    pub part_of: HashMap<String, PartIndex>,
}

impl ResolvedPlan {
    /// The index of the part of a digest.
    pub fn part_with(&self, digest: &Digest) -> Option<PartIndex> {
        self.by_digest.get(digest).copied()
    }

    /// What the limit `work` is about.
    pub fn work(&self) -> usize {
        let components = self.valid.plan().components.iter();
        let works = components.map(|component| self.world(&component.id).work);
        works.fold(0, usize::saturating_add)
    }

    /// The world of an id of the plan.
    pub fn world(&self, id: &str) -> &World {
        &self.parts[self.part_of[id]].world
    }
}

/// Whether blobs are hashed now, or when they are spliced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hashing {
    /// Now: the answer is about the store as it is.
    Now,
    /// A blob whose skeleton is known is not read until it is spliced, which
    /// hashes it.
    WhenSpliced,
}

/// Finds every component and reads its type.
pub fn resolve(
    valid: ValidPlan,
    hashing: Hashing,
    host: Host<'_>,
) -> Result<ResolvedPlan, Vec<Diagnostic>> {
    let mut findings = Findings::default();
    for error in unlocked(valid.plan()) {
        findings.push(error);
    }
    let mut first_use: HashMap<Digest, ComponentIndex> = HashMap::new();
    let mut digests = Vec::new();
    for (index, component) in valid.plan().indexed_components() {
        if let Some(digest) = component.digest {
            first_use.entry(digest).or_insert_with(|| {
                digests.push(digest);
                index
            });
        }
    }
    let mut damaged = match hashing {
        Hashing::Now => damaged(&digests, host),
        Hashing::WhenSpliced => HashMap::new(),
    };
    let mut shapes = Shapes::new(host.limits);
    let mut known = Known::new();
    let mut parts = Vec::new();
    let mut total = 0;
    for digest in digests {
        let index = first_use[&digest];
        let id = &valid.plan().components[index.index()].id;
        let place = Place::Component(index);
        let part = match damaged.remove(&digest) {
            Some(error) => Err(PartError::Host(error)),
            None => part_among(host, digest, &mut shapes, &mut known),
        };
        match part {
            Ok(part) => {
                total += part.skeleton.len();
                if total > host.limits.skeletons_bytes {
                    let message = "the types of the plan's components are too large together";
                    let help = "compose a part of it first";
                    let error = Diagnostic::error(Rule::TypesTooLarge, message, help).at(place);
                    return Err(vec![
                        error
                            .found(format!("more than {total} bytes of skeletons"))
                            .expected(at_most(
                                host.limits.skeletons_bytes,
                                "bytes",
                                "skeletons-bytes",
                            )),
                    ]);
                }
                parts.push(part);
            }
            Err(PartError::Host(error)) => {
                findings.push(of_component(error, valid.plan(), &digest));
            }
            Err(PartError::Missing) => {
                let message = format!("the store has no blob for component {id:?}");
                let help = "put it into the store, or give it a \"source\" and lock the plan";
                let error = Diagnostic::error(Rule::MissingBlob, message, help)
                    .remedies([Remedy::PutBlob, Remedy::LockPlan]);
                findings.push(error.at(place).found(digest.to_string()));
            }
            Err(PartError::Unsound(why)) => {
                let message = format!("component {id:?} cannot be composed: {why}");
                let help = "name a blob that is a valid WebAssembly component";
                let error = Diagnostic::error(Rule::InvalidComponent, message, help);
                findings.push(error.at(place).found(digest.to_string()));
            }
        }
    }
    findings.end()?;
    sort_by(&mut parts, |a: &Part, b| a.digest.cmp(&b.digest));
    let parts: IndexVec<PartIndex, Part> = parts.into();
    let by_digest = parts.enumerated().map(|(index, part)| (part.digest, index));
    let by_digest: HashMap<Digest, PartIndex> = by_digest.collect();
    let part_of = valid.plan().components.iter().filter_map(|component| {
        let index = by_digest.get(&component.digest?)?;
        Some((component.id.clone(), *index))
    });
    let resolved = ResolvedPlan {
        part_of: part_of.collect(),
        by_digest,
        valid,
        parts,
        shapes,
    };
    match excess(&resolved, host.limits.work) {
        Some(error) => Err(vec![error]),
        None => Ok(resolved),
    }
}

/// Those of the blobs that are there whose bytes are not those of their digests.
fn damaged(digests: &[Digest], host: Host<'_>) -> HashMap<Digest, Error> {
    let is_there = |digest: &&Digest| matches!(host.blobs.stat(digest), Ok(Some(_)));
    let there: Vec<Digest> = digests.iter().filter(is_there).copied().collect();
    let verified = host.blobs.verify(&there).into_iter();
    let verified = there.iter().zip(verified);
    verified
        .filter_map(|(digest, done)| Some((*digest, done.err()?)))
        .collect()
}

/// The work of composing, when it is more than is allowed: at the component
/// that goes beyond.
fn excess(resolved: &ResolvedPlan, most: usize) -> Option<Diagnostic> {
    let mut components = resolved.valid.plan().indexed_components();
    let mut total = 0usize;
    let (index, _) = components.find(|(_, component)| {
        total = total.saturating_add(resolved.world(&component.id).work);
        total > most
    })?;
    let message = "composing the plan is too much work: its components have too many imports and \
                   exports together, one counted as often as it is in the plan";
    let error = Diagnostic::error(Rule::TooMuchWork, message, "compose a part of it first");
    let error = error.at(Place::Component(index));
    Some(error.found(format!("{total} up to here")).expected(at_most(
        most,
        "imports, exports and their items",
        "work",
    )))
}

/// Why a blob is not a part.
#[derive(Debug)]
pub enum PartError {
    /// The store has none.
    Missing,
    /// The store failed.
    Host(Error),
    /// It is not a component that can be composed.
    Unsound(String),
}

impl From<Error> for PartError {
    fn from(error: Error) -> Self {
        Self::Host(error)
    }
}

/// Reads a blob as a component.
pub fn part(host: Host<'_>, digest: Digest, shapes: &mut Shapes) -> Result<Part, PartError> {
    part_among(host, digest, shapes, &mut Known::new())
}

/// Skeletons and their worlds. Components that differ in code alone have the
/// same one, which is then read, and in memory, once.
type Known = HashMap<Rc<[u8]>, Rc<World>>;

fn part_among(
    host: Host<'_>,
    digest: Digest,
    shapes: &mut Shapes,
    known: &mut Known,
) -> Result<Part, PartError> {
    let size = host.blobs.stat(&digest)?.ok_or(PartError::Missing)?;
    let key = skeleton_key(&digest, size);
    let most = host.limits.skeleton_bytes.saturating_add(CODE_BYTES);
    let cached = read_record(host.blobs, &key, most).and_then(recorded);
    let is_kept = cached.is_some();
    let skeleton = match cached {
        Some(skeleton) => skeleton,
        None => scan(host, &digest, size).map_err(|error| match error {
            ScanError::Blob(error) => PartError::Host(error),
            error => PartError::Unsound(error.to_string()),
        })?,
    };
    let code = skeleton.code;
    let (skeleton, world) = match known.get_key_value(&*skeleton.bytes) {
        Some((skeleton, world)) => (skeleton.clone(), world.clone()),
        None => {
            let world = World::of(&skeleton.bytes, shapes)
                .map_err(|error| PartError::Unsound(error.to_string()))?;
            if world.is_wit_package() {
                let what = "it is a WIT package: types alone, no code";
                return Err(PartError::Unsound(what.to_string()));
            }
            let new: (Rc<[u8]>, _) = (skeleton.bytes.into(), Rc::new(world));
            known.insert(new.0.clone(), new.1.clone());
            new
        }
    };
    if !is_kept {
        write_record(host.blobs, &key, &record(code, &skeleton));
        let fields = [
            ("digest", digest.to_string()),
            ("bytes", size.to_string()),
            ("skeleton", skeleton.len().to_string()),
        ];
        host.events.emit("component.scanned", &fields);
    }
    Ok(Part {
        digest,
        size,
        features: code | world.features,
        skeleton,
        world,
    })
}

/// What a skeleton is kept under. That it was kept says that its component was found
/// valid, by this version: another may find what this one does not.
fn skeleton_key(digest: &Digest, size: u64) -> Digest {
    let version = env!("CARGO_PKG_VERSION").as_bytes();
    let of = [&digest.as_bytes()[..], &size.to_le_bytes(), version].concat();
    Digest::of_domain("skeleton:v3", &of)
}

/// Bytes that the names of proposals take at the most.
const CODE_BYTES: usize = 4096;

/// What is kept of a component: a line with the names of the
/// proposals that its code needs, and the skeleton.
fn record(code: WasmFeatures, skeleton: &[u8]) -> Vec<u8> {
    let names: Vec<&str> = names(code).collect();
    [names.join(";").as_bytes(), b"\n", skeleton].concat()
}

/// The same read; none when it is something else.
fn recorded(mut bytes: Vec<u8>) -> Option<Skeleton> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let skeleton = bytes.split_off(end + 1);
    let names = std::str::from_utf8(&bytes[..end]).ok()?.split(';');
    let code = proposals(names.filter(|name| !name.is_empty())).ok()?;
    Some(Skeleton {
        bytes: skeleton,
        code,
    })
}
