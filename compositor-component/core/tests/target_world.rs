//! Artifacts held to a world of WIT: what they import beside it, what they lack of it,
//! and what differs.

use compositor_core::{
    Diagnostic, HostPolicy, Rule, Severity, Target, TargetWorld, host_policy, validate,
};
use test_generate::package;
use test_generate::plan::Plan;

/// What everything here is made of.
const WIT: &str = "package demo:app@1.2.0;
interface numbers { record pair { a: u32, b: u32 } seven: func() -> u32; both: func() -> pair; }
interface words { word: func() -> string; }
interface files { resource file { read: func() -> string; } open: func() -> file; }
interface shown { use files.{file}; show: func(of: borrow<file>) -> string; }
world app { import numbers; import files; export shown; export words; }
world provider { export numbers; }
world needs-words { import words; export numbers; }
world both { import numbers; import words; import files; export shown; export words; export numbers; }
world nothing { }
";

/// The same with other types.
const OTHER: &str = "package demo:app@1.2.0;
interface numbers { record pair { a: u32, b: u64 } seven: func() -> u32; both: func() -> pair; }
interface words { word: func() -> list<string>; }
interface files { resource file { read: func() -> string; } open: func() -> file; }
interface shown { use files.{file}; show: func(of: borrow<file>) -> string; }
world app { import numbers; import files; export shown; export words; }
";

fn held(plan: &Plan, host: &HostPolicy, wit: &str, world: &str) -> Result<(), Vec<Diagnostic>> {
    let (store, locked) = plan.stored()?;
    let policy = HostPolicy {
        target: Target::ANY,
        world: Some(TargetWorld {
            package: package(wit).expect("the test's WIT"),
            name: world.to_string(),
        }),
        ..host.clone()
    };
    validate(&locked, &policy, store.host()).map(|report| {
        let findings = report.findings.iter();
        assert!(
            findings.clone().all(|of| of.severity != Severity::Error),
            "{findings:?}"
        );
    })
}

/// What is said of a plan that does not fit: each message with what was found and
/// expected, and the place.
#[track_caller]
fn said(plan: &Plan, wit: &str, world: &str) -> Vec<(String, String, String, String)> {
    let findings = held(plan, &plan.host_policy(), wit, world).expect_err("it does not fit");
    let told = findings.into_iter().map(|of| {
        assert_eq!(of.rule, Rule::TargetMismatch, "{of:?}");
        assert!(!of.help.is_empty(), "{of:?}");
        let side = |side: Option<String>| side.unwrap_or_default();
        (of.message, side(of.found), side(of.expected), of.pointer)
    });
    told.collect()
}

fn app() -> Plan {
    Plan::rooted("app")
        .world("app", WIT, "app")
        .open("demo:app/numbers@1.2.0")
        .open("demo:app/files@1.2.0")
}

#[test]
fn what_fits() {
    let nobody = HostPolicy::default();
    for world in ["app", "demo:app/app@1.2.0", "both"] {
        let mut plan = app();
        if world == "both" {
            plan = plan
                .world("numbers", WIT, "provider")
                .export("numbers", "demo:app/numbers@1.2.0");
        }
        held(&plan, &nobody, WIT, world).unwrap_or_else(|found| panic!("{world}: {found:#?}"));
    }
    // Fewer imports and more exports than the world has.
    let bound = Plan::rooted("app")
        .world("app", WIT, "app")
        .world("numbers", WIT, "provider")
        .bind("app", "demo:app/numbers@1.2.0", "numbers")
        .export("numbers", "demo:app/numbers@1.2.0")
        .open("demo:app/files@1.2.0");
    held(&bound, &nobody, WIT, "app").expect("it fits");
}

#[test]
fn versions_of_one_track_are_one() {
    let nobody = HostPolicy::default();
    for version in ["1.0.0", "1.9.0"] {
        let other = WIT.replace("@1.2.0", &format!("@{version}"));
        held(&app(), &nobody, &other, "app")
            .unwrap_or_else(|found| panic!("{version}: {found:#?}"));
    }
    let other = WIT.replace("@1.2.0", "@2.0.0");
    let told = said(&app(), &other, "app");
    // Two imports that the world does not have, and two exports that it has.
    assert_eq!(told.len(), 4, "{told:#?}");
}

