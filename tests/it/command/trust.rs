//! `trust`.

use compositor_tests::Temp;

use super::fixture::{APP, PROVIDER, bad, component, digest, folder, good, json, partly};

#[test]
fn add_list_verify_and_remove() {
    let folder = Temp::new();
    let (a, b) = (digest("a"), digest("b"));
    assert_eq!(good(&folder, &["trust", "list"]), "");
    good(&folder, &["trust", "add", &a]);
    assert_eq!(good(&folder, &["trust", "list"]), format!("{a}\n"));
    assert_eq!(
        good(&folder, &["trust", "verify", &a]),
        "1 digest trusted\n"
    );
    let (done, said) = partly(&folder, &["trust", "verify", &a, &b]);
    assert_eq!(done, "1 digest trusted\n");
    assert!(
        said.contains("error[Trust.UntrustedSource]") && said.contains(&b),
        "{said}"
    );
    assert!(said.contains("= help: `trust add DIGEST`"), "{said}");
    assert!(!said.contains(&a), "{said}");
    let said = json(&folder, 1, &["trust", "verify", &b, &a]);
    assert_eq!(said["trusted"], serde_json::json!([a]));
    assert_eq!(
        json(&folder, 0, &["trust", "remove", &a, &b])["removed"][0],
        a.as_str()
    );
    assert_eq!(good(&folder, &["trust", "list"]), "");
    bad(&folder, 2, &["trust", "add"]);
    bad(&folder, 2, &["trust", "verify"]);
}

#[test]
fn add_every_component_of_a_plan() {
    let folder = folder();
    let mut digests = [digest(component(APP)), digest(component(PROVIDER))];
    digests.sort();
    let said = json(&folder, 0, &["trust", "add", "--plan", "plan.json"]);
    assert_eq!(said["trusted"], serde_json::json!(digests));
    assert_eq!(
        good(&folder, &["trust", "list"]),
        digests.map(|d| d + "\n").concat()
    );
}
