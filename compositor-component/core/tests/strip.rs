//! Artifacts whose components are without custom sections: what stays, what is one, and
//! what a store may not do.

use compositor_core::host::Blobs;
use compositor_core::memory::MemoryStore;
use compositor_core::{Artifact, Digest, HostPolicy, Inspection, Limits, Provenance, Strip};
use compositor_core::{build, build_stripped};
use serde_json::{Value, json};
use test_generate::custom::{NAMES, sprinkled, stripped};
use test_generate::wiring::{head, wiring};
use wasmparser::{Parser, Payload, Validator};

/// Exports `g:g/n`, whose `f` gives a number that a module two components further in has;
/// each level has a custom section of the name.
fn provider(answer: u32, custom: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
            (component $outer
                (component $inner
                    (core module $m
                        (@custom "{custom}" "in a module")
                        (memory 1)
                        (data (i32.const 8) "data")
                        (func (export "f") (result i32) i32.const {answer}))
                    (core instance $i (instantiate $m))
                    (@custom "{custom}" "inside")
                    (func $f (result u32) (canon lift (core func $i "f")))
                    (export "f" (func $f)))
                (@custom "{custom}" "between")
                (instance $i (instantiate $inner))
                (export "f" (func $i "f")))
            (@custom "{custom}" "outside")
            (instance $i (instantiate $outer))
            (instance $e (export "f" (func $i "f")))
            (export "g:g/n" (instance $e)))"#
    );
    wat::parse_str(text).expect("sound WAT")
}

/// A plan of a root that takes `g:g/n` from each of the providers, under names of its own.
struct Fixture {
    store: MemoryStore,
    plan: Value,
}

fn fixture(providers: &[Vec<u8>]) -> Fixture {
    let store = MemoryStore::new();
    let (mut imports, mut components, mut bindings) = (String::new(), Vec::new(), Vec::new());
    for (index, bytes) in providers.iter().enumerate() {
        imports += &format!(
            "(import \"g:g/n{index}\" (instance $n{index} (export \"f\" (func (result u32)))))"
        );
        components.push(
            json!({ "id": format!("p{index}"), "digest": store.put(bytes.clone()).to_string() }),
        );
        bindings.push(json!({
            "import_name": format!("g:g/n{index}"), "provider_id": format!("p{index}"),
            "export_name": "g:g/n",
        }));
    }
    let root = format!("(component {imports} (export \"run\" (func $n0 \"f\")))");
    let root = store.put(wat::parse_str(root).expect("sound WAT"));
    components.push(json!({ "id": "app", "digest": root.to_string() }));
    let plan = json!({
        "version": "1", "root": "app", "components": components, "bindings": bindings,
    });
    Fixture { store, plan }
}

impl Fixture {
    fn bytes(&self) -> Vec<u8> {
        self.plan.to_string().into_bytes()
    }

    fn whole(&self) -> Artifact {
        build(&self.bytes(), &HostPolicy::default(), self.store.host()).expect("a sound plan")
    }

    fn stripped(&self, mode: Strip) -> Artifact {
        let host = self.store.host();
        let built = build_stripped(&self.bytes(), &HostPolicy::default(), mode, host);
        built.expect("a sound plan")
    }

    fn get(&self, digest: &Digest) -> Vec<u8> {
        self.store.get(digest).expect("it is in the store")
    }

    /// What an artifact says it was made of.
    fn provenance(&self, artifact: &Artifact) -> Provenance {
        match Provenance::inspect(&self.get(&artifact.digest), &Limits::default()) {
            Inspection::Found(provenance) => provenance,
            other => panic!("{other:?}"),
        }
    }

    /// The stripped form of a component.
    fn form(&self, artifact: &Artifact, id: &str) -> Digest {
        let said = self.provenance(artifact).ingredients;
        let found = said.into_iter().find(|of| of.id == id);
        found.and_then(|of| of.stripped).expect("a form")
    }
}

/// The names of custom sections, in order, through all nesting.
fn customs(bytes: &[u8]) -> Vec<String> {
    let payloads = Parser::new(0).parse_all(bytes);
    let names = payloads.filter_map(|payload| match payload.expect("a payload") {
        Payload::CustomSection(section) => Some(section.name().to_string()),
        _ => None,
    });
    names.collect()
}