#[test]
fn an_import_too_many() {
    let plan = Plan::rooted("app")
        .world("app", WIT, "needs-words")
        .open("demo:app/words@1.2.0");
    let told = said(&plan, WIT, "provider");
    let [(message, found, expected, place)] = &told[..] else {
        panic!("{told:#?}");
    };
    assert_eq!(
        message,
        "the artifact imports \"demo:app/words@1.2.0\", which world \"provider\" does not"
    );
    assert_eq!(
        (found.as_str(), expected.as_str()),
        ("\"demo:app/words@1.2.0\"", "no imports")
    );
    assert_eq!(place, "/components/0");
    // What is denied is no import.
    let deny = br#"{"deny": ["demo:app/words"]}"#;
    let deny = host_policy::parse(deny, &Default::default()).expect("a policy");
    held(&plan, &deny, WIT, "provider").expect("it fits");
}

#[test]
fn an_export_too_few() {
    let plan =
        app()
            .world("numbers", WIT, "provider")
            .bind("app", "demo:app/numbers@1.2.0", "numbers");
    let plan = plan.with("imports", serde_json::json!(["demo:app/files@1.2.0"]));
    let (store, locked) = plan.stored().expect("a plan");
    let policy = HostPolicy {
        world: Some(TargetWorld {
            package: package(WIT).expect("the test's WIT"),
            name: "both".to_string(),
        }),
        ..HostPolicy::default()
    };
    let found = validate(&locked, &policy, store.host()).expect_err("it lacks an export");
    let [error] = &found[..] else {
        panic!("{found:#?}");
    };
    assert!(
        error
            .message
            .contains("does not export \"demo:app/numbers@1.2.0\""),
        "{error:?}"
    );
    assert!(
        error.help.contains("it is an export of \"numbers\""),
        "{error:?}"
    );
    assert_eq!(error.pointer, "/root");
}

#[test]
fn types_that_differ() {
    let told = said(&app(), OTHER, "app");
    let [(import, found, expected, at), (export, has, wanted, of)] = &told[..] else {
        panic!("{told:#?}");
    };
    assert!(
        import.contains("import \"demo:app/numbers@1.2.0\""),
        "{import}"
    );
    assert!(
        found.contains("b: u32") && expected.contains("b: u64"),
        "{found} {expected}"
    );
    assert!(
        export.contains("export \"demo:app/words@1.2.0\""),
        "{export}"
    );
    assert!(
        has.contains("-> string") && wanted.contains("-> list<string>"),
        "{has} {wanted}"
    );
    assert_eq!(
        (at.as_str(), of.as_str()),
        ("/components/0", "/components/0")
    );
    // A host's interface may have more functions than are asked for, and no fewer.
    let more = WIT.replace("seven: func", "six: func() -> u32; seven: func");
    held(&app(), &HostPolicy::default(), &more, "app").expect("it fits");
    let fewer = WIT.replace("both: func() -> pair;", "");
    let told = said(&app(), &fewer, "app");
    assert!(told[0].0.contains("(the world lacks both)"), "{told:#?}");
}

#[test]
fn worlds_that_there_are_not() {
    for (name, package) in [
        ("ap", package(WIT).expect("WIT")),
        ("numbers", package(WIT).expect("WIT")),
        ("app", b"\0asm\x01\0\0\0".to_vec()),
        ("app", b"\0asm\x0d\0\x01\0".to_vec()),
        ("app", Vec::new()),
        ("app", package(WIT).expect("WIT")[..60].to_vec()),
    ] {
        let (store, locked) = app().stored().expect("a plan");
        let policy = HostPolicy {
            world: Some(TargetWorld {
                package,
                name: name.to_string(),
            }),
            ..HostPolicy::default()
        };
        let found = validate(&locked, &policy, store.host()).expect_err("no world");
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!(found[0].rule, Rule::UnknownTarget, "{found:#?}");
    }
}
