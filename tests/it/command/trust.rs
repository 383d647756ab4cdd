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
        said.contains("error[Trust.UntrustedSource/") && said.contains(&b),
        "{said}"
    );
    assert!(
        said.contains("= help: `composectl trust add DIGEST`"),
        "{said}"
    );
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

/// A store may come with a repository, with all that is in it.
#[test]
fn what_came_with_the_store_is_ignored_until_it_is_imported() {
    let folder = folder();
    let (app, numbers) = (component(APP), component(PROVIDER));
    let mut digests = [digest(&app), digest(&numbers)];
    digests.sort();
    for digest in &digests {
        let hex = digest.trim_start_matches("sha256:");
        folder.write(format!(".compose/trust/sha256/{hex}"), "");
    }
    assert_eq!(good(&folder, &["trust", "import", "--store", "none"]), "");
    let call = ["exec", "invoke", "plan.json", "demo:app/app#seven()"];
    for args in [&call[..], &["trust", "verify", &digests[0]]] {
        let (_, said) = partly(&folder, args);
        assert!(said.contains("error[Trust.UntrustedSource/"), "{said}");
        assert!(
            said.contains("2 digests") && said.contains("`composectl trust import`"),
            "{said}"
        );
    }
    assert_eq!(good(&folder, &["trust", "list"]), "");
    let lines: String = digests
        .iter()
        .map(|digest| format!("trusted {digest}\n"))
        .collect();
    assert_eq!(good(&folder, &["trust", "import"]), lines);
    assert_eq!(good(&folder, &call), "7\n");
}

/// Another user's state, by its option.
#[test]
fn state_is_a_folder_of_its_own() {
    let folder = Temp::new();
    let a = digest("a");
    good(&folder, &["trust", "add", &a, "--state", "mine"]);
    assert!(folder.join("mine/trust/sha256").is_dir());
    assert!(!folder.join(".compose").exists());
    assert_eq!(good(&folder, &["trust", "list"]), "");
    assert_eq!(
        good(&folder, &["trust", "list", "--state", "mine"]),
        format!("{a}\n")
    );
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
