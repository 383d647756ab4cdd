//! Compiled code that is kept: in a folder of the user's alone, and never believed
//! without the user's key.

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use compositor_tests::{Output, composectl_in, start};

use super::fixture::{Folder, Runs as _, bytes, plan};

/// A run whose user has folders of its own: `state` and `cache`.
fn run_of(folder: &Folder) -> Output {
    start(command(folder).stdin(Stdio::null())).end()
}

fn command(folder: &Folder) -> Command {
    let mut command = composectl_in(folder.0.path());
    command
        .env("XDG_STATE_HOME", folder.0.join("state"))
        .env("XDG_CACHE_HOME", folder.0.join("cache"))
        .args(["exec", "run", "plan.json", "--", "both"]);
    command
}

/// It ran as it should.
#[track_caller]
fn works(output: Output) -> String {
    assert_eq!(output.stdout, "to stdout\n", "{output:?}");
    assert_eq!(output.status, 0, "{output:?}");
    output.stderr
}

fn code(folder: &Folder) -> PathBuf {
    folder.0.join("cache/compositor/code")
}

fn key(folder: &Folder) -> PathBuf {
    folder.0.join("state/compositor/key")
}

fn entries(folder: &Folder) -> Vec<PathBuf> {
    let entries = fs::read_dir(code(folder)).expect("a folder");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path)
        .expect("it is there")
        .permissions()
        .mode()
        & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
}

fn program() -> Folder {
    // A trust that lies with the plan, or with the state that the runs have.
    let folder = plan(bytes("program")).untrusted();
    let mut trust = composectl_in(folder.0.path());
    trust.env("XDG_STATE_HOME", folder.0.join("state")).args([
        "trust",
        "add",
        "--plan",
        "plan.json",
    ]);
    compositor_tests::run(&mut trust).success();
    folder
}

#[test]
fn it_is_the_users_alone() {
    let folder = program();
    works(run_of(&folder));
    // The wrapper, and each core module.
    let kept = entries(&folder);
    assert!(kept.len() > 1, "{kept:?}");
    assert_eq!(mode(&code(&folder)), 0o700);
    assert!(kept.iter().all(|entry| mode(entry) == 0o600));
    assert_eq!(mode(&key(&folder)), 0o600);
    assert_eq!(fs::read(key(&folder)).expect("a key").len(), 32);
    let bytes = || kept.iter().map(|entry| fs::read(entry).expect("an entry"));
    let before: Vec<_> = bytes().collect();
    works(run_of(&folder));
    assert_eq!(entries(&folder), kept);
    assert!(bytes().eq(before));

    // Others had access: now they have not.
    set_mode(&code(&folder), 0o777);
    let said = works(run_of(&folder));
    assert!(said.contains("others had access"), "{said}");
    assert_eq!(mode(&code(&folder)), 0o700);

    // A link leads nowhere.
    let moved = folder.0.join("moved");
    fs::rename(code(&folder), &moved).expect("a folder");
    symlink(&moved, code(&folder)).expect("a link");
    let said = works(run_of(&folder));
    assert!(said.contains("compiled code is not kept"), "{said}");
    assert_eq!(fs::read_dir(moved).expect("a folder").count(), kept.len());
}

