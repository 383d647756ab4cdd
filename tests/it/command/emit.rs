//! The plan alone and `emit build`: what is written, and what is not.

use std::io::Read as _;
use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::process::Stdio;

use compositor_tests::{Artifact, Embedding, composectl_in, dist, read};

use super::fixture::{PLAN, bad, digest, fifo, folder, good, json, names};

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
        assert!(said.contains("error[InvalidInput]"), "{said}");
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

#[test]
fn links_are_written_through() {
    let folder = folder();
    folder.write("out/old.wasm", "old");
    for (link, to) in [
        ("link", "out/old.wasm"),
        ("out/up", "../new.wasm"),
        ("links", "link"),
        ("out/self", "self"),
        ("away", "../../../../../../etc/none"),
        ("absolute", "/none"),
    ] {
        symlink(to, folder.join(link)).expect("a link");
    }
    let shown = good(&folder, &["plan.json"]);
    for (out, file) in [
        ("link", "out/old.wasm"),
        ("out/up", "new.wasm"),
        ("links", "out/old.wasm"),
    ] {
        folder.write("out/old.wasm", "old");
        good(&folder, &["plan.json", "-o", out]);
        let bytes = std::fs::read(folder.join(file)).expect("the file");
        assert_eq!(digest(bytes), shown.trim_end(), "{out}");
        assert!(folder.join(out).is_symlink(), "{out}");
    }
    let said = bad(&folder, 1, &["plan.json", "-o", "out/self"]);
    assert!(said.contains("too many symbolic links"), "{said}");
    let host = Embedding::new(folder.path());
    for out in ["away", "absolute"] {
        let ended = host.run(&read(dist("compositor.wasm")), ["plan.json", "-o", out]);
        let said = ended.output.stderr;
        assert_eq!(ended.output.status, 1, "{said}");
        assert!(said.contains(&format!("cannot write `{out}`")), "{said}");
        assert!(said.contains("= help:"), "{said}");
        assert!(folder.join(out).is_symlink(), "{out}");
    }
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
