//! What hosts take: proposals, modules and components, instances, imports; each
//! at what a host has and one past it, by a plan's validation and by what the
//! parser of that host says of the artifact.
//!
//! One file because each limit is held to the same hosts by the same fixture.

use std::fmt::Write as _;

use compositor_core::wasm::WasmFeatures;
use compositor_core::{Code, Diagnostic, HostPolicy, Remedy, Severity, Target, build, validate};
use serde_json::{Value, json};
use test_generate::plan::{Plan, plan};
use wasmparser::Validator;

fn target(name: &str) -> HostPolicy {
    HostPolicy {
        target: Target::named(name).expect("a target"),
        ..HostPolicy::default()
    }
}

fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// A plan of components, the first of which is the root.
struct Fixture(Plan);

impl Fixture {
    fn new(components: &[Vec<u8>]) -> Self {
        let ids = (0..).map(|index| format!("c{index}"));
        let plan = Plan::of(ids.zip(components));
        let exports = 1..components.len();
        Self(exports.fold(plan, |plan, index| {
            plan.export(&format!("c{index}"), &format!("e{index}"))
        }))
    }

    fn with(self, field: &str, value: Value) -> Self {
        Self(self.0.with(field, value))
    }

    fn validate(&self, name: &str) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
        let (store, plan) = self.0.stored()?;
        let report = validate(&plan, &target(name), store.host())?;
        Ok(report.findings)
    }

    /// The only error that there is for a target.
    fn error(&self, name: &str) -> Diagnostic {
        let mut errors = self.validate(name).expect_err("an error");
        errors.retain(|error| error.severity == Severity::Error);
        assert_eq!(errors.len(), 1, "{errors:?}");
        errors.remove(0)
    }

    fn artifact(&self, name: &str) -> Vec<u8> {
        let (store, plan) = self.0.stored().expect("a plan");
        let built = build(&plan, &target(name), store.host());
        let digest = built.unwrap_or_else(|errors| panic!("{errors:?}")).digest;
        store.get(&digest).expect("it is in the store")
    }
}

/// What the parser of wasmtime 50 says, which is the one that is here.
fn is_taken(artifact: &[u8]) -> Result<(), String> {
    let features = WasmFeatures::WASM3
        .union(WasmFeatures::COMPONENT_MODEL)
        .union(WasmFeatures::CM_ASYNC)
        .union(WasmFeatures::WIDE_ARITHMETIC);
    let validated = Validator::new_with_features(features).validate_all(artifact);
    validated.map(drop).map_err(|error| error.to_string())
}

/// A component with a core module.
fn module(fields: &str) -> String {
    format!("(component (core module {fields}))")
}

fn function(body: &str) -> String {
    module(&format!("(memory 1) (func {body})"))
}

/// Components that need a proposal, its name, and the targets that have it.
fn proposals() -> Vec<(String, &'static str, &'static str)> {
    const ALL: &str = "wasmtime@48 wasmtime@49 wasmtime@50 composectl jco@1";
    const WASMTIME: &str = "wasmtime@48 wasmtime@49 wasmtime@50 composectl";
    let import = |ty: &str| format!("(component (import \"f\" (func {ty})))");
    vec![
        (function(""), "", ALL),
        (function("i32.const 0 i32.extend8_s drop"), "", ALL),
        (function("return_call 0"), "tail calls", ALL),
        (import("async"), "async functions, streams and futures", ALL),
        (
            import("(result (stream u8))"),
            "async functions, streams and futures",
            ALL,
        ),
        (
            module("(memory 1) (memory 1)"),
            "several memories",
            WASMTIME,
        ),
        (
            function("v128.const i64x2 0 0 i32x4.relaxed_trunc_f32x4_s drop"),
            "relaxed SIMD",
            WASMTIME,
        ),
        (module("(memory i64 1)"), "64-bit memories", WASMTIME),
        (function("i32.const 0 i32.atomic.load drop"), "threads", ALL),
        (module("(tag)"), "exceptions", WASMTIME),
        (
            module("(type $f (func)) (func (param (ref $f)) local.get 0 call_ref $f)"),
            "function references",
            WASMTIME,
        ),
        (module("(type (struct))"), "garbage collection", WASMTIME),
        (
            function("i64.const 2 i64.const 0 i64.const 3 i64.const 0 i64.add128 drop drop"),
            "wide arithmetic",
            "wasmtime@49 wasmtime@50 composectl",
        ),
        (
            import("(param \"m\" (map string u32))"),
            "maps",
            "composectl jco@1",
        ),
        (module("(memory 1 1 shared)"), "shared memories", "jco@1"),
        (
            import("(result (list u32 3))"),
            "fixed-length lists",
            "jco@1",
        ),
        (import("(result error-context)"), "error contexts", "jco@1"),
        (
            "(component (import \"x\" (implements \"a:b/c@1.0.0\") (instance)))".to_string(),
            "`implements`",
            "jco@1",
        ),
        (
            "(component (import \"a:b/c@1\" (version-suffix \".2.0\") (instance)))".to_string(),
            "canonical versions",
            "",
        ),
        (module("(memory 1 (pagesize 1))"), "custom page sizes", ""),
        (
            module("(type $f (func)) (type (cont $f))"),
            "stack switching",
            "",
        ),
        (function("try end"), "legacy exceptions", ""),
        (
            function("i32.const 0 i32.const 0 memory.discard"),
            "memory control",
            "",
        ),
        (
            module("(type (shared (func)))"),
            "shared-everything threads",
            "",
        ),
    ]
}

