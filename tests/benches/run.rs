//! What is run: ours, the stock runtime with our component, the peer, and
//! copying or hashing alone; and from which state of the store.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use compositor_tests::{composectl, composectl_in, dist, measured, state_of, wasmtime_cli};
use rustix::time::{ClockId, clock_gettime};
use sha2::{Digest as _, Sha256};

use crate::cost::Cost;
use crate::draft::package;
use crate::input::Input;

/// The file that ours writes, and the file that the peer writes.
pub const OURS: &str = "ours.wasm";
pub const PEER: &str = "peer.wasm";

/// The file that copying writes.
const COPY: &str = "copy.wasm";

/// Something that is measured, in the order in which a round runs it: where one uses
/// what another left, it is behind that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Run {
    /// `composectl emit build`, and the components are in the store, and
    /// nothing was ever made of them.
    First,
    /// The same, and the components were validated before, as `plan validate`
    /// does: their skeletons are there, and no artifact.
    Cold,
    /// The same, and the artifact is there: it follows [`Run::First`] or
    /// [`Run::Cold`].
    Again,
    /// `compositor.wasm emit build` in the stock runtime, whose cache of
    /// compiled code is warm; the store is as for [`Run::Cold`].
    Stock,
    /// Reads the components and writes their bytes to one file, in this process: what
    /// whoever composes does at the least.
    Copying,
    /// Hashes the components, and hashes the same bytes once more, as those of
    /// an artifact.
    Hashing,
    /// `wac plug`.
    Plug,
    /// `wac compose`, which is told each argument, as a plan does.
    Compose,
}

/// An input, its store as it was before anything was made of it, and that
/// with skeletons.
pub struct Prepared {
    /// The input.
    pub input: Input,
    locked: BTreeSet<PathBuf>,
    validated: BTreeSet<PathBuf>,
    /// How many files were moved away.
    moved: Cell<usize>,
}

impl Prepared {
    /// Takes the state of a store whose components are there; validates them.
    pub fn new(input: Input) -> Self {
        let locked = files(&input.folder.join("store"));
        // What sources hash to is kept of those that were not written just now.
        thread::sleep(Duration::from_secs(5));
        let validate = [
            "plan",
            "validate",
            "plan.json",
            "--store",
            "store",
            "--target",
            "any",
        ];
        composectl(&input.folder, validate).success();
        let validated = files(&input.folder.join("store"));
        Self {
            input,
            locked,
            validated,
            moved: Cell::new(0),
        }
    }

    /// Runs it once.
    pub fn run(&self, run: Run) -> Cost {
        let store = match run {
            Run::First => Some(&self.locked),
            Run::Cold | Run::Stock => Some(&self.validated),
            Run::Again | Run::Copying | Run::Hashing | Run::Plug | Run::Compose => None,
        };
        if let Some(files) = store {
            self.reset(files);
        }
        // What is overwritten would be freed in the time of who does it.
        let output = match run {
            Run::First | Run::Cold | Run::Again | Run::Stock => Some(OURS),
            Run::Plug | Run::Compose => Some(PEER),
            Run::Copying => Some(COPY),
            Run::Hashing => None,
        };
        if let Some(output) = output {
            let _ = fs::remove_file(self.input.folder.join(output));
        }
        // What others wrote is none of the next one's business.
        rustix::fs::sync();
        match run {
            Run::First | Run::Cold | Run::Again => cost(&mut self.ours()),
            Run::Stock => cost(&mut self.stock()),
            Run::Plug => cost(&mut self.plug()),
            Run::Compose => cost(&mut self.compose()),
            Run::Copying => copying(&self.input),
            Run::Hashing => hashing(&self.input),
        }
    }

    /// Takes the store back to these files. Small ones are moved away, because some
    /// file systems are slow to make files where many were removed just before.
    fn reset(&self, keep: &BTreeSet<PathBuf>) {
        const SMALL: u64 = 1 << 20;
        let away = self.input.folder.join("away");
        let _ = fs::create_dir(&away);
        for file in files(&self.input.folder.join("store")).difference(keep) {
            let size = file.metadata().expect("a file of the store").len();
            let place = away.join(self.moved.get().to_string());
            self.moved.set(self.moved.get() + 1);
            let gone = match size < SMALL {
                true => fs::rename(file, place),
                false => fs::remove_file(file),
            };
            gone.expect("a file of the store to take away");
        }
    }

