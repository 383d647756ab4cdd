//! Composing: what is composed is valid, every binding happened and nothing else
//! did, and what is open is what nothing binds.

use std::collections::{BTreeMap, BTreeSet};

use arbitrary::Unstructured;
use compositor_core::plan::names::matches;
use compositor_core::plan::{Capability, Determinism, NameIndex};
use compositor_core::wasm::{Shapes, World, scan};
use compositor_core::{Artifact, Code, Diagnostic, Digest, HostPolicy, Limits, build, validate};
use test_generate::wiring::{Source, Wiring, wiring};
use test_generate::{Composition, Kinds};
use wasmparser::{Validator, WasmFeatures};

use crate::plan::refused;

/// A plan that the bytes choose.
pub fn compose(bytes: &[u8]) {
    let kinds = Kinds {
        policies: true,
        mistakes: true,
    };
    // Only running out of bytes ends it early.
    if let Ok(composition) = Composition::new(&mut Unstructured::new(bytes), kinds) {
        // Either way what had to hold did.
        let _ = composed(&composition);
    }
}

/// Composes a plan, and holds what comes of it to the plan; the artifact, when
/// there is one.
///
/// # Panics
///
/// When something does not hold.
pub fn composed(composition: &Composition) -> Result<Vec<u8>, Vec<Diagnostic>> {
    let text = composition.json();
    let policy = HostPolicy::default();
    let once = || {
        let store = composition.store();
        let artifact = build(text.as_bytes(), &policy, store.host())?;
        let bytes = store.get(&artifact.digest).expect("it was written");
        Ok((artifact, bytes))
    };
    let built: Result<(Artifact, Vec<u8>), Vec<Diagnostic>> = once();
    assert_eq!(built, once(), "the same plan gives the same");
    let store = composition.store();
    let validated = validate(text.as_bytes(), &policy, store.host());
    match (built, validated) {
        (Ok((artifact, bytes)), Ok(report)) => {
            assert_eq!(artifact.digest, Digest::of(&bytes));
            assert_eq!(artifact.findings, report.findings);
            hold(composition, &bytes);
            Ok(bytes)
        }
        (Err(findings), Err(_)) => {
            refused(text.as_bytes(), &findings);
            let is_ours = |finding: &Diagnostic| {
                finding.code == Code::InternalError || finding.help.starts_with("report")
            };
            assert!(!findings.iter().any(is_ours), "{findings:#?}");
            Err(findings)
        }
        (built, validated) => panic!("{:#?} {:#?}", built.err(), validated.err()),
    }
}

/// Holds an artifact to its plan.
fn hold(composition: &Composition, artifact: &[u8]) {
    let features = WasmFeatures::default() | WasmFeatures::CM_ASYNC;
    let validated = Validator::new_with_features(features).validate_all(artifact);
    validated.expect("an artifact is valid");
    let wiring = wiring(artifact);
    bound(composition, &wiring);
    exported(composition, &wiring);
    open(composition, &wiring);
    if composition.plan.policy.is_some() {
        granted(composition, artifact);
    }
}

/// Each component of the plan is instantiated once, with what the plan says.
fn bound(composition: &Composition, wiring: &Wiring) {
    let ids = composition.plan.components.iter().map(|c| c.id.as_str());
    let mut wanted: Vec<String> = ids.map(|id| planned(composition, id)).collect();
    let instances = wiring.instances.iter().enumerate();
    let of_plan = instances.filter(|(_, instance)| {
        let digest = &wiring.embedded[instance.component];
        composition.blobs.contains_key(digest)
    });
    let mut made: Vec<String> = of_plan
        .map(|(index, _)| found(composition, wiring, index))
        .collect();
    wanted.sort();
    made.sort();
    assert_eq!(made, wanted);
    let embedded: BTreeSet<&Digest> = wiring.embedded.iter().collect();
    assert_eq!(embedded.len(), wiring.embedded.len(), "each is there once");
}

/// What a component is to be made of: its digest and, by import, its providers'.
fn planned(composition: &Composition, id: &str) -> String {
    let mut arguments = BTreeMap::new();
    for import in &composition.imports[id] {
        let from = match composition.binding(id, import) {
            Some(binding) => {
                let provider = planned(composition, &binding.provider);
                let exports = &composition.exports[&binding.provider];
                let names =
                    NameIndex::new(exports.iter().map(|name| (name.as_str(), name.as_str())));
                let place = names.compatible(&binding.export_name);
                let export = &exports[place.expect("a binding that was found to fit")];
                format!("{provider}.{export}")
            }
            None if composition.types_alone.contains(import) => continue,
            None => "open".to_string(),
        };
        arguments.insert(import, from);
    }
    format!("{}{arguments:?}", composition.digest(id))
}

