//! The plan alone and `emit build`: what is written, and what is not.

use std::io::Read as _;
use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::process::Stdio;

use compositor_tests::{Artifact, Embedding, composectl_in, dist, read, state_of};

use super::fixture::{PLAN, bad, digest, fifo, files, folder, good, json, names};

#[test]
fn to_the_store_and_to_a_file() {
    let folder = folder();
    let shown = good(&folder, &["plan.json"]);
    good(&folder, &["blob", "has", shown.trim_end()]);
    let said = good(&folder, &["plan.json", "-o", "out.wasm"]);
    let bytes = std::fs::read(folder.join("out.wasm")).expect("out.wasm");
    assert_eq!(format!("{}\n", digest(&bytes)), shown);
    assert_eq!(
        said,
        format!("wrote out.wasm ({} bytes)\n  {shown}", bytes.len())
    );
    let said = json(
        &folder,
        0,
        &["emit", "build", "plan.json", "-o", "again.wasm"],
    );
    assert_eq!(said["digest"], shown.trim_end());
    assert_eq!(said["cached"], true);
    let mut artifact = Artifact::new(&bytes).expect("an artifact");
    assert_eq!(
        artifact.wave("demo:app/app#seven", &[]).expect("a call"),
        "7"
    );
    assert_eq!(
        names(&folder),
        [
            ".compose",
            "again.wasm",
            "app.wasm",
            "lib",
            "out.wasm",
            "plan.json"
        ]
    );
}

#[test]
fn a_failure_leaves_the_old_file() {
    let folder = folder();
    folder.write("out.wasm", "old");
    folder.write(
        "wrong.json",
        PLAN.replace("\"demo:numbers/numbers\"", "\"demo:x/y\""),
    );
    bad(&folder, 1, &["wrong.json", "-o", "out.wasm"]);
    bad(
        &folder,
        1,
        &["emit", "build", "none.json", "-o", "out.wasm"],
    );
    assert_eq!(
        std::fs::read(folder.join("out.wasm")).expect("out.wasm"),
        b"old"
    );
    for (out, why) in [
        (".", "it is a folder"),
        ("lib", "it is a folder"),
        ("no/x", "no such file"),
    ] {
        let said = bad(&folder, 1, &["plan.json", "-o", out]);
        assert!(
            said.contains(&format!("cannot write `{out}`")) && said.contains(why),
            "{said}"
        );
    }
    assert_eq!(
        names(&folder),
        [
            ".compose",
            "app.wasm",
            "lib",
            "out.wasm",
            "plan.json",
            "wrong.json"
        ]
    );
    // A temporary file that a killed process left is in nobody's way.
    folder.write(".compositor-0.tmp", "torn");
    good(&folder, &["plan.json", "-o", "out.wasm"]);
    assert_eq!(
        std::fs::read(folder.join(".compositor-0.tmp")).expect("it"),
        b"torn"
    );
}

/// Renaming over a device would take it away.
#[test]
fn what_is_no_file_is_not_replaced() {
    let folder = folder();
    fifo(&folder, "fifo");
    let null = std::fs::symlink_metadata("/dev/null").expect("a device");
    for out in ["fifo", "/dev/null"] {
        let said = bad(&folder, 1, &["plan.json", "-o", out]);
        assert!(said.contains("error[InvalidInput/"), "{said}");
        assert!(
            said.contains(&format!("cannot write `{out}`"))
                && said.contains("`-o -` writes to stdout"),
            "{said}"
        );
    }
    let kind = |path: &std::path::Path| std::fs::symlink_metadata(path).expect("it").file_type();
    assert!(kind(&folder.join("fifo")).is_fifo());
    assert_eq!(kind("/dev/null".as_ref()), null.file_type());
    assert!(!names(&folder).iter().any(|name| name.contains(".tmp")));
}