    fn ours(&self) -> Command {
        let mut command = composectl_in(&self.input.folder);
        command.args(BUILD);
        command
    }

    fn stock(&self) -> Command {
        let mut command = wasmtime_cli();
        command.args(["run", "-C", "cache=y", "--dir", "."]);
        // The same user's state, whose key vouches for what was kept.
        let state = state_of(&self.input.folder).join("compositor");
        command.arg("--dir");
        command.arg(format!("{}::/state", state.display()));
        command.arg(dist("compositor.wasm")).args(BUILD);
        command.current_dir(&self.input.folder);
        command
    }

    fn plug(&self) -> Command {
        let mut ids = self.input.ids.iter().map(|id| format!("{id}.wasm"));
        let mut command = Command::new(dist("tools/wac"));
        command.arg("plug").args(ids.next());
        command.args(ids.flat_map(|plug| ["--plug".to_string(), plug]));
        command.args(["-o", PEER]).current_dir(&self.input.folder);
        command
    }

    fn compose(&self) -> Command {
        let mut command = Command::new(dist("tools/wac"));
        command.args(["compose", "compose.wac"]);
        for (number, id) in self.input.ids.iter().enumerate() {
            let package = package(number);
            command.args(["--dep".to_string(), format!("{package}={id}.wasm")]);
        }
        command.args(["-o", PEER]).current_dir(&self.input.folder);
        command
    }
}

// Of thousands of components, which no host takes in one artifact, it is the
// composing that is measured.
const BUILD: [&str; 10] = [
    "emit",
    "build",
    "plan.json",
    "--locked",
    "-o",
    OURS,
    "--store",
    "store",
    "--target",
    "any",
];

fn cost(command: &mut Command) -> Cost {
    let measured = measured(command);
    let cost = Cost {
        wall: measured.time.as_secs_f64(),
        processor: measured.processor.as_secs_f64(),
        memory: measured.memory.map(|bytes| bytes as f64),
    };
    measured.output.success();
    cost
}

/// All files in a folder and the folders in it.
fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).expect("a folder to read") {
        let path = entry.expect("a folder to read").path();
        match path.is_dir() {
            true => found.append(&mut files(&path)),
            false => {
                found.insert(path);
            }
        }
    }
    found
}

fn hashing(input: &Input) -> Cost {
    let mut buffer = vec![0; PIECE];
    here(|| {
        let mut artifact = Sha256::new();
        for id in &input.ids {
            let mut component = Sha256::new();
            pieces(input, id, &mut buffer, |bytes| {
                component.update(bytes);
                artifact.update(bytes);
            });
            std::hint::black_box(component.finalize());
        }
        std::hint::black_box(artifact.finalize());
    })
}

fn copying(input: &Input) -> Cost {
    let mut buffer = vec![0; PIECE];
    here(|| {
        let copy = fs::File::create(input.folder.join(COPY));
        let mut copy = copy.expect("a file for the copy");
        for id in &input.ids {
            pieces(input, id, &mut buffer, |bytes| {
                copy.write_all(bytes).expect("room for a copy");
            });
        }
    })
}

/// Bytes that are read at once.
const PIECE: usize = 1 << 20;

/// Reads a component piece by piece.
fn pieces(input: &Input, id: &str, buffer: &mut [u8], mut each: impl FnMut(&[u8])) {
    let mut file = fs::File::open(input.file(id)).expect("a component");
    while let Ok(read @ 1..) = file.read(buffer) {
        each(&buffer[..read]);
    }
}

/// What something takes in this thread.
fn here(what: impl FnOnce()) -> Cost {
    let processor = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
    };
    let (wall, before) = (Instant::now(), processor());
    what();
    Cost {
        wall: wall.elapsed().as_secs_f64(),
        processor: processor() - before,
        memory: None,
    }
}
