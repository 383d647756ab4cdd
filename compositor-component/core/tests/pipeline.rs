//! The pipeline against a store that is not as it should be, and what it says
//! the second time.

use compositor_core::limits::Limits;
use compositor_core::memory::MemoryStore;
use compositor_core::{Code, Diagnostic, Digest, HostPolicy, Severity, build, host, validate};
use serde_json::{Value, json};
use test_generate::wiring::head;

struct Fixture {
    store: MemoryStore,
    plan: Value,
    greeter: Digest,
}

/// A root that imports `g:g/greet@0.2.0`, and two components that export it
/// as `@0.2.6`.
fn fixture() -> Fixture {
    let store = MemoryStore::new();
    let put = |text: &str| store.put(wat::parse_str(text).expect("sound WAT"));
    let root = put("(component
        (import \"g:g/greet@0.2.0\" (instance $g (export \"greet\" (func (result u32)))))
        (alias export $g \"greet\" (func $f))
        (export \"run\" (func $f)))");
    let provider = |answer: u32| {
        put(&format!(
            "(component
                (core module $m (func (export \"f\") (result i32) i32.const {answer}))
                (core instance $i (instantiate $m))
                (func $f (result u32) (canon lift (core func $i \"f\")))
                (instance $g (export \"greet\" (func $f)))
                (export \"g:g/greet@0.2.6\" (instance $g)))"
        ))
    };
    let (greeter, other) = (provider(1), provider(2));
    let plan = json!({
        "version": "1", "root": "app",
        "components": [
            { "id": "app", "digest": root.to_string() },
            { "id": "greeter", "digest": greeter.to_string() },
            { "id": "other", "digest": other.to_string() },
        ],
        "bindings": [
            { "import_name": "g:g/greet@0.2.0", "provider_id": "greeter", "export_name": "g:g/greet@0.2.0" },
        ],
        "explicit_exports": [{ "source_instance": "other", "interface_name": "g:g/greet@0.2.6" }],
    });
    Fixture {
        store,
        plan,
        greeter,
    }
}

impl Fixture {
    fn bytes(&self) -> Vec<u8> {
        self.plan.to_string().into_bytes()
    }

    fn build(&self) -> compositor_core::Artifact {
        build(&self.bytes(), &HostPolicy::default(), self.store.host()).expect("a sound plan")
    }

    fn errors(&self) -> Vec<Diagnostic> {
        build(&self.bytes(), &HostPolicy::default(), self.store.host()).expect_err("an error")
    }
}

#[test]
fn a_cached_artifact_is_said_as_much_of_as_a_new_one() {
    let fixture = fixture();
    let (first, second) = (fixture.build(), fixture.build());
    assert!(!first.cached && second.cached);
    assert_eq!(first.digest, second.digest);
    assert_eq!(first.findings, second.findings);
    let matched = |finding: &Diagnostic| finding.message.contains("is matched with");
    assert!(first.findings.iter().any(matched), "{:?}", first.findings);
}

#[test]
fn a_hit_needs_the_artifact_whole() {
    let fixture = fixture();
    let artifact = fixture.build();
    let bytes = fixture.store.get(&artifact.digest).expect("it was written");
    fixture.store.damage(&artifact.digest, bytes[1..].to_vec());
    let again = fixture.build();
    assert!(!again.cached);
    assert_eq!(again.digest, artifact.digest);
    assert_eq!(
        fixture.store.get(&artifact.digest),
        Some(bytes),
        "and heals it"
    );
    fixture.store.remove(&artifact.digest);
    assert!(!fixture.build().cached);
}

/// The key of one plan leads to the artifact of another.
#[test]
fn a_hit_must_be_of_the_plan() {
    let fixture = fixture();
    let artifact = fixture.build();
    let other = fixture.store.put(b"\0asm\x0d\0\x01\0".to_vec());
    host::Blobs::record_key(&fixture.store, &artifact.emit_key, &other).expect("in memory");
    let again = fixture.build();
    assert!(!again.cached);
    assert_eq!(again.digest, artifact.digest);
}

/// Nothing of what was recorded under a key is believed: neither what it says of
/// itself nor its digest.
#[test]
fn a_hit_is_the_sealed_bytes_with_the_components_in_their_places() {
    let fixture = fixture();
    let artifact = fixture.build();
    let good = fixture.store.get(&artifact.digest).expect("it was written");
    // The provenance is in front of all of them.
    let evil = wat::parse_str("(component (import \"e:e/e\" (func)))").expect("sound WAT");
    let head = head(&good);
    for bytes in [
        [head, &evil[8..]].concat(),
        head.to_vec(),
        good[..good.len() - 1].to_vec(),
        [&good[..], &[0, 2, 1, b'x']].concat(),
        flipped(&good, good.len() - 1),
        flipped(&good, head.len() + 40),
        flipped(&good, 8 + 30),
        Vec::new(),
    ] {
        let other = fixture.store.put(bytes);
        host::Blobs::record_key(&fixture.store, &artifact.emit_key, &other).expect("in memory");
        let again = fixture.build();
        assert!(!again.cached);
        assert_eq!(again.digest, artifact.digest);
        assert!(fixture.build().cached, "the key is healed");
    }
}

fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1;
    bytes
}

/// What an artifact has of its components is proved in the artifact: on a hit the
/// components' own blobs are not read. Who asks about the store is told.
#[test]
fn a_hit_needs_no_component_and_validation_needs_them_all() {
    let fixture = fixture();
    let artifact = fixture.build();
    let bytes = fixture.store.get(&fixture.greeter).expect("it was put");
    fixture.store.damage(&fixture.greeter, bytes[1..].to_vec());
    let errors = validate(
        &fixture.bytes(),
        &HostPolicy::default(),
        fixture.store.host(),
    )
    .expect_err("damaged");
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].code, Code::BlobDigestMismatch);
    assert_eq!(errors[0].pointer, "/components/1");
    let message = &errors[0].message;
    assert!(message.contains("\"greeter\""), "{message}");
    fixture.store.put(bytes);
    let again = fixture.build();
    assert!(again.cached && again.digest == artifact.digest);
}

/// Damaged between the check and the splice, with the skeleton known.
#[test]
fn a_component_damaged_before_the_splice_is_refused_at_its_place() {
    let fixture = fixture();
    let artifact = fixture.build();
    fixture.store.remove(&artifact.digest);
    let bytes = fixture.store.get(&fixture.greeter).expect("it was put");
    fixture.store.damage(&fixture.greeter, bytes[1..].to_vec());
    let errors = fixture.errors();
    assert_eq!(errors[0].code, Code::BlobDigestMismatch);
    assert_eq!(errors[0].pointer, "/components/1");
    assert!(errors[0].position.is_some());
    assert_eq!(
        fixture.store.get(&artifact.digest),
        None,
        "nothing was written"
    );
}

/// A binding that was forgotten leaves an import without a provider and a
/// provider that nothing reaches; both are said, and who could provide it.
#[test]
fn a_missing_binding_names_who_could_provide_it() {
    let mut fixture = fixture();
    fixture.plan["bindings"] = json!([]);
    let errors = fixture.errors();
    let codes: Vec<Code> = errors.iter().map(|error| error.code).collect();
    assert_eq!(codes, [Code::PlanInvalidGraph, Code::EmitLinkError]);
    assert!(errors[0].message.contains("\"greeter\""));
    assert!(errors[1].message.contains("\"g:g/greet@0.2.0\""));
    assert!(
        errors[1].help.contains("\"greeter\", \"other\""),
        "{}",
        errors[1].help
    );
}

#[test]
fn what_nothing_acts_on_is_said() {
    let mut fixture = fixture();
    fixture.plan["secrets"] = json!([{ "secret_id": "key", "backend_uri": "vault://a" }]);
    let artifact = fixture.build();
    let warning = artifact
        .findings
        .iter()
        .find(|finding| finding.pointer == "/secrets");
    assert_eq!(
        warning.map(|finding| finding.code),
        Some(Code::SecretNotFound)
    );
}

/// Types and resources that a component imports by plain names, and what is
/// made of them, stay open under the same names.
#[test]
fn plain_names_stay_open_in_an_order_that_is_valid() {
    for text in [
        "(component (type (enum \"name\")) (import \"t\" (type $t (eq 0))) (import \"f\" (func (result $t))))",
        "(component (import \"x\" (type $x (sub resource))) (import \"[static]x.f\" (func)))",
        "(component
            (import \"z\" (type $z (sub resource)))
            (import \"[constructor]z\" (func (result (own $z))))
            (import \"[method]z.a\" (func (param \"self\" (borrow $z)))))",
    ] {
        let store = MemoryStore::new();
        let digest = store.put(wat::parse_str(text).expect("sound WAT"));
        let plan = json!({
            "version": "1", "root": "a", "components": [{ "id": "a", "digest": digest.to_string() }],
            "imports": ["f", "t", "x", "z", "[static]x.f", "[constructor]z", "[method]z.a"],
        });
        let artifact = build(
            plan.to_string().as_bytes(),
            &HostPolicy::default(),
            store.host(),
        );
        let artifact = artifact.unwrap_or_else(|errors| panic!("{text}: {errors:?}"));
        let bytes = store.get(&artifact.digest).expect("it was written");
        wasmparser::Validator::new()
            .validate_all(&bytes)
            .expect("it is valid");
    }
}

#[test]
fn a_component_has_the_world_that_the_plan_states() {
    let mut fixture = fixture();
    let bytes = fixture.store.get(&fixture.greeter).expect("it is there");
    let world =
        compositor_core::canon_wit::ids(&bytes, &Limits::default()).expect("it has a world")[0].id;
    let unstated = fixture.build().plan_id;
    fixture.plan["components"][1]["world"] = world.to_string().into();
    assert_ne!(fixture.build().plan_id, unstated);

    // The other provider's world is the same; the root's is not.
    fixture.plan["components"][2]["world"] = world.hex().into();
    fixture.build();
    fixture.plan["components"][0]["world"] = world.to_string().into();
    let mut errors = fixture.errors();
    errors.retain(|finding| finding.severity == Severity::Error);
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert_eq!(errors[0].code, Code::EmitLinkError);
    assert_eq!(errors[0].pointer, "/components/0/world");
    assert_eq!(errors[0].expected, Some(world.to_string()));
    assert!(
        errors[0]
            .found
            .as_ref()
            .is_some_and(|found| *found != world.to_string())
    );
    assert!(
        validate(
            &fixture.bytes(),
            &HostPolicy::default(),
            fixture.store.host()
        )
        .is_err()
    );

    fixture.plan["components"][0]["world"] = "sha256:12".into();
    let errors = fixture.errors();
    assert_eq!(errors[0].code, Code::EmitInvalidDigest);
    assert_eq!(errors[0].pointer, "/components/0/world");
}
