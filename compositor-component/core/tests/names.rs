//! What names are compared by: versions on one semver track, canonical names with
//! a version suffix, and interfaces that an import implements under a label.
//!
//! One file because each way to write a name is held to all the others.

use compositor_core::memory::MemoryStore;
use compositor_core::{
    Candidate, Code, Decision, Diagnostic, GivenImports, Limits, Severity, create, host_policy,
};
use serde_json::{Value, json};
use test_generate::plan::Plan;
use wasmparser::{Validator, WasmFeatures};

/// An import or export in text: its name with what else is said of it.
fn named(name: &str) -> String {
    let mut parts = name.split(' ');
    let mut text = format!("{:?}", parts.next().expect("a name"));
    for part in parts {
        let (what, value) = part.split_once('=').expect("an option");
        text += &format!(" ({what} {value:?})");
    }
    text
}

/// A component whose imports are instances with `f`, and whose exports are, too.
fn component(imports: &[&str], exports: &[&str]) -> Vec<u8> {
    let mut text = String::from(
        "(component (core module $m (func (export \"f\") (result i64) (i64.const 1))) (core instance $m (instantiate $m)) (func $f (result u64) (canon lift (core func $m \"f\"))) (instance $i (export \"f\" (func $f)))\n",
    );
    for import in imports {
        text += &format!(
            "(import {} (instance (export \"f\" (func (result u64)))))\n",
            named(import)
        );
    }
    for export in exports {
        text += &format!("(export {} (instance $i))\n", named(export));
    }
    wat::parse_str(text + ")").expect("a component")
}

/// What comes of a plan where a host says something.
trait Under {
    /// What the artifact imports: names with what else is said of them.
    fn imported(&self, host: Value) -> Vec<String>;

    /// What is said of it.
    fn said(&self, host: Value) -> Vec<Diagnostic>;

    /// The only finding, as severity, message and help.
    #[track_caller]
    fn told(&self, host: Value) -> Diagnostic {
        let findings = self.said(host);
        let [finding] = &findings[..] else {
            panic!("{findings:#?}");
        };
        finding.clone()
    }
}

impl Under for Plan {
    #[track_caller]
    fn imported(&self, host: Value) -> Vec<String> {
        let built = self.clone().host(host).build();
        let (_, bytes) = built.unwrap_or_else(|errors| panic!("{errors:#?}"));
        let validated = Validator::new_with_features(WasmFeatures::all()).validate_all(&bytes);
        validated.expect("an artifact is valid");
        imports(&bytes)
    }

    fn said(&self, host: Value) -> Vec<Diagnostic> {
        self.clone().host(host).findings()
    }
}

/// The imports of a component, as [`named`] reads them.
fn imports(bytes: &[u8]) -> Vec<String> {
    test_generate::imports(bytes, |name| {
        let mut text = name.name.to_string();
        for (what, value) in [
            ("implements", name.implements),
            ("version-suffix", name.version_suffix),
            ("external-id", name.external_id),
        ] {
            text.extend(value.map(|value| format!(" {what}={value}")));
        }
        text
    })
}

fn plain() -> Value {
    json!({})
}

#[test]
fn bindings_match_canonical_names() {
    for (import, export) in [
        ("a:v/v@1.2.3", "a:v/v@1 version-suffix=.4.0"),
        ("a:v/v@1 version-suffix=.4.0", "a:v/v@1.2.3"),
        ("a:v/v@1 version-suffix=.4.0", "a:v/v@1 version-suffix=.2.0"),
        ("a:v/v@0.2 version-suffix=.4", "a:v/v@0.2.1+build"),
        ("a:v/v@0.0.4 version-suffix=+x", "a:v/v@0.0.4"),
    ] {
        let name = |text: &str| text.split(' ').next().expect("a name").to_string();
        let full = |text: &str| {
            let (name, suffix) = text.split_once(" version-suffix=").unwrap_or((text, ""));
            format!("{name}{suffix}")
        };
        for said in [import, export] {
            for by in [name(said), full(said)] {
                let plan = Plan::of([
                    ("app", component(&[import], &[])),
                    ("p", component(&[], &[export])),
                ])
                .bind_as("app", &by, "p", &by);
                assert_eq!(plan.imported(plain()), [""; 0], "{import} {export} {by}");
            }
        }
    }
    let plan = Plan::of([
        ("app", component(&["a:v/v@1.2.3"], &[])),
        ("p", component(&[], &["a:v/v@2 version-suffix=.4.0"])),
    ]);
    let plan = plan.bind_as("app", "a:v/v@1.2.3", "p", "a:v/v@1.2.3");
    assert!(
        plan.said(plain())
            .iter()
            .any(|f| f.code == Code::EmitLinkError)
    );
}

