//! Stripping: an artifact whose components are stripped is the artifact of components
//! that were stripped before, by the way that `wasm-tools strip` goes; what is left says
//! what was what.

use std::collections::BTreeMap;

use arbitrary::Unstructured;
use compositor_core::plan::Determinism;
use compositor_core::wasm::KEPT_SECTIONS;
use compositor_core::{Digest, HostPolicy, Inspection, Limits, Provenance, Strip};
use compositor_core::{build, build_stripped};
use test_generate::custom::{sprinkled, stripped};
use test_generate::wiring::head;
use test_generate::{Composition, Kinds};
use wasmparser::{Validator, WasmFeatures};

use crate::Outcome;

/// A plan that the bytes choose, with custom sections wherever they may be.
///
/// # Panics
///
/// When something does not hold.
pub fn strip(bytes: &[u8]) -> Outcome {
    let kinds = Kinds {
        policies: true,
        mistakes: false,
    };
    let mut input = Unstructured::new(bytes);
    let Ok(composition) = Composition::new(&mut input, kinds) else {
        return Outcome::None;
    };
    let seed = bytes.iter().fold(0, |seed: u64, byte| {
        seed.wrapping_mul(31).wrapping_add(u64::from(*byte))
    });
    let mut state = seed;
    let decorated = replaced(&composition, |bytes| sprinkled(bytes, &mut state));
    // What is made for a strict plan is made of its id.
    let policy = composition.plan.policy.as_ref();
    if policy.is_some_and(|policy| policy.determinism == Determinism::Strict) {
        return Outcome::None;
    }
    let built = [Strip::Debug, Strip::All].map(|mode| hold(&decorated, mode));
    match built {
        [true, true] => Outcome::Composed,
        [false, false] => Outcome::Refused,
        differ => panic!("the modes differ: {differ:?}"),
    }
}

/// Whether a custom section stays, told apart from what is tested.
fn stays(mode: Strip, name: &str) -> bool {
    let is_kept = |kept: &&str| match kept.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == *kept,
    };
    mode == Strip::Debug && KEPT_SECTIONS.iter().any(is_kept)
}

fn hold(composition: &Composition, mode: Strip) -> bool {
    let before = replaced(composition, |bytes| {
        stripped(bytes, |name| stays(mode, name))
    });
    let policy = HostPolicy::default();
    let store = composition.store();
    let text = composition.json();
    let wanted_store = before.store();
    let wanted = build(before.json().as_bytes(), &policy, wanted_store.host());
    let made = build_stripped(text.as_bytes(), &policy, mode, store.host());
    let (artifact, wanted) = match (made, wanted) {
        (Ok(made), Ok(wanted)) => (made, wanted),
        (Err(_), Err(_)) => return false,
        (made, wanted) => panic!("{:#?} {:#?}", made.err(), wanted.err()),
    };
    let bytes = store.get(&artifact.digest).expect("it was written");
    let wanted = wanted_store.get(&wanted.digest).expect("it was written");
    assert!(
        bytes[head(&bytes).len()..] == wanted[head(&wanted).len()..],
        "{mode:?}: other bytes than of components that were stripped before"
    );
    let features = WasmFeatures::default() | WasmFeatures::CM_ASYNC;
    let validated = Validator::new_with_features(features).validate_all(&bytes);
    validated.expect("an artifact is valid");

    let Inspection::Found(said) = Provenance::inspect(&bytes, &Limits::default()) else {
        panic!("the artifact does not say what it was made of");
    };
    assert_eq!(said.strip, Some(mode));
    for of in &said.ingredients {
        assert_eq!(of.digest, composition.digest(&of.id));
        let form = Digest::of(&stripped(&composition.blobs[&of.digest], |name| {
            stays(mode, name)
        }));
        assert_eq!(of.stripped, Some(form));
        assert!(store.get(&form).is_some(), "the form is a blob");
    }
    // It is found again, and neither is what the other mode or none would be.
    let again = build_stripped(text.as_bytes(), &policy, mode, store.host()).expect("again");
    assert!(again.cached && again.digest == artifact.digest);
    let whole = build(text.as_bytes(), &policy, store.host()).expect("as it is");
    assert!(!whole.cached && whole.emit_key != artifact.emit_key);
    true
}

/// The same plan over other bytes.
fn replaced(composition: &Composition, mut by: impl FnMut(&[u8]) -> Vec<u8>) -> Composition {
    let mut plan = composition.plan.clone();
    let mut blobs = BTreeMap::new();
    let mut digests = BTreeMap::new();
    for (digest, bytes) in &composition.blobs {
        let bytes = by(bytes);
        digests.insert(*digest, Digest::of(&bytes));
        blobs.insert(Digest::of(&bytes), bytes);
    }
    for component in &mut plan.components {
        component.digest = component.digest.map(|digest| digests[&digest]);
    }
    Composition {
        plan,
        blobs,
        imports: composition.imports.clone(),
        exports: composition.exports.clone(),
        types_alone: composition.types_alone.clone(),
        worlds: composition.worlds.clone(),
    }
}
