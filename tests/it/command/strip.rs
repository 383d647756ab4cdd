//! `--strip`: custom sections of components left out, on every host alike.

use compositor_core::Digest;
use compositor_tests::{
    Artifact, Embedding, Temp, composectl, composectl_in, dist, guest, read, run,
};
use serde_json::Value;
use test_generate::custom::{sprinkled, stripped};
use test_generate::wiring::wiring;

use super::fixture::{APP, PROVIDER, bad, blobs, component, digest, folder, good, json, listed};

/// The folder with the plan, with custom sections in all components.
fn sections() -> Temp {
    let folder = folder();
    let mut state = 7;
    for (file, text) in [("app.wasm", APP), ("lib/numbers.wasm", PROVIDER)] {
        folder.write(file, sprinkled(&component(text), &mut state));
    }
    folder
}

fn build(folder: &Temp, strip: &[&str]) -> (Vec<u8>, Value) {
    let args = [&["emit", "build", "plan.json", "-o", "out.wasm"], strip].concat();
    let said = json(folder, 0, &args);
    (read(folder.join("out.wasm")), said)
}

fn seven(artifact: &[u8]) -> String {
    let mut artifact = Artifact::new(artifact).expect("an artifact");
    artifact.wave("demo:app/app#seven", &[]).expect("a call")
}

#[test]
fn each_mode_is_an_artifact_of_its_own() {
    let folder = sections();
    let (whole, said) = build(&folder, &[]);
    assert_eq!(said["strip"], Value::Null);
    let (debug, said) = build(&folder, &["--strip"]);
    assert_eq!(
        (&said["strip"], &said["cached"]),
        (&"debug".into(), &false.into())
    );
    let (all, said) = build(&folder, &["--strip=all"]);
    assert_eq!(
        (&said["strip"], &said["cached"]),
        (&"all".into(), &false.into())
    );
    assert!(whole.len() > debug.len() && debug.len() > all.len());
    for artifact in [&whole, &debug, &all] {
        assert_eq!(seven(artifact), "7");
    }
    // Found again, each where it belongs.
    for (strip, bytes) in [
        (&[][..], &whole),
        (&["--strip=debug"], &debug),
        (&["--strip=all"], &all),
    ] {
        let (again, said) = build(&folder, strip);
        assert!(again == *bytes && said["cached"] == true, "{strip:?}");
    }
    // The same without a plan, and by a default.
    let plug = [
        "plug",
        "app.wasm",
        "lib/numbers.wasm",
        "--strip=all",
        "-o",
        "plug.wasm",
    ];
    good(&folder, &plug);
    assert!(read(folder.join("plug.wasm")) == all);
    good(&folder, &["plan.json", "--strip", "-o", "plan.wasm"]);
    assert!(read(folder.join("plan.wasm")) == debug);
    folder.write("composectl.toml", "[emit.build]\nstrip = \"all\"\n");
    assert!(build(&folder, &[]).0 == all);
    let mut command = composectl_in(folder.path());
    command
        .args(["plan.json", "-o", "env.wasm"])
        .env("COMPOSECTL_STRIP", "debug");
    run(&mut command).success();
    assert!(read(folder.join("env.wasm")) == debug);
}

#[test]
fn a_mode_that_there_is_not() {
    let folder = sections();
    for args in [
        &[
            "emit",
            "build",
            "plan.json",
            "-o",
            "out.wasm",
            "--strip=names",
        ][..],
        &["plug", "app.wasm", "lib", "--strip=", "-o", "out.wasm"],
    ] {
        let said = bad(&folder, 2, args);
        assert!(said.contains("is neither `debug` nor `all`"), "{said}");
        assert!(!folder.join("out.wasm").exists());
    }
    let said = bad(&folder, 2, &["exec", "run", "plan.json", "--strip"]);
    assert!(said.contains("has no option `--strip`"), "{said}");
}