#[test]
fn proposals_are_told_by_name_where_a_host_lacks_them() {
    for (text, proposal, hosts) in proposals() {
        let imports = ["f", "x", "a:b/c@1"];
        let imports: Vec<&str> = imports
            .into_iter()
            .filter(|name| text.contains(&format!("\"{name}\"")))
            .collect();
        let fixture = Fixture::new(&[wat(&text)]).with("imports", json!(imports));
        fixture
            .validate("any")
            .unwrap_or_else(|e| panic!("{text}: {e:?}"));
        // Where no host was named, names alone are no reason to refuse.
        let is_of_names = ["`implements`", "canonical versions"].contains(&proposal);
        let is_in_stock = hosts.split(' ').any(|host| host == "wasmtime@50");
        match fixture.validate("stock") {
            Ok(findings) => {
                assert!(is_of_names || is_in_stock, "{text}");
                let warned = |one: &Diagnostic| one.message.contains(proposal);
                assert_eq!(findings.iter().any(warned), is_of_names, "{findings:?}");
            }
            Err(errors) => assert!(!is_of_names && !is_in_stock, "{text}: {errors:?}"),
        }
        for name in Target::names()
            .into_iter()
            .filter(|name| name.contains('@') || *name == "composectl")
        {
            // Twice: the second time from what the store keeps.
            for _ in 0..2 {
                if hosts.split(' ').any(|host| host == name) {
                    let findings = fixture.validate(name);
                    findings.unwrap_or_else(|e| panic!("{text} for {name}: {e:?}"));
                    continue;
                }
                let error = fixture.error(name);
                assert_eq!(error.code, Code::EmitCompositionFailed);
                assert_eq!(error.pointer, "/components/0");
                assert!(error.message.contains("\"c0\" needs"), "{}", error.message);
                assert!(error.message.contains(name), "{}", error.message);
                let found = error.found.as_deref().unwrap_or_default();
                assert!(found.contains(proposal), "{text} for {name}: {found}");
                let helps: Vec<&str> = hosts.split(' ').filter(|host| !host.is_empty()).collect();
                for host in &helps {
                    assert!(error.help.contains(host), "{}: {}", host, error.help);
                }
                let [Remedy::Target(other)] = &error.remedies[..] else {
                    panic!("{error:?}");
                };
                assert!(other == "any" || helps.contains(&other.as_str()), "{other}");
                assert_eq!(other == "any", helps.is_empty(), "{text} for {name}");
            }
        }
        // Shared memories are refused when they are made.
        if proposal != "shared memories" {
            assert_eq!(
                is_taken(&fixture.artifact("any")).is_ok(),
                is_in_stock,
                "{text}"
            );
        }
    }
}

#[test]
fn each_component_is_told_of_at_its_place() {
    let wide = function("i64.const 2 i64.const 0 i64.const 3 i64.const 0 i64.add128 drop drop");
    let exports = |name: &str, of: &str| {
        wat(&of.replacen(
            "(component ",
            &format!("(component (instance $e) (export \"{name}\" (instance $e)) "),
            1,
        ))
    };
    let fixture = Fixture::new(&[
        wat("(component)"),
        exports("e1", &wide),
        exports("e2", &module("")),
        exports("e3", &module("(memory i64 1) (tag)")),
    ]);
    assert_eq!(fixture.error("wasmtime@48").pointer, "/components/1");
    let errors = fixture.validate("jco").expect_err("errors");
    let places: Vec<&str> = errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(places, ["/components/1", "/components/3"]);
    assert_eq!(
        errors[1].found.as_deref(),
        Some("64-bit memories, exceptions")
    );
}

