//! Bytes of what is walked of a component, and of what is kept of it.

use compositor_core::memory::MemoryStore;
use compositor_core::{Code, Digest, HostPolicy, Limits, build, wasm};
use serde_json::json;

use super::{alone, default, holds, wat};

/// A core module whose import section has names of so many bytes in all.
fn module_of(bytes: usize) -> String {
    let name = "n".repeat(50_000);
    let imports = (0..bytes / name.len()).map(|i| format!("(import \"{name}\" \"{i}\" (func))"));
    format!("(core module {})", imports.collect::<String>())
}

/// The bytes of a component's skeleton.
fn skeleton(bytes: &[u8]) -> usize {
    let store = MemoryStore::new().with_limits(Limits::HIGHEST);
    let digest = store.put(bytes.to_vec());
    let skeleton = wasm::scan(store.host(), &digest, bytes.len() as u64);
    skeleton.expect("a component").bytes.len()
}

#[test]
fn bytes_of_a_section() {
    let most = default(|limits| limits.section_bytes);
    for bytes in [1 << 20, most - 100_000] {
        let bytes = wat(&format!("(component {})", module_of(bytes)));
        let payloads = wasmparser::Parser::new(0).parse_all(&bytes);
        let sizes = payloads.filter_map(|payload| match payload {
            Ok(wasmparser::Payload::ImportSection(section)) => Some(section.range()),
            _ => None,
        });
        let size = sizes.map(|range| range.end - range.start).max();
        let size = size.expect("an import section") as usize;
        holds(
            "section-bytes",
            Code::EmitCompositionFailed,
            size,
            |limits| {
                alone(
                    &bytes,
                    &Limits {
                        skeleton_bytes: usize::MAX,
                        ..limits.clone()
                    },
                )
            },
        );
    }
}

#[test]
fn bytes_of_skeletons() {
    let most = default(|limits| limits.skeleton_bytes);
    let bytes = wat(&format!("(component {})", module_of(most / 4).repeat(3)));
    let size = skeleton(&bytes);
    assert!(size < most);
    holds(
        "skeleton-bytes",
        Code::EmitCompositionFailed,
        size,
        |limits| alone(&bytes, limits),
    );
}

#[test]
fn bytes_of_all_skeletons() {
    let half = default(|limits| limits.skeletons_bytes) / 2;
    let module = module_of(half / 2);
    let component = |index: usize| {
        wat(&format!(
            "(component {module}{module} (import \"f{index}\" (func $f)) (export \"g{index}\" (func $f)))"
        ))
    };
    let parts = [component(0), component(1)];
    let size: usize = parts.iter().map(|bytes| skeleton(bytes)).sum();
    holds(
        "skeletons-bytes",
        Code::EmitCompositionFailed,
        size,
        |limits| {
            let store = MemoryStore::new().with_limits(limits.clone());
            let digests: Vec<Digest> = parts.iter().map(|bytes| store.put(bytes.clone())).collect();
            let plan = json!({
                "version": "1", "root": "a", "imports": ["f0", "f1"],
                "components": [
                    { "id": "a", "digest": digests[0].to_string() },
                    { "id": "b", "digest": digests[1].to_string() },
                ],
                "explicit_exports": [{ "source_instance": "b", "interface_name": "g1" }],
            });
            let built = build(
                plan.to_string().as_bytes(),
                &HostPolicy::default(),
                store.host(),
            );
            built.map_or_else(|errors| errors, |_| Vec::new())
        },
    );
}
