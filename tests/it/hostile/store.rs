//! A store whose files are not what their names say.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use compositor_tests::run;

use super::row::{Folder, bounded};

/// A component, and another one that is as good.
fn components() -> (Vec<u8>, Vec<u8>) {
    let wat = |text| wat::parse_str(text).expect("WAT");
    (wat("(component)"), wat("(component (component))"))
}

fn special(kind: &str, path: &Path) {
    let mut command = match kind {
        "a FIFO" => Command::new("mkfifo"),
        _ => Command::new("mknod"),
    };
    command.arg(path);
    if kind == "a device" {
        // Reads as zeros without end.
        command.args(["c", "1", "5"]);
    }
    run(&mut command).success();
}

#[test]
fn blobs_that_are_no_files() {
    let (good, _) = components();
    for kind in [
        "a link",
        "a link to itself",
        "a link to zeros",
        "a FIFO",
        "a device",
        "a folder",
    ] {
        let folder = Folder::of_component(&good);
        let digest = compositor_core::Digest::of(&good).to_string();
        let blob = folder.blob(&digest);
        fs::rename(&blob, folder.0.join("aside")).expect("it is moved");
        match kind {
            "a link" => symlink("../../aside", &blob).expect("a link"),
            "a link to itself" => symlink(&blob, &blob).expect("a link"),
            "a link to zeros" => symlink("/dev/zero", &blob).expect("a link"),
            "a folder" => fs::create_dir(&blob).expect("a folder"),
            // Only root makes devices.
            "a device" if !is_root() => continue,
            kind => special(kind, &blob),
        }
        folder.refused(kind, "Blob.IoError");
    }
}

fn is_root() -> bool {
    run(Command::new("id").arg("-u")).success().trim() == "0"
}

/// A second name of a file is the file: what counts is what it holds.
#[test]
fn a_hard_link() {
    let (good, other) = components();
    let folder = Folder::of_component(&good);
    let digest = compositor_core::Digest::of(&good).to_string();
    let args = ["emit", "build", "plan.json", "-o", "out.wasm"];
    let outside = folder.0.write("outside.wasm", &good);
    fs::remove_file(folder.blob(&digest)).expect("it is removed");
    fs::hard_link(&outside, folder.blob(&digest)).expect("a link");
    assert_eq!(folder.run(&args).output.status, 0);
    fs::remove_file(folder.0.join("out.wasm")).expect("it was written");
    // Whoever has the other name can change it, and is found out.
    fs::write(&outside, &other).expect("it is written");
    folder.refused("changed under its other name", "Blob.DigestMismatch");
}

/// What was checked when the skeleton was made, and is another one now.
#[test]
fn swapped_between_check_and_use() {
    let (good, other) = components();
    let folder = Folder::of_component(&good);
    let digest = compositor_core::Digest::of(&good).to_string();
    let validate = ["plan", "validate", "plan.json"];
    assert_eq!(folder.run(&validate).output.status, 0);
    let swapped = folder.0.write("swapped", &other);
    fs::rename(swapped, folder.blob(&digest)).expect("it is moved");
    folder.refused("swapped", "Blob.DigestMismatch");

    // And while it runs: whatever is seen, no artifact is made of the other.
    let run = ["emit", "build", "plan.json", "-o", "out.wasm"];
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                for bytes in [&good, &other] {
                    let next = folder.0.write("next", bytes);
                    fs::rename(next, folder.blob(&digest)).expect("it is moved");
                }
            }
        });
        let mut made = 0;
        for round in 0..40 {
            let output = folder.run(&run).output;
            match output.status {
                0 => {
                    made += 1;
                    let artifact = fs::read(folder.0.join("out.wasm")).expect("it was written");
                    let holds = |part: &[u8]| artifact.windows(part.len()).any(|at| at == part);
                    assert!(holds(&good) && !holds(&other), "round {round}");
                    fs::remove_file(folder.0.join("out.wasm")).expect("it was written");
                }
                1 => {
                    assert!(output.stderr.contains("error[Blob."), "{output:?}");
                    assert!(!folder.0.join("out.wasm").exists(), "{output:?}");
                }
                status => panic!("{status}: {output:?}"),
            }
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        println!("{made} of 40 were made");
    });
}

/// Records that lead elsewhere, or are none.
#[test]
fn caches_that_lie() {
    let (good, other) = components();
    let folder = Folder::of_component(&good);
    let args = ["emit", "build", "plan.json", "-o", "out.wasm"];
    assert_eq!(folder.run(&args).output.status, 0);
    let artifact = fs::read(folder.0.join("out.wasm")).expect("it was written");
    let elsewhere = folder.put(&other);
    let records: Vec<_> = fs::read_dir(folder.0.join("cache"))
        .expect("a folder")
        .collect();
    assert!(!records.is_empty());
    for lie in [
        elsewhere.as_bytes(),
        b"",
        b"sha256:../../../etc/passwd",
        &[0xff; 100],
        &[b'a'; 100_000],
        super::row::ABSENT.as_bytes(),
    ] {
        for record in &records {
            let path = record.as_ref().expect("an entry").path();
            fs::write(path, lie).expect("it is written");
        }
        let output = folder.run(&args);
        let output = bounded("a lie", output);
        assert_eq!(output.status, 0, "{output:?}");
        let again = fs::read(folder.0.join("out.wasm")).expect("it was written");
        assert!(again == artifact, "another artifact");
    }
}

/// A file where a folder belongs, and an index that is none.
#[test]
fn folders_that_are_none() {
    let (good, _) = components();
    let digest = compositor_core::Digest::of(&good).to_string();
    for part in ["blobs", "blobs/sha256", "cache"] {
        for kind in ["a FIFO", "a link"] {
            let folder = Folder::of_component(&good);
            assert!(folder.blob(&digest).exists());
            let path = folder.0.join(part);
            let aside = folder.0.join("aside");
            let _ = fs::rename(&path, &aside);
            match kind {
                "a link" => symlink("/", &path).expect("a link"),
                kind => special(kind, &path),
            }
            let name = format!("{part} is {kind}");
            let output = bounded(&name, folder.run(&["plan", "validate", "plan.json"]));
            // Nothing depends on what is kept, and nothing is written through it.
            match part {
                "cache" => assert_eq!(output.status, 0, "{name}: {output:?}"),
                _ => {
                    assert_eq!(output.status, 1, "{name}: {output:?}");
                    assert!(output.stderr.contains("error[Blob."), "{name}: {output:?}");
                }
            }
        }
    }
}
