//! The plan alone and `emit build`: what is written, and what is not.

use std::io::Read as _;
use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::process::Stdio;

use compositor_tests::{Artifact, Embedding, composectl_in, dist, read, state_of};

use super::fixture::{PLAN, bad, digest, fifo, files, folder, good, json, names, piped};

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
        format!(
            "wrote out.wasm ({} bytes, {})\n",
            bytes.len(),
            shown.trim_end()
        )
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

/// Events are written from the start on, so nothing that is read may be their file.
#[test]
fn events_replace_no_input() {
    let folder = folder();
    let before = std::fs::read(folder.join("plan.json")).expect("a plan");
    symlink("plan.json", folder.join("plan-link")).expect("a link");
    for (events, why) in [
        ("plan.json", "it is an operand of the command"),
        ("./plan.json", "it is an operand of the command"),
        (".compose/index.json", "it belongs to the store"),
    ] {
        let said = bad(&folder, 1, &["plan.json", "--events", events]);
        assert!(said.contains(why), "{events}: {said}");
    }
    bad(&folder, 1, &["plan.json", "--events", "plan-link"]);
    assert_eq!(
        std::fs::read(folder.join("plan.json")).expect("a plan"),
        before
    );
}

/// What else a command reads or writes is no file for events either: the plan of an
/// option, a plan's sources, what folders hold, and the result.
#[test]
fn events_are_no_other_file_of_the_command() {
    let folder = folder();
    folder.write("policy.json", "{}");
    let absolute = folder.join("app.wasm");
    symlink(&absolute, folder.join("away")).expect("a link");
    symlink(".", folder.join("here")).expect("a link");
    symlink(folder.path(), folder.join("far")).expect("a link");
    // A store that is there, which `files` leaves out.
    good(&folder, &["blob", "put", "app.wasm"]);
    let index = folder.join(".compose/index.json");
    symlink(&index, folder.join("index")).expect("a link");
    let before = files(&folder);
    let absolute = absolute.to_str().expect("a text");
    for (args, events, why) in [
        (
            &["trust", "add", "--plan", "plan.json"][..],
            "plan.json",
            "it is the plan, which is read",
        ),
        (
            &["trust", "add", "--plan", "plan.json"],
            "here/plan.json",
            "it is the plan, which is read",
        ),
        (
            &["trust", "add", "--plan", "plan.json"],
            "app.wasm",
            "the source of component `app`",
        ),
        (
            &["plan.json", "--policy", "policy.json"],
            "policy.json",
            "it is the policy",
        ),
        (
            &["plan.json"],
            "lib/../app.wasm",
            "the source of component `app`",
        ),
        (&["plan.json"], absolute, "the source of component `app`"),
        (&["plan.json"], "away", "a link on the way"),
        (&["plan.json"], "here/away", "a link on the way"),
        (&["plan.json"], "far/plan.json", "a link on the way"),
        (&["plan.json"], "far/new", "a link on the way"),
        (
            &["plan", "validate", "plan.json"],
            "lib/numbers.wasm",
            "the source of component `numbers`",
        ),
        (
            &["plan", "info", "plan.json"],
            "app.wasm",
            "the source of component `app`",
        ),
        (
            &["plan", "digest", "plan.json"],
            "app.wasm",
            "the source of component `app`",
        ),
        (
            &["plan", "lock", "plan.json"],
            "app.wasm",
            "the source of component `app`",
        ),
        (
            &["plan", "lock", "plan.json", "-o", "new.json"],
            "new.json",
            "the result is written there",
        ),
        (
            &["plan", "convert", "plan.json", "-o", "new.cbor"],
            "./new.cbor",
            "the result is written there",
        ),
        (
            &["plan.json", "-o", "out.wasm"],
            "out.wasm",
            "the result is written there",
        ),
        (
            &["plan.json", "-o", "out.wasm"],
            "here/out.wasm",
            "the result is written there",
        ),
        (
            &["plan", "new", "app.wasm", "--dir", "lib", "-o", "new.json"],
            "lib/numbers.wasm",
            "it is a candidate",
        ),
        (
            &["plan", "new", "app.wasm", "-o", "new.json"],
            "new.json",
            "the result is written there",
        ),
        (
            &["exec", "run", "plan.json"],
            "app.wasm",
            "the source of component `app`",
        ),
        (
            &["exec", "list", "plan.json"],
            "app.wasm",
            "the source of component `app`",
        ),
        (&["plan.json"], "index", "a link on the way"),
        (&["blob", "list"], "index", "a link on the way"),
    ] {
        let said = bad(&folder, 1, &[args, &["--events", events]].concat());
        assert!(said.contains(why), "{args:?} {events}: {said}");
        assert_eq!(files(&folder), before, "{args:?} {events}");
    }
    // A plan that is piped in has sources as well.
    let plan = std::fs::File::open(folder.join("plan.json")).expect("a plan");
    let output = piped(&folder, plan, &["-", "--events", "app.wasm"]);
    assert_eq!(output.status, 1, "{output:?}");
    assert!(
        output.stderr.contains("the source of component `app`"),
        "{output:?}"
    );
    assert_eq!(files(&folder), before);
    assert_ne!(read(index), b"", "the store is as it was");
    // A new file is none of them, and is written where the path leads.
    good(
        &folder,
        &["plan.json", "-o", "out.wasm", "--events", "here/events"],
    );
    let events = String::from_utf8(read(folder.join("events"))).expect("a text");
    assert!(events.contains("emit.written"), "{events}");
    good(&folder, &["blob", "list", "--events", "/dev/stderr"]);
}

/// The folders of the user's state are known by whatever way leads to them.
#[test]
fn results_are_not_written_into_the_state() {
    let folder = folder();
    let shown = good(&folder, &["blob", "put", "app.wasm"]);
    good(
        &folder,
        &["trust", "add", shown.trim_end(), "--state", "mine"],
    );
    std::fs::create_dir(folder.join("mine/audit")).expect("a folder");
    for (name, to) in [
        ("t", "mine/trust"),
        ("h", "mine/trust/sha256"),
        ("m", "mine/tmp"),
        ("a", "mine/audit"),
    ] {
        symlink(to, folder.join(name)).expect("a link");
        for out in [format!("{name}/new"), format!("{to}/new")] {
            let args = [
                "blob",
                "get",
                shown.trim_end(),
                "--state",
                "mine",
                "-o",
                &out,
            ];
            let said = bad(&folder, 1, &args);
            assert!(said.contains("it belongs to the store"), "{out}: {said}");
            assert!(!folder.join(&out).exists(), "{out}");
        }
    }
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
