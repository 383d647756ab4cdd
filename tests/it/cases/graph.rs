//! Errors of the plan's graph: ids, bindings and their order.

use compositor_core::Code;
use compositor_tests::Written as _;
use test_generate::plan::Plan;

use super::case::{BothWays as _, says};
use super::wat::{leaf, node};

const A: &str = "t:n/a@0.1.0";
const B: &str = "t:n/b@0.1.0";

/// A root that imports `a` of a provider.
fn sound() -> Plan {
    Plan::new("app", node(&[A], "t:n/app@0.1.0", 1))
        .component("alpha", leaf(A, 2))
        .bind("app", A, "alpha")
}

#[test]
fn unknown_ids() {
    let errors = sound()
        .bind("ap", B, "alpha")
        .bind("app", B, "alhpa")
        .bind("app", "t:n/c@0.1.0", "nobody-like-it")
        .export("beta-or-so", A)
        .refused();
    let expect = [
        (
            "/bindings/1/consumer_id",
            &["\"ap\"", "did you mean \"app\""][..],
        ),
        (
            "/bindings/2/provider_id",
            &["\"alhpa\"", "did you mean \"alpha\""],
        ),
        (
            "/bindings/3/provider_id",
            &["\"nobody-like-it\"", "alpha, app"],
        ),
        ("/explicit_exports/0/source_instance", &["\"beta-or-so\""]),
    ];
    assert_eq!(errors.len(), expect.len(), "{errors:#?}");
    for (error, (pointer, words)) in errors.iter().zip(expect) {
        says(error, Code::PlanInvalidGraph, pointer, words);
    }
}

#[test]
fn unknown_root() {
    let mut plan = sound().value;
    plan["root"] = "apple".into();
    let temp = sound().written();
    let errors = super::case::errors(&temp.write("plan.json", plan.to_string()));
    assert!(errors.iter().any(|e| e.pointer == "/root"), "{errors:#?}");
}

#[test]
fn a_binding_twice() {
    // Said once with the root's id and once without.
    let mut plan = sound().component("beta", leaf(A, 3)).value;
    let again = serde_json::json!({ "import_name": A, "provider_id": "beta", "export_name": A });
    plan["bindings"].as_array_mut().unwrap().push(again);
    let temp = sound().component("beta", leaf(A, 3)).written();
    let errors = super::case::errors(&temp.write("plan.json", plan.to_string()));
    let words = [A, "\"app\"", "twice", "/bindings/0"];
    says(&errors[0], Code::PlanInvalidGraph, "/bindings/1", &words);
    assert_eq!(errors.len(), 1, "{errors:#?}");
}

#[test]
fn an_id_twice() {
    let mut plan = sound().value;
    let components = plan["components"].as_array_mut().unwrap();
    components.push(components[0].clone());
    let temp = sound().written();
    let errors = super::case::errors(&temp.write("plan.json", plan.to_string()));
    let pointer = "/components/2/id";
    says(
        &errors[0],
        Code::PlanInvalidGraph,
        pointer,
        &["\"app\"", "/components/0"],
    );
}

#[test]
fn unreachable_components() {
    let errors = sound()
        .component("beta", node(&[B], A, 3))
        .component("gamma", leaf(B, 4))
        .bind("beta", B, "gamma")
        .refused();
    assert_eq!(errors.len(), 2, "{errors:#?}");
    says(
        &errors[0],
        Code::PlanInvalidGraph,
        "/components/2",
        &["\"beta\""],
    );
    says(
        &errors[1],
        Code::PlanInvalidGraph,
        "/components/3",
        &["\"gamma\""],
    );
}

#[test]
fn a_cycle_names_its_path() {
    let error = sound()
        .component("alpha", node(&[B], A, 2))
        .component("beta", node(&["t:n/c@0.1.0"], B, 3))
        .component("gamma", node(&[A], "t:n/c@0.1.0", 4))
        .bind("alpha", B, "beta")
        .bind("beta", "t:n/c@0.1.0", "gamma")
        .bind("gamma", A, "alpha")
        .refusal();
    let path = "alpha -> beta -> gamma -> alpha";
    says(&error, Code::PlanCycleDetected, "/bindings/1", &[path]);
}

#[test]
fn a_component_that_needs_itself() {
    let error = sound()
        .component("alpha", node(&[A], A, 2))
        .bind("alpha", A, "alpha")
        .refusal();
    let path = "alpha -> alpha";
    says(&error, Code::PlanCycleDetected, "/bindings/1", &[path]);
}

#[test]
fn a_root_that_somebody_needs() {
    let error = sound()
        .component("alpha", node(&["t:n/app@0.1.0"], A, 2))
        .bind("alpha", "t:n/app@0.1.0", "app")
        .refusal();
    let path = "alpha -> app -> alpha";
    says(&error, Code::PlanCycleDetected, "/bindings/1", &[path]);
}
