//! `plan lock`, `plan digest`, `plan convert`, and locking on the fly.
//!
//! One file because all of it is what becomes of the sources of a plan.

use std::os::unix::fs::symlink;

use compositor_tests::Embedding;

use super::fixture::{
    APP, PLAN, PROVIDER, bad, blobs, component, digest, fifo, folder, good, json, names, piped,
};

#[test]
fn lock_writes_digests_in_place() {
    let folder = folder();
    good(&folder, &["plan", "lock", "plan.json"]);
    let locked = std::fs::read_to_string(folder.join("plan.json")).expect("plan.json");
    for text in [APP, PROVIDER] {
        assert!(locked.contains(&digest(component(text))), "{locked}");
    }
    assert_eq!(names(&folder), [".compose", "app.wasm", "lib", "plan.json"]);
    assert_eq!(
        good(&folder, &["plan", "lock", "plan.json"]),
        "plan.json is locked\n"
    );
    good(&folder, &["plan", "validate", "--locked", "plan.json"]);
    // The store has all it needs now.
    std::fs::remove_file(folder.join("app.wasm")).expect("app.wasm");
    good(&folder, &["plan.json", "--locked"]);
}

#[test]
fn lock_to_another_file() {
    let folder = folder();
    let said = json(
        &folder,
        0,
        &["plan", "lock", "plan.json", "-o", "locked.json"],
    );
    assert_eq!(said["staged"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        std::fs::read_to_string(folder.join("plan.json")).expect("plan.json"),
        PLAN
    );
    let id = good(&folder, &["plan", "digest", "locked.json"]);
    assert_eq!(good(&folder, &["plan", "digest", "plan.json"]), id);
    let piped = good(&folder, &["plan", "lock", "plan.json", "-o", "-"]);
    assert_eq!(
        piped.as_bytes(),
        std::fs::read(folder.join("locked.json")).expect("locked")
    );
}

/// Relative sources start at the plan's folder, wherever that is.
#[test]
fn lock_to_another_folder() {
    let folder = folder();
    std::fs::create_dir(folder.join("out")).expect("a folder");
    let absolute = folder.join("app.wasm").display().to_string();
    for (plan, app) in [
        (PLAN.to_string(), "file:../app.wasm".to_string()),
        (
            PLAN.replace("file:app.wasm", &format!("file:{absolute}")),
            format!("file:{absolute}"),
        ),
    ] {
        folder.write("plan.json", &plan);
        good(
            &folder,
            &["plan", "lock", "plan.json", "-o", "out/locked.json"],
        );
        let said = json(&folder, 0, &["plan", "info", "out/locked.json"]);
        assert_eq!(said["plan"]["components"][0]["source"], app.as_str());
        assert_eq!(
            said["plan"]["components"][1]["source"],
            "file:../lib/numbers.wasm"
        );
        assert_eq!(
            std::fs::read_to_string(folder.join("plan.json")).expect("plan.json"),
            plan
        );
        // The sources are found, although the store has none of them.
        for store in ["s1", "s2"] {
            let _ = std::fs::remove_dir_all(folder.join(store));
        }
        good(&folder, &["out/locked.json", "--locked", "--store", "s1"]);
        // What is locked already, and in CBOR.
        let cbor = [
            "plan",
            "convert",
            "out/locked.json",
            "-o",
            "out/locked.cbor",
        ];
        good(&folder, &cbor);
        good(
            &folder,
            &["plan", "lock", "out/locked.cbor", "-o", "again.cbor"],
        );
        good(&folder, &["canon", "cbor-check", "again.cbor"]);
        good(&folder, &["again.cbor", "--locked", "--store", "s2"]);
        let piped = good(&folder, &["plan", "lock", "out/locked.json", "-o", "-"]);
        assert!(piped.contains("\"file:lib/numbers.wasm\""), "{piped}");
    }
}

#[test]
fn thousands_of_missing_sources() {
    let folder = folder();
    let components: Vec<_> = (0..5000)
        .map(
            |n| serde_json::json!({ "id": format!("c{n:04}"), "source": format!("file:no/{n}.wasm") }),
        )
        .collect();
    let plan = serde_json::json!({
        "version": "1", "root": "c0000", "components": components, "bindings": [],
    });
    folder.write("plan.json", format!("{plan:#}"));
    let said = json(&folder, 1, &["plan", "lock", "plan.json"]);
    let errors = said["errors"].as_array().expect("findings");
    assert_eq!(errors.len(), 101);
    assert_eq!(errors[99]["pointer"], "/components/99/source");
    assert_eq!(errors[99]["line"], 7 + 4 * 99);
    let note = errors[100]["message"].as_str().expect("a message");
    assert!(note.contains("4900 more components"), "{note}");
    let said = bad(&folder, 1, &["plan.json", "--locked"]);
    assert!(said.contains("`c0009` and 4990 more"), "{said}");
}

#[test]
fn locked_refuses_what_is_not() {
    let folder = folder();
    for args in [
        &["plan.json", "--locked"][..],
        &["plan", "validate", "plan.json", "--locked"],
        &["plan", "digest", "plan.json", "--locked"],
        &["emit", "build", "plan.json", "--locked", "-o", "out.wasm"],
        &["exec", "list", "plan.json", "--locked"],
    ] {
        let said = bad(&folder, 1, args);
        assert!(said.contains("not locked: `app`, `numbers`"), "{said}");
        assert!(said.contains("`composectl plan lock plan.json`"), "{said}");
    }
    assert_eq!(names(&folder), ["app.wasm", "lib", "plan.json"]);
}

#[test]
fn a_source_that_changed_since() {
    let folder = folder();
    good(&folder, &["plan", "lock", "plan.json"]);
    std::fs::remove_dir_all(folder.join(".compose")).expect("the store");
    folder.write("lib/numbers.wasm", component("(component)"));
    for args in [&["plan.json"][..], &["plan", "lock", "plan.json"]] {
        let said = bad(&folder, 1, args);
        assert!(said.contains("error[Blob.DigestMismatch/"), "{said}");
        assert!(said.contains(&digest(component(PROVIDER))), "{said}");
        assert!(said.contains(&digest(component("(component)"))), "{said}");
    }
}

#[test]
fn sources_that_cannot_be_read() {
    let folder = folder();
    let plan = PLAN
        .replace("file:app.wasm", "https://example.com/app.wasm")
        .replace("lib/", "bil/");
    folder.write("plan.json", &plan);
    for args in [
        &["plan", "lock", "plan.json"][..],
        &["plan.json", "-o", "out.wasm"],
    ] {
        let said = bad(&folder, 1, args);
        assert!(said.contains("only `file:` sources"), "{said}");
        assert!(said.contains("cannot read `bil/numbers.wasm`"), "{said}");
        assert!(said.ends_with("\n2 errors\n"), "{said}");
    }
    assert_eq!(
        std::fs::read_to_string(folder.join("plan.json")).expect("plan.json"),
        plan
    );
    assert!(!folder.join("out.wasm").exists());
}

#[test]
fn sources_are_looked_for_beside_the_plan() {
    let folder = folder();
    let absolute = folder.join("app.wasm");
    let plan = PLAN
        .replace("file:app.wasm", &format!("file://{}", absolute.display()))
        .replace("file:lib/", "file:../lib/");
    folder.write("plans/plan.json", plan);
    good(&folder, &["plan", "validate", "plans/plan.json"]);
}

#[test]
fn convert_there_and_back() {
    let folder = folder();
    good(&folder, &["plan", "lock", "plan.json"]);
    good(
        &folder,
        &["plan", "convert", "plan.json", "-o", "plan.cbor"],
    );
    good(&folder, &["canon", "cbor-check", "plan.cbor"]);
    good(
        &folder,
        &["plan", "convert", "plan.cbor", "-o", "back.json"],
    );
    let id = good(&folder, &["plan", "digest", "plan.json"]);
    assert_eq!(good(&folder, &["plan", "digest", "plan.cbor"]), id);
    assert_eq!(good(&folder, &["plan", "digest", "back.json"]), id);
    let text = good(&folder, &["plan", "convert", "plan.cbor", "--to", "json"]);
    assert_eq!(
        text.as_bytes(),
        std::fs::read(folder.join("back.json")).expect("back.json")
    );
    good(&folder, &["plan.cbor", "-o", "out.wasm"]);
}

#[test]
fn plans_in_answers_for_programs() {
    let folder = folder();
    good(&folder, &["plan", "lock", "plan.json"]);
    let text = std::fs::read_to_string(folder.join("plan.json")).expect("plan.json");
    let plan: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let said = json(
        &folder,
        0,
        &["plan", "convert", "plan.json", "--to", "json"],
    );
    assert_eq!(said["document"], plan);
    good(
        &folder,
        &["plan", "convert", "plan.json", "-o", "plan.cbor"],
    );
    let bytes = std::fs::read(folder.join("plan.cbor")).expect("plan.cbor");
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let said = json(&folder, 0, &["plan", "convert", "plan.json"]);
    assert_eq!(
        (&said["hex"], &said["size"]),
        (&hex.into(), &bytes.len().into())
    );
}

/// What is no component never gets into the store, whoever may read that.
#[test]
fn sources_that_are_no_components() {
    let folder = folder();
    folder.write("secret.txt", "a secret of many bytes");
    folder.write("short.wasm", b"\0asm\x0d\0\x01");
    folder.write(
        "module.wasm",
        wat::parse_str("(module)").expect("sound WAT"),
    );
    folder.write("empty.wasm", "");
    fifo(&folder, "fifo");
    symlink("secret.txt", folder.join("link.wasm")).expect("a link");
    for (source, says) in [
        ("secret.txt", "something other than WebAssembly"),
        ("link.wasm", "something other than WebAssembly"),
        ("short.wasm", "something other than WebAssembly"),
        ("empty.wasm", "something other than WebAssembly"),
        ("module.wasm", "a core module"),
        ("/etc/hostname", "something other than WebAssembly"),
        ("/proc/version", "something other than WebAssembly"),
        ("/proc/kmsg", "cannot"),
        ("fifo", "it is not a regular file"),
        ("/dev/zero", "it is not a regular file"),
        ("/dev/null", "it is not a regular file"),
        ("lib", "it is a folder"),
        ("none.wasm", "no such file"),
    ] {
        folder.write(
            "bad.json",
            PLAN.replace("file:app.wasm", &format!("file:{source}")),
        );
        let before = blobs(&folder);
        for args in [
            &["plan", "lock", "bad.json", "-o", "locked.json"][..],
            &["plan", "validate", "bad.json"],
            &["plan", "digest", "bad.json"],
            &["plan", "convert", "bad.json", "-o", "bad.cbor"],
            &["emit", "build", "bad.json", "-o", "out.wasm"],
            &["exec", "list", "bad.json"],
            &["trust", "add", "--plan", "bad.json"],
        ] {
            let said = bad(&folder, 1, args);
            assert!(said.contains(says), "{source}: {args:?}: {said}");
            assert!(said.contains("bad.json:5"), "{source}: {args:?}: {said}");
        }
        let said = json(&folder, 0, &["plan", "info", "bad.json"]);
        assert_eq!(said["valid"], false, "{source}");
        // The other component may be there; nothing of this one is.
        let provider = digest(component(PROVIDER));
        let new: Vec<String> = blobs(&folder)
            .into_iter()
            .filter(|blob| !before.contains(blob) && *blob != provider)
            .collect();
        assert_eq!(new, [] as [String; 0], "{source}");
    }
    assert!(!folder.join("out.wasm").exists() && !folder.join("locked.json").exists());
}

/// A locked plan's source that has other bytes is not put anywhere.
#[test]
fn sources_of_other_bytes_are_not_kept() {
    let folder = folder();
    good(&folder, &["plan", "lock", "plan.json"]);
    std::fs::remove_dir_all(folder.join(".compose")).expect("the store");
    let other = component("(component (core module))");
    folder.write("app.wasm", &other);
    for args in [
        &["plan.json"][..],
        &["plan", "lock", "plan.json"],
        &["plan", "validate", "plan.json"],
    ] {
        let said = bad(&folder, 1, args);
        assert!(said.contains("error[Blob.DigestMismatch/"), "{said}");
        assert!(!blobs(&folder).contains(&digest(&other)), "{args:?}");
    }
}

#[test]
fn sources_are_not_taken_from_the_store() {
    let folder = folder();
    good(&folder, &["plan.json"]);
    let hex = digest(component(APP)).replace("sha256:", "");
    let blob = format!(".compose/blobs/sha256/{hex}");
    symlink(&blob, folder.join("link.wasm")).expect("a link");
    symlink(".compose/blobs/sha256", folder.join("folder")).expect("a link");
    for source in [blob, "link.wasm".to_string(), format!("folder/{hex}")] {
        folder.write(
            "bad.json",
            PLAN.replace("file:app.wasm", &format!("file:{source}")),
        );
        let said = bad(&folder, 1, &["plan", "lock", "bad.json", "-o", "-"]);
        assert!(said.contains("it belongs to the store"), "{source}: {said}");
    }
}

/// Links are followed, and with `--root` no further than that.
#[test]
fn links_to_sources() {
    let folder = folder();
    let outside = super::fixture::folder();
    let name = outside
        .path()
        .file_name()
        .expect("a name")
        .to_string_lossy();
    std::fs::create_dir(folder.join("in")).expect("a folder");
    let far = format!("../{name}/app.wasm");
    symlink(&far, folder.join("far.wasm")).expect("a link");
    symlink("lib/../app.wasm", folder.join("near.wasm")).expect("a link");
    for (source, alone, rooted) in [
        ("app.wasm", true, true),
        ("near.wasm", true, true),
        ("in/../app.wasm", true, true),
        ("far.wasm", true, false),
        (far.as_str(), true, false),
    ] {
        folder.write(
            "plan.json",
            PLAN.replace("file:app.wasm", &format!("file:{source}")),
        );
        for (root, is_good) in [(&[][..], alone), (&["--root", "."], rooted)] {
            let args = ["plan", "lock", "plan.json", "-o", "-"];
            let args: Vec<&str> = args.iter().chain(root).copied().collect();
            match is_good {
                true => drop(good(&folder, &args)),
                false => {
                    let said = bad(&folder, 1, &args);
                    assert!(said.contains("plan.json:5"), "{source}: {said}");
                }
            }
        }
    }
    bad(
        &folder,
        1,
        &["plan", "lock", "plan.json", "-o", "-", "--root", "none"],
    );
}

/// What the user names on the command line may come from a pipe.
#[test]
fn operands_from_pipes() {
    let folder = folder();
    let open = || std::fs::File::open(folder.join("plan.json")).expect("the plan");
    let id = good(&folder, &["plan", "digest", "plan.json"]);
    for name in ["-", "/dev/stdin"] {
        let said = piped(&folder, open(), &["plan", "digest", name]).success();
        assert_eq!(said, id);
        let said = piped(&folder, open(), &["blob", "put", name]).success();
        assert!(said.starts_with(&digest(PLAN)), "{said}");
        piped(&folder, open(), &["canon", "cbor", name, "-o", "x.cbor"]).success();
    }
    fifo(&folder, "fifo");
    for operand in ["fifo", "/dev/zero"] {
        for args in [
            &["plan", "validate", operand][..],
            &["plan", "validate", "plan.json", "--policy", operand],
            &["blob", "put", operand],
            &["canon", "cbor-check", operand],
            &["canon", "wit-id", operand],
        ] {
            let said = bad(&folder, 1, args);
            assert!(
                said.contains("it is not a regular file"),
                "{args:?}: {said}"
            );
        }
    }
    let zeros = || std::fs::File::open("/dev/zero").expect("a device");
    for args in [
        &["plan", "validate", "-"][..],
        &["plan", "validate", "plan.json", "--policy", "-"],
        &["canon", "cbor-check", "-"],
    ] {
        let ended = piped(&folder, zeros(), args);
        assert_eq!(ended.status, 1, "{args:?}");
        assert!(ended.stderr.contains("too large"), "{}", ended.stderr);
    }
}

/// A plan in place may be a link; where it leads is written.
/// As build systems make them: links by absolute paths, out of the folder.
#[test]
fn links_that_a_user_made() {
    let folder = folder();
    let built = super::fixture::folder();
    symlink(built.path(), folder.join("bazel-bin")).expect("a link");
    symlink(built.join("plan.json"), folder.join("linked.json")).expect("a link");
    let plan = PLAN.replace("file:app.wasm", "file:bazel-bin/app.wasm");
    folder.write("plan.json", plan);
    std::fs::remove_file(folder.join("app.wasm")).expect("a file");
    good(&folder, &["plan", "lock", "plan.json"]);
    good(&folder, &["plan", "validate", "bazel-bin/plan.json"]);
    good(
        &folder,
        &[
            "plug",
            "bazel-bin/app.wasm",
            "bazel-bin/lib",
            "-o",
            "out.wasm",
        ],
    );
    // A relative source starts where the plan is named.
    let said = bad(&folder, 1, &["plan", "validate", "linked.json"]);
    assert!(said.contains("cannot read `app.wasm`"), "{said}");
    let rooted = ["plan", "lock", "plan.json", "--update", "--root", "."];
    bad(&folder, 1, &rooted);
}

#[test]
fn lock_in_place_through_a_link() {
    let folder = folder();
    symlink("plan.json", folder.join("link.json")).expect("a link");
    good(&folder, &["plan", "lock", "link.json"]);
    assert!(folder.join("link.json").is_symlink());
    let locked = std::fs::read_to_string(folder.join("plan.json")).expect("a plan");
    assert!(locked.contains(&digest(component(APP))), "{locked}");
}

/// CBOR as encoders of structs write it is told from the canonical form.
#[test]
fn cbor_of_another_form() {
    let folder = folder();
    good(&folder, &["plan", "lock", "plan.json"]);
    let id = good(&folder, &["plan", "digest", "plan.json"]);
    // `canon cbor` writes any JSON: text keys, in canonical order.
    good(&folder, &["canon", "cbor", "plan.json", "-o", "text.cbor"]);
    for args in [
        &["plan", "validate", "text.cbor"][..],
        &["plan", "digest", "text.cbor"],
        &["text.cbor", "-o", "out.wasm"],
    ] {
        let said = bad(&folder, 1, args);
        assert!(
            said.contains("text keys")
                && said.contains("`composectl plan convert text.cbor --to cbor"),
            "{said}"
        );
    }
    let converts = |options: &[&str], to: &str| {
        let convert = ["plan", "convert", "text.cbor", "-o", to];
        good(&folder, &[&convert[..], options].concat());
        assert_eq!(good(&folder, &["plan", "digest", to]), id);
    };
    converts(&["--to", "cbor"], "plan.cbor");
    converts(&[], "back.json");
    // Unlocked, it is locked on the way.
    folder.write("unlocked.json", PLAN);
    good(
        &folder,
        &["canon", "cbor", "unlocked.json", "-o", "text.cbor"],
    );
    converts(&["--to", "cbor"], "again.cbor");
    let host = Embedding::new(folder.path());
    let compositor = compositor_tests::read(compositor_tests::dist("compositor.wasm"));
    let ended = host.run(&compositor, ["plan", "digest", "again.cbor"]);
    assert_eq!(ended.output.success(), id);
}