/// Whoever has the artifact and a component can tell that one is of the other.
#[test]
fn what_is_stripped_of_what() {
    let folder = sections();
    let (artifact, _) = build(&folder, &["--strip=all"]);
    let said = json(&folder, 0, &["plan", "info", "out.wasm"]);
    assert_eq!(said["strip"], "all");
    let text = good(&folder, &["plan", "info", "out.wasm"]);
    assert!(text.contains("`emit build --strip=all` of the"), "{text}");
    let embedded = wiring(&artifact).embedded;
    for (at, id, file) in [(0, "app", "app.wasm"), (1, "numbers", "lib/numbers.wasm")] {
        let original = read(folder.join(file));
        let form = stripped(&original, |_| false);
        let shown = &said["components"][at];
        assert_eq!(shown["id"], id);
        assert_eq!(shown["digest"], digest(&original));
        assert_eq!(shown["stripped"], digest(&form));
        assert!(
            text.contains(&format!("  {id}, stripped\n    {}\n", digest(&form))),
            "{text}"
        );
        assert!(
            embedded.contains(&Digest::of(&form)),
            "it is in the artifact"
        );
        // It is a blob like another, which goes when nobody needs it.
        good(&folder, &["blob", "get", &digest(&form), "-o", "form.wasm"]);
        assert!(read(folder.join("form.wasm")) == form);
        let list = good(&folder, &["blob", "list"]);
        assert!(listed(&list, &digest(&form)).contains(id), "{list}");
    }
    good(&folder, &["plan", "lock", "plan.json"]);
    good(&folder, &["blob", "gc", "plan.json"]);
    assert!(!blobs(&folder).contains(&digest(stripped(&read(folder.join("app.wasm")), |_| false))));
    assert!(blobs(&folder).contains(&digest(&artifact)));
    // And is made again.
    good(&folder, &["blob", "rm", &digest(&artifact)]);
    assert!(build(&folder, &["--strip=all"]).0 == artifact);
    // An artifact as it is says nothing of that.
    build(&folder, &[]);
    let said = json(&folder, 0, &["plan", "info", "out.wasm"]);
    assert_eq!(said["strip"], Value::Null);
    assert_eq!(said["components"][0].get("stripped"), None);
}

/// What was derived is no more durable than what it is of: it is made again.
#[test]
fn a_damaged_form_is_made_again() {
    let folder = sections();
    let (artifact, _) = build(&folder, &["--strip=all"]);
    let form = digest(stripped(&read(folder.join("app.wasm")), |_| false));
    let path = folder.join(format!(
        ".compose/blobs/sha256/{}",
        &form["sha256:".len()..]
    ));
    let good_bytes = read(&path);
    for damage in [&b"torn"[..], &good_bytes[1..], &[]] {
        std::fs::write(&path, damage).expect("it is damaged");
        good(&folder, &["blob", "rm", &digest(&artifact)]);
        assert!(build(&folder, &["--strip=all"]).0 == artifact);
        assert!(read(&path) == good_bytes, "healed");
    }
}

#[test]
fn in_the_component_as_natively() {
    let compositor = read(dist("compositor.wasm"));
    for mode in ["--strip=debug", "--strip=all"] {
        let folder = sections();
        let (native, _) = build(&folder, &[mode]);
        let args = [
            "emit",
            "build",
            "plan.json",
            mode,
            "-o",
            "sandboxed.wasm",
            "--store",
            "other",
        ];
        let ended = Embedding::new(folder.path()).run(&compositor, args);
        ended.success();
        assert!(read(folder.join("sandboxed.wasm")) == native, "{mode}");
    }
}

/// A program of a real toolchain, whose names are gone: it does what it did.
#[test]
fn a_real_program_runs() {
    let temp = Temp::new();
    let program = read(guest("program"));
    temp.write("program.wasm", &program);
    let plan = r#"{ "version": "1", "root": "app",
        "components": [{ "id": "app", "source": "file:program.wasm" }], "bindings": [] }"#;
    temp.write("plan.json", plan);
    let mut sizes = Vec::new();
    for strip in [&[][..], &["--strip"], &["--strip=all"]] {
        let args = [&["emit", "build", "plan.json", "-o", "out.wasm"], strip].concat();
        good(&temp, &args);
        sizes.push(read(temp.join("out.wasm")).len());
        let ran = composectl(temp.path(), ["run", "out.wasm", "--trust", "--", "both"]);
        assert_eq!((ran.status, ran.stdout.as_str()), (0, "to stdout\n"));
    }
    println!("{} bytes, artifacts of {sizes:?}", program.len());
    assert!(sizes[0] > sizes[2] && sizes[1] >= sizes[2], "{sizes:?}");
    let form = stripped(&program, |_| false);
    let embedded = wiring(&read(temp.join("out.wasm"))).embedded;
    assert_eq!(embedded, [Digest::of(&form)]);
}