#[test]
fn what_each_mode_keeps() {
    let kept = [
        "name",
        "component-name",
        "build_id",
        "producers",
        ".dep-v0",
        "metadata.code.branch_hint",
        "component-type:world",
        "dylink.0",
    ];
    for name in NAMES {
        let fixture = fixture(&[provider(7, name)]);
        for mode in [Strip::Debug, Strip::All] {
            let is_kept = mode == Strip::Debug && kept.contains(name);
            let artifact = fixture.stripped(mode);
            let form = fixture.get(&fixture.form(&artifact, "p0"));
            let count = customs(&form).iter().filter(|found| found == name).count();
            // The text's own names are in sections of the name.
            let least = if is_kept { 4 } else { 0 };
            assert!(count >= least, "{mode:?} {name:?}");
            assert!(is_kept || count == 0, "{mode:?} {name:?}");
            if mode == Strip::All {
                assert_eq!(customs(&form), [""; 0]);
            }
            // Ours stay: provenance in front, who made it behind.
            let bytes = fixture.get(&artifact.digest);
            let all = customs(&bytes);
            assert_eq!(
                all.first().map(String::as_str),
                Some("sys:compose/provenance")
            );
            assert_eq!(all.last().map(String::as_str), Some("producers"));
            Validator::new().validate_all(&bytes).expect("it is valid");
            assert_eq!(fixture.provenance(&artifact).strip, Some(mode));
        }
    }
}

/// What runs is the same, byte for byte.
#[test]
fn code_and_data_stay() {
    let plain = provider(7, "x");
    let fixture = fixture(&[sprinkled(&plain, &mut 1)]);
    let artifact = fixture.stripped(Strip::All);
    let form = fixture.get(&fixture.form(&artifact, "p0"));
    assert_eq!(form, stripped(&plain, |_| false));
    let runs = |bytes: &[u8]| {
        let payloads = Parser::new(0).parse_all(bytes);
        let contents = payloads.filter_map(|payload| {
            let payload = payload.expect("a payload");
            let is_walked = matches!(
                payload,
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. }
            );
            let (id, range) = payload.as_section().filter(|_| !is_walked)?;
            let contents = &bytes[range.start as usize..range.end as usize];
            (id != 0).then(|| (id, contents.to_vec()))
        });
        contents.collect::<Vec<_>>()
    };
    assert_eq!(runs(&form), runs(&plain));
}

/// One component under two ids is embedded once, and so are two that differ in nothing
/// but what is left out.
#[test]
fn what_is_the_same_is_there_once() {
    let (plain, other) = (provider(7, "x"), provider(7, "y"));
    let fixture = fixture(&[plain.clone(), plain, other, provider(8, "x")]);
    let artifact = fixture.stripped(Strip::All);
    let wiring = wiring(&fixture.get(&artifact.digest));
    let embedded = |id| {
        let form = fixture.form(&artifact, id);
        wiring.embedded.iter().filter(|of| **of == form).count()
    };
    assert_eq!(["p0", "p1", "p2", "p3"].map(embedded), [1; 4]);
    // Two forms of four providers, and the root.
    assert_eq!(wiring.embedded.len(), 3);
    assert_eq!(wiring.instances.len(), 5);
    assert_eq!(fixture.form(&artifact, "p0"), fixture.form(&artifact, "p2"));
}

/// A component with nothing to leave out is its own form, and is not written again.
#[test]
fn what_has_nothing_to_strip_is_as_it_is() {
    let fixture = fixture(&[stripped(&provider(7, "x"), |_| false)]);
    let artifact = fixture.stripped(Strip::All);
    let said = fixture.provenance(&artifact).ingredients;
    let provider = said.iter().find(|of| of.id == "p0").expect("it");
    assert_eq!(provider.stripped, Some(provider.digest));
    let derived = fixture.store.events().concat();
    let named = format!("component.stripped digest={}", provider.digest);
    assert!(derived.contains(&named), "it was looked at");
    let embedded = wiring(&fixture.get(&artifact.digest)).embedded;
    assert!(embedded.contains(&provider.digest));
}

