//! What is asserted of every hostile input.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use compositor_core::Digest;
use compositor_store::Store;
use compositor_tests::{
    Embedding, Ended, Measured, Output, Temp, composectl_in, dist, measured, read,
};
use serde_json::Value;

/// What one takes of processors, from the start of `composectl` to its end: a
/// second, and as much again because tests that run at the same time take the
/// caches from it.
const PROCESSOR: Duration = Duration::from_secs(2);
/// What one takes of the clock: more than enough for the same on a machine
/// that has much else to do, and little enough to tell one that waits.
const CLOCK: Duration = Duration::from_secs(20);
/// What one takes of memory, all of `composectl` included.
const MEMORY: u64 = 256 << 20;
/// What one takes of the sandbox's memory.
pub const SANDBOX: usize = 64 << 20;

static COMPOSITOR: LazyLock<Vec<u8>> = LazyLock::new(|| read(dist("compositor.wasm")));

/// A folder that is its own store, for a plan and its components.
pub struct Folder(pub Temp);

impl Folder {
    /// With an empty store.
    pub fn new() -> Self {
        let folder = Self(Temp::new());
        folder.store();
        folder
    }

    /// With a plan.
    pub fn of(plan: impl AsRef<[u8]>) -> Self {
        let folder = Self::new();
        folder.0.write("plan.json", plan);
        folder
    }

    /// With a plan that is one component.
    pub fn of_component(bytes: impl AsRef<[u8]>) -> Self {
        let folder = Self::new();
        let digest = folder.put(bytes.as_ref());
        folder.0.write("plan.json", plan_of(&digest));
        folder
    }

    /// Its store.
    pub fn store(&self) -> Store {
        let path = self.0.path().to_str().expect("a path of the test's");
        Store::open(path, None, true).expect("a store")
    }

    /// Puts a blob; returns its digest.
    pub fn put(&self, bytes: &[u8]) -> String {
        let store = Arc::new(self.store());
        let mut writer = store.create(false).expect("a writer");
        writer.write(bytes).expect("it is written");
        writer.finish().expect("it is put");
        Digest::of(bytes).to_string()
    }

    /// The path of a blob.
    pub fn blob(&self, digest: &str) -> std::path::PathBuf {
        let hex = digest.strip_prefix("sha256:").expect("a digest");
        self.0.join("blobs/sha256").join(hex)
    }

    /// Runs `composectl` with this folder as store.
    pub fn run(&self, args: &[&str]) -> Measured {
        let mut command = composectl_in(self.0.path());
        command.args(args).args(["--store", "."]);
        measured(&mut command)
    }

    /// Runs the compositor in its sandbox.
    pub fn sandboxed(&self, args: &[&str]) -> Ended {
        let args = args.iter().chain(&["--store", "."]);
        Embedding::new(self.0.path())
            .memory(SANDBOX)
            .run(&COMPOSITOR, args)
    }

    /// Names of its files and what they hold; of what is no file, the name alone.
    pub fn files(&self) -> BTreeMap<String, Option<Digest>> {
        fn walk(at: &Path, files: &mut BTreeMap<String, Option<Digest>>) {
            for entry in fs::read_dir(at).expect("a folder") {
                let path = entry.expect("an entry").path();
                let kind = fs::symlink_metadata(&path)
                    .expect("it is there")
                    .file_type();
                match kind.is_dir() {
                    true => walk(&path, files),
                    false => {
                        let bytes = kind.is_file().then(|| fs::read(&path).expect("a file"));
                        let digest = bytes.map(|bytes| Digest::of(&bytes));
                        files.insert(path.to_string_lossy().into_owned(), digest);
                    }
                }
            }
        }
        let mut files = BTreeMap::new();
        walk(self.0.path(), &mut files);
        files
    }

