//! Ids that look like others, hide something, or are paths.

use serde_json::json;

use super::row::{ABSENT, Folder, bounded, held};

#[test]
fn that_are_none() {
    for (name, id) in [
        ("nothing", String::new()),
        ("a Cyrillic letter", "\u{430}pp".to_string()),
        ("a letter of full width", "\u{ff41}pp".to_string()),
        ("a letter with a mark", "a\u{301}pp".to_string()),
        ("right to left", "a\u{202e}pp".to_string()),
        ("an isolate", "a\u{2066}pp".to_string()),
        ("a space of no width", "a\u{200b}pp".to_string()),
        ("a joiner", "a\u{200d}pp".to_string()),
        ("a byte order mark", "\u{feff}app".to_string()),
        ("a tag", "app\u{e0061}".to_string()),
        ("a NUL", "app\0".to_string()),
        ("a line end", "app\n".to_string()),
        ("an escape", "app\u{1b}[31m".to_string()),
        ("a space", "a pp".to_string()),
        ("a backslash", "a\\pp".to_string()),
        ("a percent sign", "%2e%2e".to_string()),
        ("129 letters", "a".repeat(129)),
        ("64 KiB", "a".repeat(64 << 10)),
        ("half a megabyte of marks", "\u{202e}".repeat(170_000)),
    ] {
        let component = json!({ "id": id, "digest": ABSENT });
        let plan = json!({ "version": "1", "root": id, "components": [component] });
        Folder::of(plan.to_string()).refused(name, "Plan.InvalidSchema");
        let sound = json!({ "id": "app", "digest": ABSENT });
        let binding = json!({ "import_name": "i", "provider_id": id, "export_name": "e" });
        let plan = json!({
            "version": "1", "root": "app", "components": [sound], "bindings": [binding],
        });
        Folder::of(plan.to_string()).refused(name, "Plan.InvalidSchema");
    }
}

/// An id is a name, and names nothing but a component.
#[test]
fn that_would_be_paths() {
    let folder = Folder::new();
    let digest = folder.put(&wat::parse_str("(component)").expect("sound WAT"));
    for id in [
        "../../etc/passwd",
        "/etc/passwd",
        "..",
        ".",
        "-",
        "--store",
        "C:/",
        "blobs/sha256/x",
    ] {
        let plan = json!({
            "version": "1", "root": id, "components": [{ "id": id, "digest": digest }],
        });
        folder.0.write("plan.json", plan.to_string());
        let output = bounded(
            id,
            folder.run(&["emit", "build", "plan.json", "-o", "out.wasm"]),
        );
        assert_eq!(output.status, 0, "{id}: {output:?}");
        let expected = [
            "blobs",
            "cache",
            "index.json",
            "oci-layout",
            "out.wasm",
            "plan.json",
            "tmp",
        ];
        let entries = std::fs::read_dir(folder.0.path()).expect("a folder");
        let entries = entries.map(|entry| entry.expect("an entry").file_name());
        for name in entries {
            let name = name.to_string_lossy().into_owned();
            assert!(expected.contains(&&*name), "{id}: {name}");
        }
    }
}

/// A source is a path that the user's plan names; what cannot be one is refused.
#[test]
fn sources_that_are_no_files() {
    for source in [
        "http://127.0.0.1/a.wasm",
        "file:",
        "file:/dev/zero",
        "file:/dev/stdin",
        "file:.",
        "file:a\u{202e}b",
        "FILE:a.wasm",
        "data:application/wasm;base64,AGFzbQ0AAQA=",
    ] {
        let component = json!({ "id": "a", "source": source });
        let plan = json!({ "version": "1", "root": "a", "components": [component] });
        let folder = Folder::of(plan.to_string());
        let before = folder.files();
        for args in [
            &["plan", "lock", "plan.json"][..],
            &["plan.json", "-o", "out.wasm"],
        ] {
            held(source, folder.run(args));
        }
        assert!(
            before == folder.files(),
            "{source}: files are not what they were"
        );
    }
}