/// What one mode has in the emit cache is not given for another, in whatever order.
#[test]
fn modes_have_keys_of_their_own() {
    let modes = [None, Some(Strip::Debug), Some(Strip::All)];
    for first in 0..3 {
        let fixture = fixture(&[provider(7, "name"), provider(8, ".debug_info")]);
        let mut seen = Vec::new();
        for step in 0..3 {
            let make = || match modes[(first + step) % 3] {
                None => fixture.whole(),
                Some(mode) => fixture.stripped(mode),
            };
            let artifact = make();
            assert!(!artifact.cached, "{first} {step}");
            let again = make();
            assert!(again.cached && again.digest == artifact.digest);
            assert_eq!(again.plan_id, artifact.plan_id);
            assert!(!seen.contains(&(artifact.emit_key, artifact.digest)));
            assert!(
                seen.iter().all(|(key, digest)| {
                    *key != artifact.emit_key && *digest != artifact.digest
                })
            );
            seen.push((artifact.emit_key, artifact.digest));
        }
    }
}

/// Nothing of what is recorded under the key is believed.
#[test]
fn a_hit_has_the_stripped_forms_in_their_places() {
    let fixture = fixture(&[provider(7, "x")]);
    let (whole, made) = (fixture.whole(), fixture.stripped(Strip::All));
    let (unstripped, good) = (fixture.get(&whole.digest), fixture.get(&made.digest));
    let (front, of_whole) = (head(&good), head(&unstripped));
    let flipped = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    for bytes in [
        // The components as they are behind what says that they are stripped.
        [front, &unstripped[of_whole.len()..]].concat(),
        unstripped.clone(),
        flipped(good.len() - 1),
        flipped(front.len() + 30),
        flipped(front.len() - 40),
        [&good[..], &[0, 2, 1, b'x']].concat(),
    ] {
        let other = fixture.store.put(bytes);
        let recorded = Blobs::record_key(&fixture.store, &made.emit_key, &other);
        recorded.expect("in memory");
        let again = fixture.stripped(Strip::All);
        assert!(!again.cached && again.digest == made.digest);
    }
    assert!(fixture.stripped(Strip::All).cached);
}

/// A form that is gone or damaged is made again of its component; nobody waited for the
/// disk when it was written.
#[test]
fn a_form_is_healed() {
    let fixture = fixture(&[provider(7, "x")]);
    let made = fixture.stripped(Strip::All);
    let form = fixture.form(&made, "p0");
    let good = fixture.get(&form);
    let events = || {
        fixture
            .store
            .events()
            .concat()
            .matches("component.stripped")
            .count()
    };
    let before = events();
    for damage in [Some(good[1..].to_vec()), Some(vec![0; good.len()]), None] {
        match damage {
            Some(bytes) => fixture.store.damage(&form, bytes),
            None => assert!(fixture.store.remove(&form)),
        }
        // The artifact is there, and takes nothing of the form.
        assert!(fixture.stripped(Strip::All).cached);
        fixture.store.remove(&made.digest);
        let again = fixture.stripped(Strip::All);
        assert!(!again.cached && again.digest == made.digest);
        assert_eq!(fixture.get(&form), good);
    }
    // Once each time: the root's own form was good.
    assert_eq!(events() - before, 3);
}

/// A component that is damaged itself is an error that names it.
#[test]
fn a_damaged_component_is_refused() {
    let fixture = fixture(&[provider(7, "x")]);
    let digest = Digest::of(&provider(7, "x"));
    fixture.stripped(Strip::All);
    fixture.store.damage(&digest, vec![1, 2, 3]);
    // Its skeleton is known, and nothing of this mode.
    let host = fixture.store.host();
    let built = build_stripped(&fixture.bytes(), &HostPolicy::default(), Strip::Debug, host);
    let errors = built.expect_err("it is damaged");
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert_eq!(errors[0].pointer, "/components/0");
    assert!(errors[0].message.contains("\"p0\""), "{errors:#?}");
}