#[test]
fn what_was_changed_is_never_run() {
    let folder = program();
    works(run_of(&folder));
    let kept = entries(&folder);
    for path in &kept {
        let good = fs::read(path).expect("an entry");
        let flipped = |at: usize| {
            let mut bytes = good.clone();
            bytes[at] ^= 1;
            bytes
        };
        let middle = good.len() / 2;
        for bad in [
            flipped(0),
            flipped(32),
            flipped(middle),
            flipped(good.len() - 1),
            good[..good.len() - 1].to_vec(),
            good[..31].to_vec(),
            good[32..].to_vec(),
            Vec::new(),
        ] {
            fs::write(path, bad).expect("an entry");
            works(run_of(&folder));
            // It was made anew.
            assert!(fs::read(path).expect("an entry") == good);
        }
    }
    let path = &kept[0];
    let good = fs::read(path).expect("an entry");
    // What is no file is no entry.
    fs::remove_file(path).expect("an entry");
    fs::create_dir(path).expect("a folder");
    works(run_of(&folder));
    fs::remove_dir(path).expect("a folder");
    works(run_of(&folder));

    // Another component's entries under these names.
    let other = plan(bytes("limits")).untrusted();
    let share = |name: &str| {
        let from = folder.0.join(name);
        symlink(from, other.0.join(name)).expect("a link");
    };
    share("state");
    share("cache");
    let mut trust = composectl_in(other.0.path());
    trust.env("XDG_STATE_HOME", other.0.join("state"));
    trust.args(["trust", "add", "--plan", "plan.json"]);
    compositor_tests::run(&mut trust).success();
    let mut run = composectl_in(other.0.path());
    run.env("XDG_STATE_HOME", other.0.join("state"))
        .env("XDG_CACHE_HOME", other.0.join("cache"))
        .args(["exec", "run", "plan.json", "--", "io", "1"]);
    compositor_tests::run(&mut run).success();
    let others = entries(&folder);
    let other = others.iter().find(|entry| !kept.contains(entry));
    let other = other.expect("its own entry");
    for path in &kept {
        let good = fs::read(path).expect("an entry");
        fs::copy(other, path).expect("an entry");
        works(run_of(&folder));
        assert!(fs::read(path).expect("an entry") == good);
    }
    assert!(fs::read(path).expect("an entry") == good);
}

#[test]
fn another_key_is_another_cache() {
    let folder = program();
    works(run_of(&folder));
    let first = entries(&folder);
    fs::write(key(&folder), [7; 32]).expect("a key");
    works(run_of(&folder));
    let both = entries(&folder);
    assert_eq!(both.len(), 2 * first.len(), "{both:?}");
    // One that others can read is none.
    set_mode(&key(&folder), 0o644);
    let said = works(run_of(&folder));
    assert!(said.contains("compiled code is not kept"), "{said}");
    set_mode(&key(&folder), 0o600);
    fs::write(key(&folder), [7; 31]).expect("a key");
    let said = works(run_of(&folder));
    assert!(said.contains("32 bytes"), "{said}");
    assert_eq!(entries(&folder), both);
    assert!(first.iter().all(|entry| both.contains(entry)));
}

#[test]
fn a_tenant_chooses_no_folder() {
    let folder = program();
    let text = fs::read_to_string(folder.0.join("plan.json")).expect("a plan");
    let plan: serde_json::Value = serde_json::from_str(&text).expect("a plan");
    let names = [
        None,
        Some("a"),
        Some("b"),
        Some("../../elsewhere"),
        Some("/"),
    ];
    let mut counts = Vec::new();
    for name in names {
        let mut plan = plan.clone();
        if let Some(name) = name {
            plan["policy"] = serde_json::json!({
                "tenant": name,
                "capabilities": [{ "name": "wasi:cli/environment", "level": "optional" }],
            });
        }
        folder.0.write("plan.json", plan.to_string());
        works(run_of(&folder));
        counts.push(entries(&folder).len());
    }
    // Tenants share no code, and it lies in one place.
    let (own, each) = (counts[0], counts[1] - counts[0]);
    assert!(own > 1 && each > 1, "{counts:?}");
    let expected = (0..names.len()).map(|tenants| own + tenants * each);
    assert_eq!(counts, expected.collect::<Vec<_>>());
    let folders = fs::read_dir(folder.0.join("cache")).expect("a folder");
    assert_eq!(folders.count(), 1);
}

/// What is not used for longest goes, when there is too much.
#[test]
fn it_is_bounded() {
    let folder = program();
    works(run_of(&folder));
    let kept = entries(&folder);
    let old = SystemTime::now() - Duration::from_secs(86_400);
    for name in ["0".repeat(64), ".new-1-0".to_string()] {
        // Without a byte on the disk.
        let file = File::create(code(&folder).join(name)).expect("a file");
        file.set_len(3 << 30).expect("a size");
        file.set_modified(old).expect("a time");
    }
    works(run_of(&folder));
    let all = entries(&folder).len();
    assert_eq!(all, kept.len() + 2, "a hit looks at nothing else");
    fs::remove_file(&kept[0]).expect("an entry");
    works(run_of(&folder));
    assert_eq!(entries(&folder), kept);
}