/// Whoever names a link may not know where it leads.
#[test]
fn links_are_not_written_through() {
    let folder = folder();
    folder.write("out/old.wasm", "old");
    for (link, to) in [
        ("link", "out/old.wasm"),
        ("out/up", "../new.wasm"),
        ("links", "link"),
        ("out/self", "self"),
        ("away", "../../../../../../etc/none"),
        ("absolute", "/none"),
        ("stdout", "/dev/stdout"),
    ] {
        symlink(to, folder.join(link)).expect("a link");
    }
    let host = Embedding::new(folder.path());
    let compositor = read(dist("compositor.wasm"));
    for out in [
        "link", "out/up", "links", "out/self", "away", "absolute", "stdout",
    ] {
        let said = bad(&folder, 1, &["plan.json", "-o", out]);
        let ended = host.run(&compositor, ["plan.json", "-o", out]);
        assert_eq!(ended.output.status, 1, "{}", ended.output.stderr);
        for said in [&said, &ended.output.stderr] {
            assert!(
                said.contains(&format!("cannot write `{out}`: it is a link")),
                "{said}"
            );
            assert!(said.contains("= help:"), "{said}");
        }
        assert!(folder.join(out).is_symlink(), "{out}");
    }
    assert_eq!(
        std::fs::read(folder.join("out/old.wasm")).expect("it"),
        b"old"
    );
    assert!(!folder.join("new.wasm").exists());
    // A folder on the way may be one.
    symlink("out", folder.join("folder")).expect("a link");
    good(&folder, &["plan.json", "-o", "folder/new.wasm"]);
    assert!(folder.join("out/new.wasm").is_file());
}

/// What is read is not replaced by what is written, whatever it is called.
#[test]
fn inputs_are_not_replaced() {
    let folder = folder();
    folder.write("policy.json", "{}");
    std::fs::hard_link(folder.join("app.wasm"), folder.join("same.wasm")).expect("a link");
    symlink("lib", folder.join("folder")).expect("a link");
    let absolute = folder.join("plan.json").display().to_string();
    let before = files(&folder);
    let emit = [
        "emit",
        "build",
        "plan.json",
        "--policy",
        "policy.json",
        "-o",
    ];
    let convert = ["plan", "convert", "plan.json", "-o"];
    let lock = ["plan", "lock", "plan.json", "-o"];
    let new = ["plan", "new", "app.wasm", "--dir", "lib", "--force", "-o"];
    let canon = ["canon", "cbor", "plan.json", "-o"];
    for (args, out, what) in [
        (&emit[..], "app.wasm", "the source of component `app`"),
        (&emit, "./lib/../app.wasm", "the source of component `app`"),
        (&emit, "same.wasm", "the source of component `app`"),
        (
            &emit,
            "folder/numbers.wasm",
            "the source of component `numbers`",
        ),
        (&emit, "plan.json", "the plan"),
        (&emit, &absolute, "the plan"),
        (&emit, "policy.json", "the policy"),
        (&convert, "plan.json", "the plan"),
        (&convert, "app.wasm", "the source of component `app`"),
        (
            &lock,
            "lib/numbers.wasm",
            "the source of component `numbers`",
        ),
        (&new, "app.wasm", "the root"),
        (&new, "lib/numbers.wasm", "a candidate"),
        (&canon, "plan.json", "the JSON"),
    ] {
        let args: Vec<&str> = args.iter().copied().chain([out]).collect();
        let said = bad(&folder, 1, &args);
        let expected = format!("cannot write `{out}`: it is {what}, which is read");
        assert!(said.contains(&expected), "{args:?}: {said}");
        assert_eq!(files(&folder), before, "{args:?}");
    }
    // In the sandbox too.
    let host = Embedding::new(folder.path());
    let ended = host.run(
        &read(dist("compositor.wasm")),
        ["plan.json", "-o", "same.wasm"],
    );
    let said = ended.output.stderr;
    assert!(
        said.contains("it is the source of component `app`"),
        "{said}"
    );
    assert_eq!(files(&folder), before);
    // What a plan names that is no file is in nobody's way.
    let plan = PLAN.replace("file:app.wasm", "https://example.com/new.wasm");
    folder.write("other.json", plan);
    let said = bad(&folder, 1, &["other.json", "-o", "new.wasm"]);
    assert!(said.contains("only `file:` sources"), "{said}");
}

