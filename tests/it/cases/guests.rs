//! The guests of the examples in plans that would make no good example.

use compositor_core::Code;
use compositor_tests::{Artifact, guest, read};
use test_generate::plan::Plan;
use wasmtime::component::Val;

use super::case::{BothWays as _, says};
use super::wiring::wiring;

const LEDGER: &str = "diamond:ledger/ledger@0.1.0";
const SAVINGS: &str = "diamond:savings/savings@0.1.0";
const AUDIT: &str = "diamond:audit/audit@0.1.0";

fn diamond(part: &str) -> Vec<u8> {
    read(guest(&format!("diamond-{part}")))
}

#[test]
fn exports_of_several_components_share_a_resource() {
    let emitted = Plan::new("savings", diamond("savings"))
        .component("ledger", diamond("ledger"))
        .bind("savings", LEDGER, "ledger")
        .export("ledger", LEDGER)
        .emitted();
    let mut artifact = Artifact::new(&emitted.bytes).unwrap();
    let args = [Val::String("Ada".into()), Val::S64(1_000)];
    let account = artifact.call(&format!("{SAVINGS}#open"), &args).unwrap();
    artifact
        .call(&format!("{SAVINGS}#add-interest"), &account)
        .unwrap();
    let balance = artifact.call(&format!("{LEDGER}#[method]account.balance"), &account);
    assert_eq!(balance.unwrap(), [Val::S64(1_100)]);
    let opened = artifact.call(&format!("{LEDGER}#opened"), &[]).unwrap();
    assert_eq!(opened, [Val::U32(1)]);
}

#[test]
fn a_diamond_of_two_ledgers_is_none() {
    let errors = Plan::new("app", diamond("root"))
        .component("ledger", diamond("ledger"))
        .component("second", diamond("ledger"))
        .component("savings", diamond("savings"))
        .component("audit", diamond("audit"))
        .bind("app", LEDGER, "ledger")
        .bind("app", SAVINGS, "savings")
        .bind("app", AUDIT, "audit")
        .bind("audit", LEDGER, "ledger")
        .bind("savings", LEDGER, "second")
        .refused();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    let words = [SAVINGS, "\"savings\"", "\"app\"", "account"];
    says(&errors[0], Code::EmitLinkError, &errors[0].pointer, &words);
}

#[test]
fn an_artifact_is_a_component_like_any_other() {
    // The ledger stays open in the first artifact, once for its three
    // consumers, and is bound in the second.
    let open = Plan::new("app", diamond("root"))
        .component("savings", diamond("savings"))
        .component("audit", diamond("audit"))
        .bind("app", SAVINGS, "savings")
        .bind("app", AUDIT, "audit")
        .open(LEDGER)
        .emitted();
    assert_eq!(wiring(&open.bytes).imports, [LEDGER]);
    let emitted = Plan::new("open", open.bytes)
        .component("ledger", diamond("ledger"))
        .bind("open", LEDGER, "ledger")
        .emitted();
    let mut artifact = Artifact::new(&emitted.bytes).unwrap();
    let seen = artifact.wave("diamond:app/app@0.1.0#run", &[]).unwrap();
    assert!(seen.contains("Ada and Bob: 1340"), "{seen}");
}

#[test]
fn async_and_sync_are_different_types() {
    let root = read(guest("async-root"));
    let words = "concurrent:words/words@0.3.0";
    let provider = super::wat::gives(words, &[("yield", "(result string)", "(result i32)")]);
    let errors = Plan::new("app", root)
        .component("words", provider)
        .bind("app", words, "words")
        .refused();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    let expected = [words, "split", "async func"];
    says(
        &errors[0],
        Code::EmitLinkError,
        &errors[0].pointer,
        &expected,
    );
}