/// The one that is named is meant, else the highest of the track.
#[test]
fn the_highest_version_wins_in_any_order() {
    let mut exports = ["a:v/v@1.2.3", "a:v/v@1 version-suffix=.10.0", "a:v/v@1.9.0"];
    for _ in 0..3 {
        exports.rotate_left(1);
        let plan = Plan::of([
            ("app", component(&["a:v/v@1.4.0"], &[])),
            ("p", component(&[], &exports)),
        ])
        .bind_as("app", "a:v/v@1.4.0", "p", "a:v/v@1.4.0");
        let findings = plan.said(plain());
        let matched = findings.iter().find_map(|finding| finding.found.as_deref());
        assert_eq!(matched, Some("a:v/v@1.10.0"), "{exports:?}");
    }
}

#[test]
fn open_imports_of_one_track_are_one() {
    let mut versions = [
        "a:v/v@1.2.3",
        "a:v/v@1 version-suffix=.10.0",
        "a:v/v@1 version-suffix=.4.0",
    ];
    for _ in 0..3 {
        versions.rotate_left(1);
        let plan = Plan::of([
            ("app", component(&[versions[0], "a:b/b"], &[])),
            ("p", component(&[versions[1]], &["a:b/b"])),
            ("q", component(&[versions[2]], &["a:c/c"])),
        ])
        .bind_as("app", "a:b/b", "p", "a:b/b")
        .with(
            "explicit_exports",
            json!([{ "source_instance": "q", "interface_name": "a:c/c" }]),
        )
        .with("imports", json!(["a:v/v@1"]));
        assert_eq!(
            plan.imported(plain()),
            ["a:v/v@1 version-suffix=.10.0"],
            "{versions:?}"
        );
    }
}

/// A suffix is kept by groups, whose labels have none.
#[test]
fn large_plans_keep_suffixes() {
    let link = "a:link/link@1 version-suffix=.0.0";
    let link_name = "a:link/link@1";
    let one = component(&["a:v/v@1 version-suffix=.4.0", link], &[link]);
    let last = component(&["a:v/v@1.2.0"], &[link]);
    let ids: Vec<String> = (0..1100).map(|at| format!("c{at}")).collect();
    let components = ids.iter().map(|id| (id.as_str(), &one));
    let components: Vec<(&str, &Vec<u8>)> = components.chain([("last", &last)]).collect();
    let mut plan = Plan::of(components.iter().copied()).open("a:v/v@1");
    for pair in components.windows(2) {
        plan = plan.bind(pair[0].0, link_name, pair[1].0);
    }
    assert_eq!(plan.imported(plain()), ["a:v/v@1 version-suffix=.4.0"]);
}

/// A rule with a version holds for its track, however the import is named.
#[test]
fn rules_hold_for_tracks() {
    let imports = [
        "a:b/u@7 version-suffix=.1.0",
        "a:b/u@7.3.0",
        "a:b/u@7.3.0+x",
    ];
    for import in imports {
        let plan = Plan::of([("app", component(&[import], &[]))]);
        for name in [
            "a:b/u@7.1.0",
            "a:b/u@7",
            "a:b@7.9",
            "a:b/u",
            "a:b",
            "a:b/u@7.0.0+y",
        ] {
            assert_eq!(
                plan.imported(json!({ "deny": [name] })),
                [""; 0],
                "{name} {import}"
            );
            let denial = json!({ "denials": [{ "name": name }] });
            let plan = Plan::of([("app", component(&[import], &[]))]).with("policy", denial);
            assert_eq!(plan.imported(plain()), [""; 0], "{name} {import}");
            // What a capability names is the host's.
            let capability = json!({ "capabilities": [{ "name": name, "level": "optional" }] });
            let plan = Plan::of([("app", component(&[import], &[]))]).with("policy", capability);
            assert_eq!(plan.imported(plain()), [import], "{name} {import}");
            let plan = plan.with("policy", json!({}));
            assert_eq!(
                plan.imported(json!({ "allow": [name] })),
                [import],
                "{name} {import}"
            );
        }
        for name in ["a:b/u@8", "a:b@0.7", "a:b/u@7.1.0-rc.1"] {
            let listed =
                Plan::of([("app", component(&[import], &[]))]).with("imports", json!(["a:b/u@7"]));
            assert_eq!(
                listed.imported(json!({ "deny": [name] })),
                [import],
                "{name} {import}"
            );
        }
    }
    let plan = Plan::of([("app", component(&["wasi:cli/environment@0.2.6"], &[]))]);
    for name in [
        "wasi:cli@0.2.0",
        "wasi:cli@0.2",
        "wasi:cli/environment@0.2.11",
    ] {
        assert_eq!(plan.imported(json!({ "deny": [name] })), [""; 0], "{name}");
    }
    // A prerelease is a track of its own.
    let prerelease = "wasi:cli/environment@0.3.0-rc-2025-09-16";
    let plan = Plan::of([("app", component(&[prerelease], &[]))]);
    assert_eq!(
        plan.imported(json!({ "deny": ["wasi:cli@0.3.0"] })),
        [prerelease]
    );
    let deny = json!({ "deny": ["wasi:cli@0.3.0-rc-2025-09-16"] });
    assert_eq!(plan.imported(deny), [""; 0]);
}