    /// Holds the plan to be refused with a code by everything that reads one,
    /// natively and in the sandbox, and nothing to be left of it.
    #[track_caller]
    pub fn refused(&self, name: &str, code: &str) -> Refusal {
        let before = self.files();
        let text = self.run(&["plan", "validate", "plan.json"]);
        let text = held(name, text);
        assert!(
            text.stderr.contains(&format!("error[{code}/")),
            "{name}: {}",
            cut(&text)
        );
        let json = self.run(&[
            "emit",
            "build",
            "plan.json",
            "-o",
            "out.wasm",
            "--format",
            "json",
        ]);
        let json = held(name, json);
        let object: Value = serde_json::from_str(&json.stdout)
            .unwrap_or_else(|error| panic!("{name}: {error}: {}", cut(&json)));
        let codes = object["errors"].as_array().into_iter().flatten();
        let codes: Vec<&Value> = codes.map(|error| &error["code"]).collect();
        assert!(codes.contains(&&Value::from(code)), "{name}: {codes:?}");

        let ended = self.sandboxed(&["emit", "build", "plan.json", "-o", "out.wasm"]);
        assert_eq!(ended.trap, None, "{name}");
        assert!(ended.memory <= SANDBOX, "{name}: {} bytes", ended.memory);
        calm(name, &ended.output);
        assert!(
            ended.output.stderr.contains(&format!("error[{code}/")),
            "{name}: {}",
            cut(&ended.output)
        );
        let after = self.files();
        let is_kept = |path: &String, digest: &Option<Digest>| {
            let is_whole =
                |digest: &Digest| path.ends_with(&format!("blobs/sha256/{}", digest.hex()));
            // Skeletons of components that are sound are kept, whole, for the
            // next time; a plan that is none is refused before.
            !code.starts_with("Plan.")
                && (path.contains("/cache/") || digest.as_ref().is_some_and(is_whole))
        };
        for (path, digest) in &after {
            let is_same = before.get(path) == Some(digest);
            assert!(is_same || is_kept(path, digest), "{name} left {path}");
        }
        let is_there = |path: &String| after.contains_key(path);
        assert!(before.keys().all(is_there), "{name}: a file is gone");
        Refusal {
            text: text.stderr,
            json: object,
        }
    }
}

/// How an input was refused.
pub struct Refusal {
    /// For people.
    pub text: String,
    /// For programs.
    pub json: Value,
}

/// Holds a run to the bounds, and to an end that is an error.
#[track_caller]
pub fn held(name: &str, run: Measured) -> Output {
    let output = bounded(name, run);
    assert_eq!(output.status, 1, "{name}: {}", cut(&output));
    output
}

/// Holds a run to the bounds, however it ended.
#[track_caller]
pub fn bounded(name: &str, run: Measured) -> Output {
    let Measured {
        output,
        time,
        processor,
        memory,
    } = run;
    println!("{name}: {processor:?}, {memory:?} bytes");
    assert!(
        processor < PROCESSOR,
        "{name}: it took {processor:?} of processors"
    );
    assert!(time < CLOCK, "{name}: it took {time:?}");
    let fits = memory.is_none_or(|memory| memory < MEMORY);
    assert!(fits, "{name}: it took {memory:?} bytes");
    calm(name, &output);
    output
}

/// Nothing that is printed steers a terminal, hides, or comes from a panic.
#[track_caller]
pub fn calm(name: &str, output: &Output) {
    for text in [&output.stdout, &output.stderr] {
        let raw = text.chars().find(|c| {
            *c != '\n' && c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                    | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
        });
        assert_eq!(raw, None, "{name}: {}", cut(output));
        assert!(!text.contains("panicked"), "{name}: {}", cut(output));
        // What quotes an input is not as long as the input.
        assert!(
            text.len() < 1 << 20,
            "{name}: {} bytes are printed",
            text.len()
        );
    }
}

/// Enough of an output to see what happened.
fn cut(output: &Output) -> String {
    let short = |text: &str| text.chars().take(2000).collect::<String>();
    format!(
        "status {}\n{}\n{}",
        output.status,
        short(&output.stdout).escape_debug(),
        short(&output.stderr).escape_debug()
    )
}

/// A plan of one component.
pub fn plan_of(digest: &str) -> String {
    format!(r#"{{"version":"1","root":"a","components":[{{"id":"a","digest":"{digest}"}}]}}"#)
}

/// The digest of nothing that is there.
pub const ABSENT: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
