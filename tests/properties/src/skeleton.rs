//! Skeletons: a valid component's is valid and of the same type, and what is not
//! a valid component has none that is.

use std::cell::Cell;

use arbitrary::{Result, Unstructured};
use compositor_core::host::{Blobs, Segment, Validated, Writer};
use compositor_core::memory::MemoryStore;
use compositor_core::wasm::{FEATURES, ScanError, Shapes, World, WorldError, scan};
use compositor_core::{Code, Digest, Error, Host};
use test_generate::{Composition, Kinds};
use wasm_encoder::{Component, RawSection};
use wasmparser::Validator;

/// Bytes that are a component, or almost: the first byte says of whom.
pub fn skeleton(bytes: &[u8]) {
    let Some((kind, rest)) = bytes.split_first() else {
        return;
    };
    let mut input = Unstructured::new(rest);
    let component = match kind % 4 {
        0 => Ok(rest.to_vec()),
        1 => wasm_smith::Component::new(wasm_smith::Config::default(), &mut input)
            .map(|component| component.to_bytes()),
        2 => around_module(&mut input),
        _ => mutated(&mut input),
    };
    // Only running out of bytes ends it early.
    if let Ok(component) = component {
        hold(&component);
    }
}

/// A core module of any proposal in a component.
fn around_module(input: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let config: wasm_smith::Config = input.arbitrary()?;
    let mut module = wasm_smith::Module::new(config, input)?.to_bytes();
    mutate(&mut module, input)?;
    let mut component = Component::new();
    component.section(&RawSection {
        id: 1,
        data: &module,
    });
    Ok(component.finish())
}

/// A component of a composition, with some bytes changed.
fn mutated(input: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let kinds = Kinds {
        policies: false,
        mistakes: false,
    };
    let composition = Composition::new(input, kinds)?;
    let mut blobs = composition.blobs.into_values();
    let mut component = blobs.next().unwrap_or_default();
    mutate(&mut component, input)?;
    Ok(component)
}

fn mutate(bytes: &mut Vec<u8>, input: &mut Unstructured<'_>) -> Result<()> {
    for _ in 0..input.int_in_range(0..=3)? {
        let at = input.choose_index(bytes.len())?;
        match input.int_in_range(0..=3)? {
            0 => bytes.truncate(at.max(1)),
            1 => bytes.insert(at, input.arbitrary()?),
            _ => bytes[at] = input.arbitrary()?,
        }
    }
    Ok(())
}

fn hold(component: &[u8]) {
    let blobs = Counting::default();
    let digest = blobs.store.put(component.to_vec());
    let size = component.len() as u64;
    let host = Host {
        blobs: &blobs,
        ..blobs.store.host()
    };
    let scanned = scan(host, &digest, size);
    // A reader that reads the same over and over is found here.
    assert!(
        blobs.bytes.get() <= 16 * size + (1 << 20),
        "{} bytes",
        blobs.bytes.get()
    );

    let mut shapes = Shapes::new(host.limits);
    let skeleton = scanned.map(|skeleton| skeleton.bytes);
    let is_valid = Validator::new_with_features(FEATURES)
        .validate_all(component)
        .is_ok();
    let skeleton = match skeleton {
        Ok(skeleton) => skeleton,
        Err(ScanError::NotAComponent { .. } | ScanError::Limit { .. }) => return,
        Err(error) => return assert!(!is_valid, "{error}"),
    };
    let of_skeleton = World::of(&skeleton, &mut shapes);
    if !is_valid {
        return assert!(of_skeleton.is_err(), "it became valid");
    }
    let whole = World::of(component, &mut shapes);
    match (whole, of_skeleton) {
        (Ok(whole), Ok(of_skeleton)) => assert_eq!(shown(&whole), shown(&of_skeleton)),
        (Err(whole), Err(of_skeleton)) => {
            assert!(!matches!(whole, WorldError::Invalid(_)), "{whole}");
            assert_eq!(whole, of_skeleton);
        }
        (whole, of_skeleton) => panic!("{:?} {:?}", whole.err(), of_skeleton.err()),
    }
    let digest = blobs.store.put(skeleton.clone());
    let again = scan(host, &digest, skeleton.len() as u64);
    assert!(again.is_ok_and(|again| again.bytes == skeleton));
}

/// The names and shapes of imports and exports, in order.
fn shown(world: &World) -> Vec<(&str, compositor_core::wasm::ShapeId)> {
    let externs = world.imports.iter().chain(&world.exports);
    externs
        .map(|item| (item.name.as_str(), item.shape))
        .collect()
}

/// A store that counts what is read from it.
#[derive(Default)]
struct Counting {
    store: MemoryStore,
    bytes: Cell<u64>,
}

type Answer<T> = std::result::Result<T, Error>;

impl Blobs for Counting {
    fn stat(&self, digest: &Digest) -> Answer<Option<u64>> {
        self.store.stat(digest)
    }

    fn read(&self, digest: &Digest, offset: u64, length: u64) -> Answer<Vec<u8>> {
        let bytes = self.store.read(digest, offset, length)?;
        self.bytes.set(self.bytes.get() + bytes.len() as u64);
        Ok(bytes)
    }

    fn validate_modules(&self, digest: &Digest, ranges: &[(u64, u64)]) -> Answer<Validated> {
        let read = |offset, length| self.read(digest, offset, length);
        compositor_validator::modules(read, ranges)
    }

    fn verify(&self, digests: &[Digest]) -> Vec<Answer<()>> {
        Blobs::verify(&self.store, digests)
    }

    fn derive(&self) -> Answer<Box<dyn Writer + '_>> {
        Err(read_only())
    }

    fn find_key(&self, key: &Digest) -> Answer<Option<Digest>> {
        self.store.find_key(key)
    }

    fn record_key(&self, _: &Digest, _: &Digest) -> Answer<()> {
        Err(read_only())
    }

    fn holds(&self, blob: &Digest, segments: &[Segment]) -> Answer<bool> {
        self.store.holds(blob, segments)
    }

    fn get_record(&self, key: &Digest) -> Answer<Option<Vec<u8>>> {
        self.store.get_record(key)
    }

    fn put_record(&self, _: &Digest, _: &[u8]) -> Answer<()> {
        Err(read_only())
    }
}

/// Whoever scans writes nothing.
fn read_only() -> Error {
    Error {
        code: Code::NotImplemented,
        message: "this store is for reading".into(),
        context: None,
    }
}