/// What is denied is made of a resource of a canonical import that stays open.
#[test]
fn a_denial_beside_an_open_canonical_import() {
    let text = r#"(component
      (import "a:b/t@7" (version-suffix ".1.0") (instance $t
        (export "r" (type $r (sub resource)))
        (export "f" (func (result (own $r))))))
      (alias export $t "r" (type $r))
      (import "a:b/u@7" (version-suffix ".1.0") (instance
        (alias outer 1 $r (type $o)) (export "r" (type $r (eq $o)))
        (export "g" (func (param "x" (own $r)))))))"#;
    let bytes = wat::parse_str(text).expect("a component");
    for name in ["a:b/u", "a:b/u@7.1.0", "a:b/u@7"] {
        let plan = Plan::of([("app", bytes.clone())])
            .with("imports", json!(["a:b/t@7", "a:b/u@7"]))
            .with("policy", json!({ "denials": [{ "name": name }] }));
        assert_eq!(
            plan.imported(plain()),
            ["a:b/t@7 version-suffix=.1.0"],
            "{name}"
        );
    }
}

/// A clock whose pollables are the host's, under canonical names and labels.
#[test]
fn strict_waits_on_pollables_by_any_name() {
    for poll in [
        "wasi:io/poll@0.2.6",
        "wasi:io/poll@0.2 version-suffix=.6",
        "p implements=wasi:io/poll@0.2.6",
        "p implements=wasi:io/poll@0.2 version-suffix=.6",
    ] {
        for clock in [
            "wasi:clocks/monotonic-clock@0.2.6",
            "wasi:clocks/monotonic-clock@0.2 version-suffix=.6",
            "clock implements=wasi:clocks/monotonic-clock@0.2.6",
        ] {
            let text = format!(
                r#"(component
                  (import {} (instance $poll (export "pollable" (type (sub resource)))))
                  (alias export $poll "pollable" (type $p))
                  (import {} (instance
                    (alias outer 1 $p (type $o)) (export "pollable" (type $p (eq $o)))
                    (export "subscribe-duration" (func (param "for" u64) (result (own $p)))))))"#,
                named(poll),
                named(clock)
            );
            let bytes = wat::parse_str(text).expect("a component");
            let plan =
                Plan::of([("app", bytes)]).with("policy", json!({ "determinism": "strict" }));
            let open = plan.imported(plain());
            assert!(open.iter().any(|name| name == poll), "{open:?}");
            assert!(!open.iter().any(|name| name.contains("clock")), "{open:?}");
            assert!(
                open.contains(&"wasi:io/streams@0.2.6".to_string()),
                "{open:?}"
            );
        }
    }
}