#[test]
fn the_store_is_not_written_into() {
    let folder = folder();
    let shown = good(&folder, &["plan.json"]);
    let hex = shown.trim_end().strip_prefix("sha256:").expect("a digest");
    symlink(".compose/blobs/sha256", folder.join("blobs-link")).expect("a link");
    let blob = format!(".compose/blobs/sha256/{hex}");
    let linked = format!("blobs-link/{hex}");
    let before = std::fs::read(folder.join(&blob)).expect("a blob");
    let state = state_of(folder.path()).join("compositor");
    let of_state = |path: &str| state.join(path).to_string_lossy().to_string();
    for out in [
        blob.as_str(),
        &linked,
        ".compose/blobs/new.wasm",
        ".compose/tmp/new.wasm",
        ".compose/index.json",
        ".compose/oci-layout",
        &of_state("key"),
        &of_state("new"),
    ] {
        for args in [
            &["plan.json", "-o", out][..],
            &["blob", "get", shown.trim_end(), "-o", out],
            &["plan", "lock", "plan.json", "-o", out],
        ] {
            let said = bad(&folder, 1, args);
            assert!(said.contains("it belongs to the store"), "{args:?}: {said}");
        }
    }
    assert_eq!(std::fs::read(folder.join(&blob)).expect("a blob"), before);
    assert!(!folder.join(".compose/blobs/new.wasm").exists());
}

/// The same digests are one artifact, wherever the plan was locked and whatever
/// it says of where its components came from.
#[test]
fn sources_are_not_in_the_artifact() {
    let folder = folder();
    std::fs::create_dir(folder.join("out")).expect("a folder");
    good(&folder, &["plan", "lock", "plan.json", "-o", "a.json"]);
    good(&folder, &["plan", "lock", "plan.json", "-o", "out/b.json"]);
    let text = std::fs::read_to_string(folder.join("a.json")).expect("a plan");
    let noted = text.replacen('{', "{ \"$schema\": \"x\", \"description\": \"y\",", 1);
    folder.write("c.json", noted.replace("file:lib", "file:nowhere"));
    good(&folder, &["plan", "convert", "out/b.json", "-o", "d.cbor"]);
    let made: Vec<(String, Vec<u8>)> = ["a.json", "out/b.json", "c.json", "d.cbor"]
        .iter()
        .map(|plan| {
            // A store of its own, so that nothing is answered from a cache.
            let _ = std::fs::remove_dir_all(folder.join("store"));
            for file in ["app.wasm", "lib/numbers.wasm"] {
                good(&folder, &["blob", "put", file, "--store", "store"]);
            }
            good(
                &folder,
                &[plan, "-o", "out.wasm", "--store", "store", "--locked"],
            );
            let id = good(&folder, &["plan", "digest", plan]);
            (id, read(folder.join("out.wasm")))
        })
        .collect();
    assert!(made.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn to_stdout() {
    let folder = folder();
    let shown = good(&folder, &["plan.json"]);
    let mut command = composectl_in(folder.path());
    let output = command
        .args(["plan.json", "-o", "-"])
        .output()
        .expect("composectl");
    assert_eq!(digest(output.stdout), shown.trim_end());
    let said = json(&folder, 2, &["plan.json", "-o", "-"]);
    assert_eq!(said["errors"][0]["code"], "InvalidInput");
}

/// `composectl … | head -c 1` is no reason to panic, or to complain.
#[test]
fn a_reader_that_goes_away() {
    let folder = folder();
    folder.write("large", vec![0; 4 << 20]);
    good(&folder, &["blob", "put", "large"]);
    let mut child = composectl_in(folder.path())
        .args(["blob", "get", &digest(vec![0; 4 << 20])])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("composectl");
    let mut stdout = child.stdout.take().expect("its stdout");
    stdout.read_exact(&mut [0]).expect("a byte");
    drop(stdout);
    let output = child.wait_with_output().expect("its end");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}
