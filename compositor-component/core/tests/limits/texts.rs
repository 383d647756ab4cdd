//! What is read: plans, policies and CBOR.

use compositor_core::plan::parse;
use compositor_core::{Code, Diagnostic, Limits, Rule, cbor, host_policy, limits};
use serde_json::{Value, json};

use super::{DIGEST, default, holds, plan};

fn errors(plan: &Value, limits: &Limits) -> Vec<Diagnostic> {
    parse(plan.to_string().as_bytes(), limits).map_or_else(|errors| errors, |_| Vec::new())
}

#[test]
fn bytes_of_a_plan_and_of_a_policy() {
    let size = default(|limits| limits.plan_bytes);
    let padded = |text: &str| [text.as_bytes(), &vec![b' '; size - text.len()]].concat();
    let text = padded(&plan().to_string());
    holds("plan-bytes", Code::PlanInvalidSchema, size, |limits| {
        parse(&text, limits).map_or_else(|errors| errors, |_| Vec::new())
    });
    let text = padded("{}");
    holds("plan-bytes", Code::InvalidInput, size, |limits| {
        host_policy::parse(&text, limits).map_or_else(|errors| errors, |_| Vec::new())
    });
}

/// What `canon:cbor` says, as a finding.
fn violation(bytes: &[u8], limits: &Limits) -> Vec<Diagnostic> {
    let violation = cbor::check(bytes, limits).err().into_iter();
    let finding = |violation: cbor::Violation| {
        Diagnostic::error(Rule::InvalidCbor, violation.message, violation.rule)
    };
    violation.map(finding).collect()
}

#[test]
fn nesting_of_texts() {
    let depth = default(|limits| limits.nesting);
    let json = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    holds("nesting", Code::PlanInvalidSchema, depth, |limits| {
        parse(json.as_bytes(), limits).map_or_else(|errors| errors, |_| Vec::new())
    });
    let cbor = [vec![0x81; depth], vec![0]].concat();
    holds("nesting", Code::PlanInvalidCbor, depth, |limits| {
        violation(&cbor, limits)
    });
}

#[test]
fn values_of_texts() {
    let count = default(|limits| limits.values);
    let json = format!("[0{}]", ",0".repeat(count - 1));
    holds("values", Code::PlanInvalidSchema, count, |limits| {
        parse(json.as_bytes(), limits).map_or_else(|errors| errors, |_| Vec::new())
    });
    let items = count as u32 - 1;
    let cbor = [&[0x9a][..], &items.to_be_bytes(), &vec![0; items as usize]].concat();
    holds("values", Code::PlanInvalidCbor, count, |limits| {
        violation(&cbor, limits)
    });
}

#[test]
fn bytes_of_ids_and_names() {
    let size = default(|limits| limits.id_bytes);
    let mut long = plan();
    long["components"][0]["id"] = json!("i".repeat(size));
    holds("id-bytes", Code::PlanInvalidSchema, size, |limits| {
        errors(&long, limits)
    });
    let size = default(|limits| limits.name_bytes);
    let mut long = plan();
    long["imports"] = json!(["n".repeat(size)]);
    holds("name-bytes", Code::PlanInvalidSchema, size, |limits| {
        errors(&long, limits)
    });
}

#[test]
fn items_of_lists() {
    let list = |count: usize, item: &dyn Fn(usize) -> Value| (0..count).map(item).collect();
    let mut many = plan();
    let count = default(|limits| limits.components);
    many["components"] = list(
        count,
        &|index| json!({ "id": format!("c{index}"), "digest": DIGEST }),
    );
    holds("components", Code::PlanInvalidSchema, count, |limits| {
        errors(&many, limits)
    });
    let mut many = plan();
    let count = default(|limits| limits.bindings);
    many["bindings"] = list(
        count,
        &|index| json!({ "import_name": format!("n{index}"), "provider_id": "c", "export_name": "e" }),
    );
    holds("bindings", Code::PlanInvalidSchema, count, |limits| {
        errors(&many, limits)
    });
    let count = default(|limits| limits.list_items);
    let export = json!({ "source_instance": "a", "interface_name": "i" });
    let secret = json!({ "secret_id": "a", "backend_uri": "i" });
    let rule = json!({ "name": "a:b", "level": "optional" });
    let denial = json!({ "name": "a:b" });
    for (pointer, item) in [
        ("/explicit_exports", export),
        ("/imports", json!("i")),
        ("/secrets", secret),
        ("/policy/capabilities", rule),
        ("/policy/denials", denial),
    ] {
        let mut many = plan();
        match pointer.strip_prefix("/policy/") {
            Some(name) => many["policy"] = json!({ name: vec![item; count] }),
            None => many[&pointer[1..]] = json!(vec![item; count]),
        }
        holds("list-items", Code::PlanInvalidSchema, count, |limits| {
            errors(&many, limits)
        });
    }
}

#[test]
fn errors_beyond_the_limit_are_counted() {
    let mut wrong = plan();
    let items = vec![json!(0); limits::FINDINGS + 7];
    wrong["imports"] = json!(items);
    let errors = errors(&wrong, &Limits::default());
    assert_eq!(errors.len(), limits::FINDINGS + 1);
    let last = &errors[limits::FINDINGS].message;
    assert!(last.starts_with("7 more"), "{last}");
}

#[test]
fn a_long_name_is_not_quoted() {
    for (length, is_quoted) in [(limits::QUOTED, true), (limits::QUOTED + 1, false)] {
        let name = "n".repeat(length);
        let mut long = plan();
        long[&name] = json!(0);
        let errors = errors(&long, &Limits::default());
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert_eq!(errors[0].message.contains(&name), is_quoted, "{errors:?}");
    }
}
