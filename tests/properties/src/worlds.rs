//! Composing worlds of any kind: what is composed is valid and has the exports
//! that the plan says, and what is refused is the plan's fault and not ours.

use std::collections::BTreeSet;

use arbitrary::Unstructured;
use compositor_core::wasm::{Shapes, World, scan};
use compositor_core::{Code, Diagnostic, Limits, build};
use test_generate::Worlds;
use wasmparser::{Validator, WasmFeatures};

/// A plan that the bytes choose.
pub fn worlds(bytes: &[u8]) {
    // Running out of bytes ends it early.
    if let Ok(Some(worlds)) = Worlds::new(&mut Unstructured::new(bytes)) {
        let _ = composed(&worlds);
    }
}

/// Composes a plan; the artifact, when there is one.
///
/// # Panics
///
/// When something does not hold.
pub fn composed(worlds: &Worlds) -> Option<Vec<u8>> {
    let text = worlds.json();
    let store = worlds.store();
    let said = || format!("{}\n{text}\n{:#?}", worlds.worlds.join("\n"), worlds.policy);
    let artifact = match build(text.as_bytes(), &worlds.policy, store.host()) {
        Ok(artifact) => artifact,
        Err(findings) => {
            let is_ours = |finding: &Diagnostic| {
                finding.code == Code::InternalError || finding.help.contains("report this")
            };
            assert!(!findings.iter().any(is_ours), "{findings:#?}\n{}", said());
            return None;
        }
    };
    let bytes = store.get(&artifact.digest).expect("it was written");
    let features = WasmFeatures::default() | WasmFeatures::CM_ASYNC;
    let validated = Validator::new_with_features(features).validate_all(&bytes);
    validated.unwrap_or_else(|error| panic!("{error}\n{}", said()));
    let skeleton = scan(store.host(), &artifact.digest, artifact.size).expect("a skeleton");
    let world = World::of(&skeleton.bytes, &mut Shapes::new(&Limits::default())).expect("a world");
    let exports: BTreeSet<String> = world.exports.iter().map(|e| e.name.clone()).collect();
    assert_eq!(exports, worlds.exports, "{}", said());
    Some(bytes)
}