#[test]
fn rules_hold_for_what_is_implemented() {
    let clock = "clock implements=wasi:clocks/monotonic-clock@0.2.0";
    let canonical = "clock implements=wasi:clocks/monotonic-clock@0.2 version-suffix=.6";
    for import in [clock, canonical] {
        // Listed or not, it is the host's.
        for listed in [json!([]), json!(["clock"])] {
            let plan =
                || Plan::of([("app", component(&[import], &[]))]).with("imports", listed.clone());
            assert_eq!(plan().imported(plain()), [import]);
            for name in [
                "*",
                "wasi:clocks",
                "wasi:clocks@0.2",
                "wasi:clocks/monotonic-clock@0.2.9",
            ] {
                assert_eq!(
                    plan().imported(json!({ "deny": [name] })),
                    [""; 0],
                    "{name}"
                );
                let denials = json!({ "denials": [{ "name": name }] });
                assert_eq!(
                    plan().with("policy", denials).imported(plain()),
                    [""; 0],
                    "{name}"
                );
            }
            let strict = plan().with("policy", json!({ "determinism": "strict" }));
            assert_eq!(strict.imported(plain()), [""; 0]);
            let audit = plan().with("policy", json!({ "determinism": "audit" }));
            let mut open = audit.imported(plain());
            open.sort();
            assert_eq!(open, [import, "sys:compose/audit@1.0.0"]);
            let relaxed = plan().with("policy", json!({}));
            assert_eq!(relaxed.imported(plain()), [import]);
        }
    }
    let listed = Plan::of([("app", component(&[clock], &[]))]).with("imports", json!(["clock"]));
    let finding = listed.told(plain());
    assert_eq!(finding.severity, Severity::Warning);
    assert!(finding.message.contains("is a host's"), "{finding:?}");
    let sockets = "net implements=wasi:sockets/tcp@0.2.0";
    for policy in [json!({}), json!({ "determinism": "strict" })] {
        let plan = Plan::of([("app", component(&[sockets], &[]))]).with("policy", policy);
        assert_eq!(plan.imported(plain()), [""; 0]);
    }
    let asked = json!({ "capabilities": [{ "name": "wasi:sockets", "level": "required" }] });
    let plan = Plan::of([("app", component(&[sockets], &[]))]).with("policy", asked);
    assert_eq!(plan.imported(plain()), [sockets]);
    let (artifact, _) = plan.build().expect("a sound plan");
    let decided = &artifact.decided[0];
    assert_eq!(decided.import, "net");
    assert_eq!(decided.interface, "wasi:sockets/tcp@0.2.0");
    assert_eq!(decided.decision, Decision::Granted);
    // The base and the linker are that by any name.
    for import in [
        "out implements=wasi:io/streams@0.2.0",
        "link implements=compose:dynlink/linker@0.1.0",
    ] {
        let linking = ["dynlink:resolve", "dynlink:invoke"];
        let asked = linking.map(|name| json!({ "name": name, "level": "optional" }));
        let plan = Plan::of([("app", component(&[import], &[]))])
            .with("policy", json!({ "capabilities": asked }));
        assert_eq!(plan.imported(plain()), [import]);
    }
    let link = "link implements=compose:dynlink/linker@0.1.0";
    let plan = Plan::of([("app", component(&[link], &[]))]).with("policy", json!({}));
    assert_eq!(plan.imported(plain()), [""; 0]);
    // What is no interface of the host's must be bound or listed, by its label.
    let plan = Plan::of([("app", component(&["kv implements=a:kv/store@1.0.0"], &[]))]);
    assert_eq!(plan.told(plain()).code, Code::EmitLinkError);
    let plan = plan.with("imports", json!(["kv"]));
    assert_eq!(plan.imported(plain()), ["kv implements=a:kv/store@1.0.0"]);
    assert_eq!(plan.imported(json!({ "deny": ["a:kv@1"] })), [""; 0]);
}

/// Components that mean the same by a label have one import, others none.
#[test]
fn labels_that_mean_different_things() {
    let plan = |one: &str, other: &str| {
        Plan::of([
            ("app", component(&["a:n/n@0.1.0", one], &[])),
            ("p", component(&[other], &["a:n/n@0.1.0"])),
        ])
        .bind_as("app", "a:n/n@0.1.0", "p", "a:n/n@0.1.0")
        .with("imports", json!(["store"]))
    };
    let same = "store implements=a:kv/store@1.2.0 external-id=a";
    assert_eq!(plan(same, same).imported(plain()), [same]);
    let older = "store implements=a:kv/store@1.1.0 external-id=a";
    for (one, other) in [(same, older), (older, same)] {
        assert_eq!(plan(one, other).imported(plain()), [same]);
    }
    for (one, other) in [
        (same, "store implements=a:other/thing@0.1.0 external-id=a"),
        (same, "store implements=a:kv/store@2.0.0 external-id=a"),
        (same, "store implements=a:kv/store@1.2.0 external-id=b"),
        (same, "store implements=a:kv/store@1.2.0"),
        (same, "store"),
    ] {
        for (one, other) in [(one, other), (other, one)] {
            let finding = plan(one, other).told(plain());
            assert_eq!(finding.code, Code::EmitLinkError, "{finding:?}");
            assert_eq!(finding.pointer, "/components/1");
            for said in ["\"app\"", "\"p\"", "\"store\"", "a:kv/store@1.2.0"] {
                assert!(finding.message.contains(said), "{said}: {finding:?}");
            }
            assert!(finding.help.contains("bind"), "{finding:?}");
        }
    }
    // What one of them has listed, the other has not.
    let sockets = "store implements=wasi:sockets/tcp@0.2.0";
    for (one, other) in [(same, sockets), (sockets, same)] {
        let denied = plan(one, other).with("policy", json!({ "denials": [{ "name": "a:kv" }] }));
        assert_eq!(denied.imported(plain()), [""; 0]);
    }
    // What is satisfied inside is no import of the artifact.
    let clocks = "store implements=wasi:clocks/wall-clock@0.2.0";
    let denied = plan(same, clocks).with("policy", json!({ "determinism": "strict" }));
    assert_eq!(denied.imported(plain()), [same]);
}