/// What an instance was made of.
fn found(composition: &Composition, wiring: &Wiring, index: usize) -> String {
    let instance = &wiring.instances[index];
    let digest = wiring.embedded[instance.component];
    let mut arguments = BTreeMap::new();
    for (name, source) in &instance.arguments {
        let from = match source {
            Source::Type => continue,
            Source::Export(of, export) if is_planned(composition, wiring, *of) => {
                format!("{}.{export}", found(composition, wiring, *of))
            }
            _ if composition.types_alone.contains(name) => continue,
            Source::Import(import) => {
                assert!(matches(name, import), "{name} is {import}");
                "open".to_string()
            }
            // What satisfies an import that a policy denies or records.
            _ => "open".to_string(),
        };
        arguments.insert(name, from);
    }
    format!("{digest}{arguments:?}")
}

fn is_planned(composition: &Composition, wiring: &Wiring, instance: usize) -> bool {
    let component = wiring.instances[instance].component;
    composition.blobs.contains_key(&wiring.embedded[component])
}

/// The exports are the root's and the explicit ones.
fn exported(composition: &Composition, wiring: &Wiring) {
    let plan = &composition.plan;
    let of_root = composition.exports[&plan.root].iter();
    let of_root = of_root.map(|name| (plan.root.as_str(), name.as_str()));
    let explicit = plan.explicit_exports.iter();
    let explicit = explicit.map(|e| (e.source_instance.as_str(), e.interface_name.as_str()));
    let wanted: BTreeMap<&str, String> = of_root
        .chain(explicit)
        .map(|(id, name)| (name, planned(composition, id)))
        .collect();
    let mut made = BTreeMap::new();
    for (name, source) in &wiring.exports {
        let Source::Export(instance, export) = source else {
            panic!("{name} is {source:?}");
        };
        assert_eq!(name, export);
        made.insert(name.as_str(), found(composition, wiring, *instance));
    }
    assert_eq!(made, wanted);
}

/// What is open is what nothing binds, once each.
fn open(composition: &Composition, wiring: &Wiring) {
    let plan = &composition.plan;
    let mut unbound = BTreeSet::new();
    for (id, imports) in &composition.imports {
        let imports = imports.iter();
        unbound.extend(imports.filter(|name| composition.binding(id, name).is_none()));
    }
    let imports: BTreeSet<&String> = wiring.imports.iter().collect();
    assert_eq!(imports.len(), wiring.imports.len(), "each is there once");
    let determinism = plan.policy.as_ref().map(|policy| policy.determinism);
    for import in &imports {
        let is_ours = match determinism {
            // Waiting and recording take what the components did not ask for.
            Some(Determinism::Strict) => import.starts_with("wasi:"),
            Some(Determinism::Audit) => import.starts_with("sys:compose/audit"),
            _ => false,
        };
        assert!(
            is_ours || unbound.contains(import),
            "{import} was not asked for"
        );
    }
    for name in unbound {
        let is_there = imports.iter().any(|import| matches(name, import));
        // What is denied takes with it what is made of it.
        let is_denied = plan.policy.is_some();
        assert!(
            is_there || is_denied || composition.types_alone.contains(name),
            "{name} is gone"
        );
    }
}

/// Under a policy, what is open was asked for, or the exports are made of it.
fn granted(composition: &Composition, artifact: &[u8]) {
    let Some(policy) = &composition.plan.policy else {
        return;
    };
    let store = composition.store();
    let digest = store.put(artifact.to_vec());
    let skeleton = scan(store.host(), &digest, artifact.len() as u64).expect("a skeleton");
    let world = World::of(&skeleton.bytes, &mut Shapes::new(&Limits::default())).expect("a world");
    let asked = |name: &str| {
        let is_meant = |capability: &Capability| {
            let (package, _) = name.split_once('/').unwrap_or((name, ""));
            [name, package, "*"].contains(&capability.name.as_str())
        };
        policy.capabilities.iter().any(is_meant)
    };
    // What an import that stays is made of stays as well.
    let made_of = |items: &[compositor_core::wasm::Extern], name: &str| {
        let mut others = items.iter().filter(|item| item.name != name);
        others.any(|item| world.made_of(item).contains(name))
    };
    let generated = composition.imports.values().flatten();
    let generated: BTreeSet<&String> = generated.collect();
    for import in world.imports.iter().filter(|i| i.name.starts_with("wasi:")) {
        let name = &import.name;
        if !generated.contains(name) || asked(name) {
            continue;
        }
        assert!(
            made_of(&world.exports, name) || made_of(&world.imports, name),
            "{name} is granted to nobody"
        );
    }
}
