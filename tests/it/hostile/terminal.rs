//! Texts that steer a terminal or hide: from plans, from components, from names
//! of files and from arguments, to people and to programs.

use serde_json::json;

use super::row::{Folder, bounded};

/// What a terminal obeys, or shows as something else: colours, a title, a bell;
/// the same as single characters; changes of direction, and what has no width.
const EVIL: [&str; 3] = [
    "\u{1b}[31m\u{1b}]0;title\u{7}\u{8}\r",
    "\u{85}\u{9b}31m\u{9d}",
    "\u{202e}\u{2066}\u{200b}\u{feff}\u{e0041}",
];

/// Runs in both formats, whatever comes of it.
fn runs(name: &str, folder: &Folder, args: &[&str]) {
    for format in ["text", "json"] {
        bounded(name, folder.run(&[args, &["--format", format]].concat()));
    }
}

#[test]
fn in_plans() {
    for evil in EVIL {
        let texts = [
            json!({ evil: evil }),
            json!({ "version": evil, "root": evil, "linkage": evil }),
            json!({ "version": "1", "root": "a", "components": [{ "id": "a", "source": evil }] }),
            json!({
                "version": "1", "root": "a", "imports": [evil],
                "components": [{ "id": "a", "source": format!("file:{evil}.wasm") }],
                "secrets": [{ "secret_id": "s", "backend_uri": evil }],
                "policy": { "tenant": evil, "capabilities": [{ "name": evil, "level": "required" }] },
            }),
        ];
        // And as it is, which JSON may not hold.
        let raw = format!("{{\"{evil}\": {evil}");
        let texts = texts.map(|plan| plan.to_string()).into_iter().chain([raw]);
        for text in texts {
            let folder = Folder::of(&text);
            for args in [
                &["plan", "validate", "plan.json"][..],
                &["plan", "info", "plan.json"],
                &["plan", "lock", "plan.json", "-o", "locked.json"],
                &["emit", "build", "plan.json", "-o", "out.wasm", "-v"],
            ] {
                runs(&format!("{evil:?}"), &folder, args);
            }
        }
    }
}

/// Names of what a component imports and exports may be any text, but for those
/// of the validator's form.
#[test]
fn in_components() {
    for evil in EVIL {
        let module = |name: &str| format!("(core module (func (export {name:?})))");
        let escaped: String = evil.bytes().map(|byte| format!("\\{byte:02x}")).collect();
        let mut tried = 0;
        for text in [
            format!("(component (import \"{escaped}\" (func)))"),
            format!("(component (import \"a:b/c@1.0.0-{escaped}\" (func)))"),
            format!("(component (import \"url=<https://{escaped}>\" (func)))"),
            format!(
                "(component (core module (import \"{escaped}\" \"{escaped}\" (func))) (export \"m\" (core module 0)))"
            ),
            format!("(component (type (record (field \"{escaped}\" u8))) (export \"t\" (type 0)))"),
            format!("(component (@custom \"{escaped}\" \"x\") {})", module("f")),
        ] {
            let Ok(bytes) = wat::parse_str(&text) else {
                continue;
            };
            tried += 1;
            let folder = Folder::of_component(&bytes);
            folder.0.write("a.wasm", &bytes);
            for args in [
                &["plan", "validate", "plan.json"][..],
                &["plan", "info", "plan.json"],
                &["plan", "info", "a.wasm"],
                &["plan", "new", "a.wasm", "--dir", "."],
                &["exec", "list", "plan.json"],
                &["exec", "describe", "plan.json", "m"],
                &["exec", "run", "plan.json"],
            ] {
                runs(&format!("{evil:?}"), &folder, args);
            }
        }
        assert!(tried > 3, "{evil:?} {tried}");
    }
}

#[test]
fn in_names_of_files_and_in_arguments() {
    for evil in EVIL {
        let folder = Folder::new();
        let name = format!("a{evil}.wasm");
        folder
            .0
            .write(&name, wat::parse_str("(component)").expect("WAT"));
        let plan = format!("p{evil}.json");
        folder.0.write(&plan, "{}");
        folder.0.write(format!("blobs/sha256/{evil}"), "");
        folder.0.write(format!("trust/sha256/{evil}"), "");
        let policy = format!("no{evil}");
        for args in [
            &["plan", "validate", &plan][..],
            &["plan", "info", &name],
            &["plan", "new", &name, "--dir", "."],
            &["plan", "new", &policy, "--dir", evil],
            &["blob", "put", &name],
            &["blob", "get", evil],
            &["blob", "list"],
            &["blob", "verify"],
            &["trust", "list"],
            &["trust", "add", evil],
            &["canon", "cbor-check", &plan],
            &["plan", "validate", "plan.json", "--policy", &policy],
            &["plan", "validate", "plan.json", "--deny", evil],
            &["exec", "invoke", "plan.json", evil],
            &[evil],
            &["plan", evil],
            &["--option", evil],
        ] {
            runs(&format!("{evil:?} {:?}", args[0]), &folder, args);
        }
    }
}