/// A function that is exported, and the core module that it is made of.
fn exported(export: &str, number: usize) -> String {
    format!(
        "(core module $m (func (export \"f\") (result i32) i32.const {number}))
         (core instance $i (instantiate $m))
         (func $f (result u32) (canon lift (core func $i \"f\")))
         (export \"{export}\" (func $f))"
    )
}

/// A component with so many core modules, and an export.
fn modules(count: usize, export: &str, number: usize) -> Vec<u8> {
    let modules = "(core module)".repeat(count - 1);
    let exported = exported(export, number);
    wat(&format!("(component {exported} {modules})"))
}

#[test]
fn modules_and_components_at_the_most_and_one_more() {
    // Itself and the artifact.
    let fixture = |count: usize| Fixture::new(&[modules(count - 2, "e0", 0)]);
    let most = fixture(1000);
    for name in Target::names() {
        most.validate(name)
            .unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
    }
    assert_eq!(is_taken(&most.artifact("wasmtime")), Ok(()));

    let more = fixture(1001);
    for name in ["wasmtime@50", "composectl"] {
        let error = more.error(name);
        assert_eq!(error.code, Code::EmitCompositionFailed);
        assert_eq!(error.pointer, "/components/0");
        assert_eq!(error.expected.as_deref(), Some("at most 1000"));
        let found = error.found.unwrap_or_default();
        assert!(found.starts_with("1001: \"c0\" brings 1000"), "{found}");
        assert!(error.help.contains("wasmtime@48"), "{}", error.help);
    }
    let refused = is_taken(&more.artifact("wasmtime@48")).expect_err("one too many");
    assert!(
        refused.contains("modules and components count exceeds"),
        "{refused}"
    );
}

#[test]
fn components_of_a_module_each() {
    let fixture = |count: usize| {
        let components = (0..count).map(|index| modules(1, &format!("e{index}"), index));
        Fixture::new(&components.collect::<Vec<_>>())
    };
    let most = fixture(499);
    assert_eq!(is_taken(&most.artifact("wasmtime")), Ok(()));
    let error = fixture(500).error("wasmtime");
    let found = error.found.unwrap_or_default();
    assert!(found.starts_with("1001: \"c0\" brings 2"), "{found}");
    assert!(
        found.contains("495 other components bring 990, 1 are made"),
        "{found}"
    );
    assert!(
        error.help.contains("fewer distinct components"),
        "{}",
        error.help
    );

    // More than can be validated here is said as clearly.
    let error = fixture(1000).error("wasmtime@48");
    assert_eq!(error.expected.as_deref(), Some("at most 1000"));
    let found = error.found.unwrap_or_default();
    assert!(found.starts_with("2001: \"c0\" brings 2"), "{found}");
}

#[test]
fn what_is_linked_at_run_time_is_refused_when_it_is_written() {
    let components = (0..500).map(|index| modules(1, &format!("e{index}"), index));
    let fixture = Fixture::new(&components.collect::<Vec<_>>()).with("linkage", json!("runtime"));
    let findings = fixture.validate("wasmtime").expect("programs are small");
    let is_told = |finding: &Diagnostic| finding.message.contains("1001 modules and components");
    assert!(
        findings
            .iter()
            .any(|finding| { is_told(finding) && finding.severity == Severity::Warning })
    );
    let (store, plan) = fixture.0.stored().expect("a plan");
    let built = build(&plan, &target("wasmtime"), store.host());
    assert!(is_told(&built.expect_err("it would be one artifact")[0]));
}

#[test]
fn instances_of_a_component() {
    let fixture = |count: usize| {
        let mut text = "(component (core module $m)".to_string();
        for _ in 0..count {
            let _ = write!(text, "(core instance (instantiate $m))");
        }
        Fixture::new(&[wat(&(text + ")"))])
    };
    for (count, refuse) in [
        (1000, &[][..]),
        (1001, &["wasmtime@48", "wasmtime@49", "jco@1"]),
        (4096, &["wasmtime@48", "wasmtime@49", "jco@1"]),
    ] {
        let fixture = fixture(count);
        assert_eq!(is_taken(&fixture.artifact("any")), Ok(()));
        for name in Target::names()
            .into_iter()
            .filter(|name| name.contains('@'))
        {
            let is_ok = fixture.validate(name).is_ok();
            assert_eq!(is_ok, !refuse.contains(&name), "{count} for {name}");
        }
    }
    assert!(fixture(4097).validate("any").is_err());
}

#[test]
fn imports_that_a_host_does_not_give_are_one_warning() {
    let import = |name: &str| format!("(import \"{name}\" (instance (export \"f\" (func))))");
    let names = [
        "wasi:random/random@0.2.3",
        "wasi:random/random@0.3.7",
        "wasi:random/random@0.3.0-rc-2025-09-16",
        "wasi:config/store@0.2.0-rc.1",
        "compose:dynlink/linker@0.1.9",
        "acme:own/thing",
    ];
    let text: String = names.iter().map(|name| import(name)).collect();
    let fixture = Fixture::new(&[wat(&format!("(component {text})"))])
        .with("imports", json!(["acme:own/thing"]));
    let warnings = |name: &str| {
        let findings = fixture.validate(name).expect("warnings are no errors");
        let of_target = |finding: &Diagnostic| finding.message.contains("does not give");
        let found: Vec<Diagnostic> = findings.into_iter().filter(of_target).collect();
        assert!(
            found
                .iter()
                .all(|finding| finding.severity == Severity::Warning)
        );
        found
    };
    assert_eq!(warnings("any"), []);
    for (name, lacking) in [
        ("wasmtime@50", 4),
        ("wasmtime@48", 4),
        ("jco", 4),
        ("composectl", 3),
    ] {
        let [warning] = &warnings(name)[..] else {
            panic!("one for {name}");
        };
        assert_eq!(warning.found, Some(format!("{lacking} of its imports")));
        assert!(
            warning.message.contains("acme:own/thing"),
            "{}",
            warning.message
        );
        assert!(!warning.message.contains("0.2.3"), "{}", warning.message);
        let dynlink = warning.message.contains("compose:dynlink");
        assert_eq!(dynlink, name != "composectl");
    }
}

#[test]
fn types_alone_need_nobody_to_give_them() {
    let text = "(component
        (import \"a:b/types\" (instance $t (type (record (field \"a\" u8))) (export \"r\" (type (eq 0)))))
        (alias export $t \"r\" (type $r))
        (import \"wasi:random/random@0.2.0\" (instance (export \"f\" (func (result u8))))))";
    let fixture = Fixture::new(&[wat(text)]);
    let findings = fixture.validate("wasmtime").expect("it is valid");
    assert_eq!(findings, []);
}

#[test]
fn strict_takes_relaxed_simd_where_it_is_the_same_everywhere() {
    let relaxed = function("v128.const i64x2 0 0 i32x4.relaxed_trunc_f32x4_s drop");
    let of = |determinism: &str| {
        let policy = json!({ "determinism": determinism, "capabilities": [] });
        Fixture::new(&[
            wat("(component)"),
            wat(&relaxed.replacen(
                "(component ",
                "(component (instance $e) (export \"e1\" (instance $e)) ",
                1,
            )),
        ])
        .with("policy", policy)
    };
    let strict = of("strict");
    for name in ["wasmtime@48", "wasmtime@50", "any"] {
        let error = strict.error(name);
        assert_eq!(error.pointer, "/components/1");
        assert_eq!(error.found.as_deref(), Some("relaxed SIMD"));
        assert!(error.help.contains("composectl"), "{}", error.help);
    }
    assert_eq!(strict.validate("composectl"), Ok(Vec::new()));
    for determinism in ["relaxed", "audit"] {
        assert!(of(determinism).validate("wasmtime").is_ok());
    }
}

/// A component of three modules, as ordinary Rust programs have them, that imports
/// some interfaces of the host and is like no other.
fn program(index: usize, interfaces: &[&str]) -> Vec<u8> {
    let mut imports = String::new();
    for interface in interfaces {
        let _ = write!(
            imports,
            "(import \"{interface}@0.2.0\" (instance (export \"f\" (func (param \"x\" string) (result u64)))))"
        );
    }
    let exported = exported(&format!("e{index}"), index);
    wat(&format!(
        "(component {imports} {exported} (core module) (core module)
            (instance $e (export \"f\" (func $f))) (export \"p:p/e\" (instance $e)))"
    ))
}

const INTERFACES: [&str; 5] = [
    "wasi:random/random",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:sockets/network",
    "wasi:filesystem/types",
];

#[test]
fn recorders_and_refusals_are_there_once() {
    let audit = json!({
        "determinism": "audit",
        "capabilities": INTERFACES.map(|name| json!({ "name": name, "level": "required" })),
    });
    // Each its own interfaces, so that no two components are satisfied alike.
    let subset = |index: usize| -> Vec<&str> {
        let is_asked = |position: &usize| (index % 31 + 1) >> position & 1 == 1;
        (0..5).filter(is_asked).map(|at| INTERFACES[at]).collect()
    };
    for (policy, made) in [
        (json!(null), 0),
        // Randomness is given unasked. What satisfies a component, for each set of
        // the other two, and for each of these a component and a module.
        (json!({ "capabilities": [] }), 3 + 2 * 2),
        // For each interface two modules, and what knows the components' names.
        (audit, 31 + 5 * 3 + 3),
    ] {
        for count in [200, 230] {
            let programs = (0..count).map(|index| program(index, &subset(index)));
            let mut fixture = Fixture::new(&programs.collect::<Vec<_>>());
            if !policy.is_null() {
                fixture = fixture.with("policy", policy.clone());
            }
            let artifact = fixture.artifact("any");
            let found = compositor_core::wasm::modules_and_components(&artifact);
            // More instances than a component holds are in two groups.
            let groups = if count == 230 && made > 31 { 2 } else { 0 };
            assert_eq!(found, 1 + 4 * count + made + groups, "{policy}");
            assert_eq!(fixture.validate("wasmtime").is_ok(), found <= 1000);
            assert_eq!(is_taken(&artifact).is_ok(), found <= 1000);
        }
    }
}

/// In groups of instances too, which alias what is around them.
#[test]
fn recorders_are_shared_by_groups() {
    let audit = json!({
        "determinism": "audit",
        "capabilities": [{ "name": "wasi:random", "level": "required" }],
    });
    const COUNT: usize = 450;
    let of = [&[0][..], &[1], &[0, 1], &[1, 2]];
    let imports: String = (0..COUNT)
        .map(|at| format!("(import \"i{at}\" (instance (export \"f\" (func (result u32)))))"))
        .collect();
    let programs = of.iter().enumerate().map(|(index, interfaces)| {
        let interfaces: Vec<&str> = interfaces.iter().map(|at| INTERFACES[*at]).collect();
        program(index, &interfaces)
    });
    let programs: Vec<Vec<u8>> = programs.collect();
    let mut plan = plan(format!("(component {imports})")).policy(audit);
    for at in 0..COUNT {
        let id = format!("p{at}");
        plan = plan.component(&id, &programs[at % programs.len()]).bind_as(
            "app",
            &format!("i{at}"),
            &id,
            "p:p/e",
        );
    }
    let fixture = Fixture(plan);
    let artifact = fixture.artifact("wasmtime");
    assert_eq!(is_taken(&artifact), Ok(()));
    assert_eq!(artifact, fixture.artifact("wasmtime@48"));
}

/// A target decides what is refused, and nothing else.
#[test]
fn artifacts_do_not_depend_on_the_target() {
    let fixture = Fixture::new(&[modules(3, "e0", 0), modules(2, "e1", 1)]);
    let names = Target::names().into_iter();
    let artifacts: Vec<Vec<u8>> = names.map(|name| fixture.artifact(name)).collect();
    assert!(artifacts.windows(2).all(|pair| pair[0] == pair[1]));
}

/// What has no name could not be told of.
#[test]
fn every_proposal_has_a_name() {
    use compositor_validator::{BASELINE, PROPOSALS, SHARED_MEMORIES, named};
    let named_ones = PROPOSALS.iter();
    let all = named_ones.fold(BASELINE, |all, (proposal, _)| all.union(*proposal));
    assert!(all.contains(WasmFeatures::all().union(SHARED_MEMORIES)));
    for (proposal, name) in PROPOSALS {
        assert_eq!(named(name), Some(*proposal));
    }
}

#[test]
fn names() {
    assert_eq!(Target::named("wasmtime"), Target::named("wasmtime@50"));
    assert_eq!(Target::named("stock"), Ok(Target::STOCK));
    let unknown = Target::named("wasmtme")
        .expect_err("there is none")
        .to_string();
    assert!(unknown.contains("wasmtime@48"), "{unknown}");
}