#[test]
fn candidates_of_new_plans() {
    for (import, export) in [
        ("a:kv/store@1.2.0", "a:kv/store@1 version-suffix=.4.0"),
        ("a:kv/store@1 version-suffix=.4.0", "a:kv/store@1.2.0"),
        ("kv implements=a:kv/store@1.2.0", "a:kv/store@1.2.0"),
        (
            "kv implements=a:kv/store@1 version-suffix=.2.0",
            "a:kv/store@1.9.0",
        ),
        ("a:kv/store@1.2.0", "kept implements=a:kv/store@1.2.0"),
        (
            "kv implements=a:kv/store@1.2.0",
            "kept implements=a:kv/store@1 version-suffix=.9.0",
        ),
    ] {
        let store = MemoryStore::new();
        let candidate = |id: &str, bytes: Vec<u8>| Candidate {
            id: id.to_string(),
            digest: store.put(bytes),
            source: None,
        };
        let root = candidate("app", component(&[import], &[]));
        let provider = candidate("p", component(&[], &[export]));
        let created =
            create(&root, &[provider], &GivenImports::default(), store.host()).expect("a plan");
        assert_eq!(created.plan.bindings.len(), 1, "{import} {export}");
        assert!(created.plan.imports.is_empty());
    }
    let store = MemoryStore::new();
    let root = Candidate {
        id: "app".into(),
        digest: store.put(component(
            &["c implements=wasi:clocks/wall-clock@0.2.0"],
            &[],
        )),
        source: None,
    };
    let created = create(&root, &[], &GivenImports::default(), store.host()).expect("a plan");
    assert!(created.manifest.is_empty() && created.plan.imports.is_empty());
}

