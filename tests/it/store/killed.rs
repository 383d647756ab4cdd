//! A process that is killed while it writes.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use compositor_core::Digest;
use compositor_tests::Temp;

use super::form::On;
use super::instance::{names, noise};

both!(victim, no_torn_file_is_ever_visible);

/// Tells the test [`victim`], in a child process, where to write.
const FOLDER: &str = "COMPOSITOR_TEST_VICTIM";

const KILLS: u32 = 60;

/// Not a test by itself: what the child processes of the other one do.
fn victim(on: On) {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let mut store = on.over(Path::new(&folder));
    let seed = u64::from(std::process::id()) << 32;
    println!("\nready");
    for number in 0..u64::MAX {
        let bytes = noise(seed + number, 300_000 + number as usize * 1000);
        let part = store.put(&bytes).unwrap();
        let writer = store.create().unwrap();
        store.write(writer, b"whole: ").unwrap();
        let length = bytes.len() as u64;
        store.splice(writer, &part, 0, length).unwrap();
        let whole = store.finish(writer).unwrap();
        store.record(&part, &whole).unwrap();
        store.trust(&[part, whole]).unwrap();
    }
}

fn no_torn_file_is_ever_visible(on: On) {
    let folder = Temp::new();
    // Compiled before, so that the children find it on disk.
    on.over(folder.path());
    let victim = format!("store::killed::{on}::victim");
    let mut left_behind = 0;
    for kill in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &victim, "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines.any(|line| line.is_ok_and(|line| line == "ready"));
        assert!(ready, "the child does not start");
        // From at once to a few blobs later, in uneven steps.
        std::thread::sleep(Duration::from_micros(u64::from(kill) * 977));
        child.kill().unwrap();
        assert!(!child.wait().unwrap().success(), "it was killed");
        let left = check(&folder);
        // The next that writes collects what the one before left behind.
        if matches!(on, On::Native) {
            assert!(left <= 3, "{left} files are left behind");
        }
        left_behind += left;
    }
    assert!(left_behind > 0, "no kill hit a write");

    let mut store = on.over(folder.path());
    let blobs = store.list().unwrap();
    assert!(!blobs.is_empty());
    for (digest, _) in &blobs {
        store.verify(digest).unwrap();
    }
    // The key and the trust of each blob are there, or are not.
    for digest in store.list_trusted().unwrap() {
        store.trusted(&digest).unwrap();
    }
    for (digest, _) in &blobs {
        if let Some(whole) = store.find_key(digest).unwrap() {
            store.verify(&whole).unwrap();
        }
    }
    let digest = store.put(b"after all that").unwrap();
    assert_eq!(store.get(&digest).unwrap(), b"after all that");
    if matches!(on, On::Native) {
        assert_eq!(names(&folder.join("tmp")), [] as [&str; 0]);
    }
}

/// Looks at the files themselves: every name is a temporary one or stands for
/// whole bytes. Says how many temporary ones there are.
fn check(folder: &Temp) -> usize {
    let mut temporary = 0;
    for part in [
        "blobs/sha256",
        "cache",
        "state/trust/sha256",
        ".",
        "tmp",
        "state/tmp",
    ] {
        let path = folder.join(part);
        if !path.exists() {
            continue;
        }
        for name in names(&path) {
            let file = path.join(&name);
            if part.ends_with("tmp") {
                temporary += 1;
                continue;
            }
            let Ok(digest) = name.parse::<Digest>() else {
                assert_eq!(part, ".", "{name}");
                continue;
            };
            let bytes = fs::read(&file).unwrap();
            match part {
                "blobs/sha256" => assert_eq!(Digest::of(&bytes), digest),
                "cache" => {
                    let text = String::from_utf8(bytes).unwrap();
                    text.trim_end().parse::<Digest>().unwrap();
                }
                _ => assert!(bytes.is_empty()),
            }
        }
    }
    temporary
}
