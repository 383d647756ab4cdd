//! What whoever may write to the store puts there does not run.

use std::fs;

use compositor_core::Digest;
use compositor_tests::{composectl_in, run, state_of};
use test_generate::wiring::head;

use super::fixture::{Folder, Runs as _, bytes, fails, plan};
use super::wat;

/// The only file of the cache that holds a digest: where the emit key leads.
fn emit_key(folder: &Folder) -> std::path::PathBuf {
    let entries = fs::read_dir(folder.0.join(".compose/cache")).expect("a cache");
    let mut paths = entries.map(|entry| entry.expect("an entry").path());
    let holds = |path: &std::path::PathBuf| fs::read(path).is_ok_and(|b| b.starts_with(b"sha256:"));
    paths.find(holds).expect("a key")
}

#[test]
fn an_artifact_with_a_good_ones_provenance() {
    let folder = plan(bytes("program")).trusted();
    let good = folder.run(&[], &["both"]);
    assert_eq!(good.status, 0, "{good:?}");
    let key = emit_key(&folder);
    let recorded = fs::read(&key).expect("a key");
    let hex = String::from_utf8_lossy(&recorded[7..71]).into_owned();
    let blobs = folder.0.join(".compose/blobs/sha256");
    let artifact = fs::read(blobs.join(&hex)).expect("the artifact");
    let evil = [head(&artifact), &wat::exits(7)[8..]].concat();
    let digest = Digest::of(&evil);
    fs::write(blobs.join(digest.hex()), &evil).expect("it is put");
    // Where the key leads, and in the artifact's own place.
    fs::write(&key, format!("{digest}\n")).expect("it is poisoned");
    let again = folder.run(&[], &["both"]);
    assert_eq!((again.status, again.stdout), (0, good.stdout.clone()));
    assert_eq!(fs::read(&key).expect("a key"), recorded, "it is healed");
    fs::write(blobs.join(&hex), &evil).expect("it is poisoned");
    let again = folder.run(&[], &["both"]);
    assert_eq!((again.status, again.stdout), (0, good.stdout));
    assert!(
        fs::read(blobs.join(&hex)).expect("a blob") == artifact,
        "healed"
    );
}

/// A result that another user recorded, and one in the place of another.
#[test]
fn results_of_somebody_else() {
    let folder = plan(bytes("program")).determinism("strict").trusted();
    let reuse = ["--reuse"];
    let both = folder.run(&reuse, &["both"]);
    let cache = folder.0.join(".compose/cache");
    let mut is_poisoned = false;
    for entry in fs::read_dir(&cache).expect("a cache") {
        let path = entry.expect("an entry").path();
        let mut bytes = fs::read(&path).expect("a file");
        if let Some(at) = bytes.windows(9).position(|part| part == b"to stdout") {
            bytes[at..at + 9].copy_from_slice(b"evil evil");
            fs::write(&path, bytes).expect("it is poisoned");
            is_poisoned = true;
        }
    }
    assert!(is_poisoned, "no result was recorded: {both:?}");
    let again = folder.run(&reuse, &["both"]);
    assert_eq!((again.status, again.stdout), (both.status, both.stdout));
}

#[test]
fn folders_that_no_guest_is_lent() {
    let folder = plan(bytes("program")).trusted();
    fs::create_dir(folder.0.join("lent")).expect("a folder");
    folder.run(&["--dir", "lent"], &["both"]).success();
    std::os::unix::fs::symlink(".compose/blobs", folder.0.join("link")).expect("a link");
    let state = state_of(folder.0.path()).display().to_string();
    let inside = format!("{state}/compositor::/data:ro");
    let below = ["trust", "trust/sha256", "tmp", "audit"].map(|name| {
        let below = format!("{state}/compositor/{name}");
        fs::create_dir_all(&below).expect("a folder");
        let link = format!("to-{}", name.replace('/', "-"));
        std::os::unix::fs::symlink(&below, folder.0.join(&link)).expect("a link");
        [below, link]
    });
    for lent in below.iter().flatten().map(String::as_str).chain([
        ".",
        ".compose",
        ".compose/blobs:ro",
        "link",
        "/",
        "lent/..",
        &state,
        &inside,
    ]) {
        let output = folder.run(&["--dir", lent], &["both"]);
        fails(&output, "InvalidInput");
        assert!(output.stderr.contains("cannot be lent"), "{output:?}");
        assert_eq!(output.stdout, "", "nothing ran");
    }
    // The user's own is closed also where another is used.
    let other = ["--state", "other", "--dir", &inside];
    let args = ["trust", "add", "--plan", "plan.json", "--state", "other"];
    run(composectl_in(folder.0.path()).args(args)).success();
    let output = folder.run(&other, &["both"]);
    fails(&output, "InvalidInput");
    assert!(output.stderr.contains("cannot be lent"), "{output:?}");
}