#[test]
fn rules_that_mean_nothing() {
    let plan = || {
        Plan::of([(
            "app",
            component(&["wasi:http/types@0.2.0", "acme:host/store@1.0.0"], &[]),
        )])
        .with("imports", json!(["acme:host/store@1.0.0"]))
    };
    for (name, near) in [
        ("wasi:sokets", "wasi:sockets"),
        ("wasi:htp", "wasi:http"),
        ("wasi:http/typs", "wasi:http/types"),
        ("wasi:cli@9.9", "wasi:cli@0.2"),
        ("wasi:http@0.1.0", "wasi:http@0.3"),
        ("dynlink:reslove", "dynlink:resolve"),
    ] {
        let capability = json!({ "capabilities": [{ "name": name, "level": "optional" }] });
        let denial = json!({ "denials": [{ "name": name }] });
        for (policy, host, code, pointer) in [
            (
                capability,
                json!({}),
                Code::PlanInvalidGraph,
                "/policy/capabilities/0/name",
            ),
            (
                denial,
                json!({}),
                Code::PlanInvalidGraph,
                "/policy/denials/0/name",
            ),
            (
                json!({}),
                json!({ "allow": [name] }),
                Code::InvalidInput,
                "",
            ),
            (json!({}), json!({ "deny": [name] }), Code::InvalidInput, ""),
        ] {
            let finding = plan().with("policy", policy).told(host);
            assert_eq!((finding.severity, finding.code), (Severity::Error, code));
            assert_eq!(finding.pointer, pointer);
            assert_eq!(finding.help, format!("did you mean {near:?}?"));
            assert!(finding.message.contains(name), "{finding:?}");
        }
    }
    for (name, near) in [
        ("acme:hots", "acme:host"),
        ("acme:host/stroe", "acme:host/store"),
        ("acme:host/store@2.0.0", "acme:host/store@1.0.0"),
        ("acme:host@0.1", "acme:host@1.0.0"),
    ] {
        let finding = plan().told(json!({ "deny": [name] }));
        assert_eq!(
            (finding.severity, finding.code),
            (Severity::Warning, Code::InvalidInput)
        );
        assert_eq!(finding.help, format!("did you mean {near:?}?"));
    }
    // A policy for many plans is said once to be about others, and used.
    let deny =
        json!({ "deny": ["wasi:filesystem", "other:thing/far-away", "wasi:random@0.2.0", "*"] });
    let finding = plan().told(deny.clone());
    assert_eq!(finding.severity, Severity::Warning);
    for name in [
        "wasi:filesystem",
        "other:thing/far-away",
        "wasi:random@0.2.0",
    ] {
        assert!(finding.message.contains(name), "{finding:?}");
    }
    assert_eq!(plan().imported(deny), [""; 0]);
    // What a component imports is a name, whoever knows it.
    let odd = Plan::of([("app", component(&["wasi:odd/thing@9.9.0"], &[]))]);
    for name in ["wasi:odd", "wasi:odd@9.1", "wasi:odd/thing"] {
        assert_eq!(odd.said(json!({ "deny": [name] })), [], "{name}");
    }
    // All that is meant is meant of the components that it names.
    let host = json!({ "allow": [{ "name": "wasi:http", "components": ["ap"] }] });
    let finding = plan().said(host).remove(0);
    assert_eq!(
        (finding.severity, finding.code),
        (Severity::Error, Code::InvalidInput)
    );
    assert_eq!(finding.help, "did you mean \"app\"?");
    assert!(finding.found.is_some_and(|found| found.contains("item 0")));
}

/// Names are as WIT has them, and two of one track are one.
#[test]
fn rules_that_are_written_wrong() {
    for (name, near) in [
        ("WASI:http", "wasi:http"),
        ("wasi:Http", "wasi:http"),
        ("wasi:http/Types@0.2.0", "wasi:http/types@0.2.0"),
        (" wasi:http", "wasi:http"),
    ] {
        let text = json!({ "deny": [name] }).to_string();
        let errors = host_policy::parse(text.as_bytes(), &Limits::default()).expect_err(name);
        assert_eq!(errors[0].help, format!("did you mean {near:?}?"));
        for policy in [
            json!({ "capabilities": [{ "name": name, "level": "optional" }] }),
            json!({ "denials": [{ "name": name }] }),
        ] {
            let plan = Plan::of([("app", component(&[], &[]))]).with("policy", policy);
            let finding = plan.told(plain());
            assert_eq!(finding.code, Code::PlanInvalidSchema);
            assert_eq!(finding.help, format!("did you mean {near:?}?"));
        }
    }
    for (one, other) in [
        ("wasi:cli@0.2", "wasi:cli@0.2.6"),
        ("a:b@1.0.0", "a:b@1.5.0+x"),
        ("a:b/c@1", "a:b/c@1.2"),
    ] {
        let denials = json!({ "denials": [{ "name": one }, { "name": other }] });
        let plan = Plan::of([("app", component(&[], &[]))]).with("policy", denials);
        let finding = plan.told(plain());
        assert_eq!(finding.code, Code::PlanInvalidGraph);
        assert_eq!(finding.pointer, "/policy/denials/1");
        assert!(finding.message.contains(one) && finding.message.contains(other));
    }
}

/// What a rule is about may be in any program of a plan.
#[test]
fn rules_of_runtime_plans() {
    let endpoint = "compose:dynlink/endpoint@0.1.0";
    let plan = Plan::of([
        ("app", component(&["wasi:http/types@0.2.0"], &[])),
        ("p", component(&["wasi:random/random@0.2.0"], &[endpoint])),
        ("q", component(&["acme:host/store@1.0.0"], &[])),
    ])
    .with("linkage", json!("runtime"));
    let host = json!({ "deny": ["wasi:random", "wasi:http@0.2", "acme:host"] });
    assert_eq!(plan.said(host), []);
    assert_eq!(
        plan.said(json!({ "deny": ["acme:hots"] }))[0].help,
        "did you mean \"acme:host\"?"
    );
}
