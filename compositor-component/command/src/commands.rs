//! The commands: one table, for reading the command line and for its help.
//!
//! One file because it is one table.

use crate::answer::{Answer, Failure};
use crate::invocation::Invocation;
use crate::options::{
    ACCESS_LOG, ADDRESS, ALLOW, CERTIFICATE, DENY, ENV, FORCE, HEALTH, KEY, LEND, LIMIT, LOCKED,
    NEW_PLAN, OUTPUT, Opt, POLICY, REUSE, ROOT, ROUTE, SAVE, STRIP, TARGET, TRUST, WASI,
    WASI_OR_ASKED, WATCH, WITH_DIGESTS, flag, repeated, valued,
};
use crate::{
    blob, canon, canon_wit, emit, exec, gc, plan, plan_edit, plan_import, plan_info, plan_new,
    plan_remove, plug, trust,
};

/// A command.
pub struct Command {
    /// The words that name it; none for the plan alone.
    pub words: &'static [&'static str],
    /// What comes after the words.
    pub takes: &'static str,
    /// How many positional arguments there are at least and at most.
    pub count: (usize, usize),
    /// Its own options.
    pub options: &'static [&'static Opt],
    /// What it does.
    pub about: &'static str,
    /// Does it.
    pub run: fn(&Invocation) -> Result<Answer, Failure>,
}

impl Command {
    /// Its words, such as `plan lock`.
    pub fn name(&self) -> String {
        self.words.join(" ")
    }

    /// Whether what comes after `--` is handed on.
    pub fn hands_on(&self) -> bool {
        self.takes.contains("[-- ")
    }

    /// Whether it reads more files than the command line names: a plan's sources,
    /// those of folders, or those of another tool's file.
    pub fn finds_inputs(&self, invocation: &Invocation) -> bool {
        let takes = |what| self.takes.contains(what);
        takes("PLAN") || takes("ROOT") || takes(".wac") || invocation.has("plan")
    }
}

/// The options of what runs a program.
const RUN: &[&Opt] = &[
    &TRUST, &WATCH, &SAVE, &FORCE, &LEND, &ENV, &ALLOW, &DENY, &POLICY, &LIMIT, &REUSE, &LOCKED,
    &ROOT,
];

/// The options of what serves.
const SERVE: &[&Opt] = &[
    &ADDRESS,
    &ROUTE,
    &CERTIFICATE,
    &KEY,
    &HEALTH,
    &ACCESS_LOG,
    &TRUST,
    &WATCH,
    &SAVE,
    &FORCE,
    &LEND,
    &ENV,
    &ALLOW,
    &DENY,
    &POLICY,
    &LIMIT,
    &LOCKED,
    &ROOT,
];

/// The commands; the first is the one that is not named.
pub const COMMANDS: &[Command] = &[
    Command {
        words: &[],
        takes: "PLAN",
        count: (1, 1),
        options: &[
            &OUTPUT, &STRIP, &ALLOW, &DENY, &POLICY, &TARGET, &LOCKED, &ROOT,
        ],
        about: "Validate a plan and emit its artifact to the store, or to a file",
        run: emit::plan,
    },
    Command {
        words: &["plan", "validate"],
        takes: "PLAN",
        count: (1, 1),
        options: &[&ALLOW, &DENY, &POLICY, &TARGET, &LOCKED, &ROOT],
        about: "Check everything that can be checked before emitting",
        run: plan::validate,
    },
    Command {
        words: &["plan", "lock"],
        takes: "PLAN [ID…]",
        count: (1, usize::MAX),
        options: &[
            &flag(
                "update",
                "Take what the sources of these components hold now, or of all",
            ),
            &OUTPUT,
            &ROOT,
        ],
        about: "Put the plan's sources into the store and write their digests into the plan",
        run: plan::lock,
    },
    Command {
        words: &["plan", "info"],
        takes: "PLAN|ARTIFACT",
        count: (1, 1),
        options: &[&ALLOW, &DENY, &POLICY, &TARGET, &ROOT],
        about: "Say what a plan states and which imports it is granted, or what an artifact was made of",
        run: plan_info::info,
    },
    Command {
        words: &["plan", "digest"],
        takes: "PLAN",
        count: (1, 1),
        options: &[&LOCKED, &ROOT],
        about: "Print the plan's id",
        run: plan::digest,
    },
    Command {
        words: &["plan", "convert"],
        takes: "PLAN",
        count: (1, 1),
        options: &[
            &valued(
                "to",
                "ENCODING",
                "json or cbor [default: the one that the plan is not in]",
            ),
            &OUTPUT,
            &LOCKED,
            &ROOT,
        ],
        about: "Write the plan in the other encoding",
        run: plan::convert,
    },
    Command {
        words: &["plan", "new"],
        takes: "[ID=]ROOT.wasm [[ID=]FILE|DIR…]",
        count: (1, usize::MAX),
        options: &[
            &repeated(
                "dir",
                "DIR",
                "Look for providers among the *.wasm files of this folder",
            ),
            &valued(
                "id",
                "NAME",
                "The root's id [default: from the file's name]",
            ),
            &NEW_PLAN,
            &FORCE,
            &WASI_OR_ASKED,
            &flag(
                "allow-missing",
                "Succeed although an import has no provider; the exit status is 3 otherwise",
            ),
            &WITH_DIGESTS,
        ],
        about: "Write a plan for a component, and list what was found for its imports",
        run: plan_new::new,
    },
    Command {
        words: &["plan", "import"],
        takes: "FILE.wac|spin.toml",
        count: (1, 1),
        options: &[
            &valued(
                "deps",
                "DIR",
                "The folder of packages: DIR/ns/name.wasm, as `wac` lays them out [default: deps]",
            ),
            &repeated(
                "dep",
                "NAME=FILE",
                "The file of a package, or of a component or a dependency of a Spin application",
            ),
            &valued(
                "component",
                "NAME",
                "The component of a Spin application that the plan is of [default: the only one]",
            ),
            &NEW_PLAN,
            &FORCE,
            &WITH_DIGESTS,
        ],
        about: "Write the plan of a WAC script or of a Spin application, and say what it has no word for",
        run: plan_import::import,
    },
    Command {
        words: &["plan", "add"],
        takes: "PLAN [ID=]FILE|DIR…",
        count: (2, usize::MAX),
        options: &[&OUTPUT, &WASI_OR_ASKED, &ROOT],
        about: "Add components, and bind open imports to them",
        run: plan_edit::add,
    },
    Command {
        words: &["plan", "remove"],
        takes: "PLAN ID",
        count: (2, 2),
        options: &[&OUTPUT],
        about: "Remove a component, with its bindings and rules",
        run: plan_remove::remove,
    },
    Command {
        words: &["plan", "rename"],
        takes: "PLAN ID NEW",
        count: (3, 3),
        options: &[&OUTPUT],
        about: "Give a component another id, wherever the plan names it",
        run: plan_edit::rename,
    },
    Command {
        words: &["plan", "upgrade"],
        takes: "PLAN ID FILE",
        count: (3, 3),
        options: &[
            &OUTPUT,
            &flag(
                "force",
                "Change the plan even where something no longer fits",
            ),
            &ROOT,
        ],
        about: "Give a component another file, if all that is bound to it still fits",
        run: plan_edit::upgrade,
    },
    Command {
        words: &["plug"],
        takes: "[ID=]ROOT.wasm [ID=]FILE|DIR…",
        count: (2, usize::MAX),
        options: &[
            &OUTPUT, &SAVE, &FORCE, &STRIP, &WASI, &ALLOW, &DENY, &POLICY, &TARGET, &ROOT,
        ],
        about: "Compose files without a plan: imports are bound to the first file that exports them",
        run: plug::plug,
    },
    Command {
        words: &["run"],
        takes: "FILE.wasm|PLAN [-- ARGS…]",
        count: (1, 1),
        options: RUN,
        about: "The same as `exec run`",
        run: exec::run,
    },
    Command {
        words: &["serve"],
        takes: "FILE.wasm|PLAN --addr HOST:PORT",
        count: (0, 1),
        options: SERVE,
        about: "The same as `exec serve`",
        run: exec::serve,
    },
    Command {
        words: &["emit", "build"],
        takes: "PLAN -o OUT|--tag NAME",
        count: (1, 1),
        options: &[
            &OUTPUT,
            &valued(
                "tag",
                "NAME",
                "Name the artifact in the store's index, for tools of OCI registries",
            ),
            &STRIP,
            &WATCH,
            &ALLOW,
            &DENY,
            &POLICY,
            &TARGET,
            &LOCKED,
            &ROOT,
        ],
        about: "Compose the plan and write the artifact to a file",
        run: emit::build,
    },
    Command {
        words: &["exec", "run"],
        takes: "PLAN|FILE.wasm [-- ARGS…]",
        count: (1, 1),
        options: RUN,
        about: "Run the plan's artifact, on a host with a runner; the exit status and stdout are the guest's",
        run: exec::run,
    },
    Command {
        words: &["exec", "invoke"],
        takes: "PLAN|FILE.wasm 'EXPORT(WAVE…)'|EXPORT [JSON…]",
        count: (2, usize::MAX),
        options: &[
            &TRUST, &LEND, &ENV, &ALLOW, &DENY, &POLICY, &LIMIT, &REUSE, &LOCKED, &ROOT,
        ],
        about: "Call an export, on a host with a runner; the result is in WAVE",
        run: exec::invoke,
    },
    Command {
        words: &["exec", "serve"],
        takes: "PLAN|FILE.wasm --addr HOST:PORT",
        count: (0, 1),
        options: SERVE,
        about: "Serve HTTP with the plan's artifact, on a host that listens; SIGHUP reads the plan again",
        run: exec::serve,
    },
    Command {
        words: &["exec", "list"],
        takes: "PLAN|FILE.wasm",
        count: (1, 1),
        options: &[&ALLOW, &DENY, &POLICY, &LOCKED, &ROOT],
        about: "List the exports of the plan's artifact",
        run: exec::list,
    },
    Command {
        words: &["exec", "describe"],
        takes: "PLAN|FILE.wasm EXPORT",
        count: (2, 2),
        options: &[&ALLOW, &DENY, &POLICY, &LOCKED, &ROOT],
        about: "Print the WIT of an export",
        run: exec::describe,
    },
    Command {
        words: &["blob", "put"],
        takes: "FILE…",
        count: (1, usize::MAX),
        options: &[],
        about: "Put files into the store and print their digests; `-` is stdin",
        run: blob::put,
    },
    Command {
        words: &["blob", "get"],
        takes: "DIGEST",
        count: (1, 1),
        options: &[&OUTPUT],
        about: "Write a blob to a file, or to stdout",
        run: blob::get,
    },
    Command {
        words: &["blob", "has"],
        takes: "DIGEST",
        count: (1, 1),
        options: &[],
        about: "Exit with 0 when the store has the blob, with 1 when not",
        run: blob::has,
    },
    Command {
        words: &["blob", "list"],
        takes: "",
        count: (0, 0),
        options: &[],
        about: "List the store's blobs: size, kind, last use, and ids in the artifacts that are there",
        run: blob::list,
    },
    Command {
        words: &["blob", "gc"],
        takes: "[PLAN…]",
        count: (0, usize::MAX),
        options: &[
            &valued(
                "recent",
                "DAYS",
                "Also keep what was used in the days before the store's last use",
            ),
            &flag("dry-run", "Say what would be removed, and remove nothing"),
            &ROOT,
        ],
        about: "Remove blobs, except what plans are made of, their artifacts, and what is trusted",
        run: gc::gc,
    },
    Command {
        words: &["blob", "rm"],
        takes: "DIGEST…",
        count: (1, usize::MAX),
        options: &[],
        about: "Remove blobs",
        run: blob::rm,
    },
    Command {
        words: &["blob", "verify"],
        takes: "[DIGEST…]",
        count: (0, usize::MAX),
        options: &[],
        about: "Hash blobs again and compare; all of them when none is named",
        run: blob::verify,
    },
    Command {
        words: &["trust", "add"],
        takes: "[DIGEST…]",
        count: (0, usize::MAX),
        options: &[
            &valued("plan", "PLAN", "Every component of this plan"),
            &LOCKED,
            &ROOT,
        ],
        about: "Trust digests",
        run: trust::add,
    },
    Command {
        words: &["trust", "remove"],
        takes: "DIGEST…",
        count: (1, usize::MAX),
        options: &[],
        about: "Stop trusting digests",
        run: trust::remove,
    },
    Command {
        words: &["trust", "list"],
        takes: "",
        count: (0, 0),
        options: &[],
        about: "List the trusted digests",
        run: trust::list,
    },
    Command {
        words: &["trust", "verify"],
        takes: "DIGEST…",
        count: (1, usize::MAX),
        options: &[],
        about: "Exit with 0 when every digest is trusted, with 1 when not",
        run: trust::verify,
    },
    Command {
        words: &["trust", "import"],
        takes: "",
        count: (0, 0),
        options: &[],
        about: "Trust what the store's folder `trust` names, as earlier versions did, and list it",
        run: trust::import,
    },
    Command {
        words: &["canon", "cbor-check"],
        takes: "FILE",
        count: (1, 1),
        options: &[],
        about: "Check that a file is canonical CBOR",
        run: canon::cbor_check,
    },
    Command {
        words: &["canon", "cbor"],
        takes: "FILE.json",
        count: (1, 1),
        options: &[&OUTPUT],
        about: "Encode JSON as canonical CBOR",
        run: canon::cbor,
    },
    Command {
        words: &["canon", "wit-id"],
        takes: "FILE|DIR|COMPONENT",
        count: (1, 1),
        options: &[],
        about: "Print the ids of a WIT package and of what is in it, or of a component's own world",
        run: canon_wit::wit_id,
    },
];

#[cfg(test)]
mod tests {
    use compositor_diagnostic::{Digest, Remedy};

    use super::*;
    use crate::options::GLOBAL;
    use crate::remedy::with_commands;

    /// Options may come before the command's words, so what takes a value
    /// has to be known before the command is.
    #[test]
    fn an_option_takes_a_value_everywhere_or_nowhere() {
        let all: Vec<&Opt> = COMMANDS
            .iter()
            .flat_map(|c| c.options)
            .chain(GLOBAL)
            .copied()
            .collect();
        for a in &all {
            for b in &all {
                if a.long == b.long {
                    assert_eq!(a.value.is_some(), b.value.is_some(), "--{}", a.long);
                    assert_eq!(a.short, b.short, "--{}", a.long);
                }
                if a.short.is_some() && a.short == b.short {
                    assert_eq!(a.long, b.long);
                }
            }
        }
    }

    /// What a shell is given begins with one of these.
    #[test]
    fn the_first_words_are_known() {
        let printed = crate::usage::PRINTED.iter().map(|(word, ..)| *word);
        let words = COMMANDS.iter().filter_map(|of| of.words.first().copied());
        let mut words: Vec<&str> = words.chain(printed).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words, crate::program::WORDS);
    }

    /// What help names is there: a command with its options, or an option alone.
    #[test]
    fn remedies_name_commands() {
        for remedy in [
            Remedy::PutBlob,
            Remedy::LockPlan,
            Remedy::ConvertPlan,
            Remedy::EncodePlan,
            Remedy::IdentifyWorld,
            Remedy::Trust(None),
            Remedy::Trust(Some(Digest::of(b""))),
            Remedy::Grant("wasi:http".to_string()),
            Remedy::Target("any".to_string()),
            Remedy::WriteArtifact,
        ] {
            let help = with_commands("do it".to_string(), [remedy].into_iter());
            let shown = help
                .strip_prefix("do it (`")
                .and_then(|of| of.strip_suffix("`)"));
            let words: Vec<&str> = shown.expect("words").split(' ').collect();
            let does = |command: &Command| {
                let mut options = words.iter().filter(|word| word.starts_with('-'));
                let is_named = words.get(..2) == Some(command.words);
                (is_named || words[0].starts_with('-'))
                    && options.all(|word| has_option(command, word))
            };
            assert!(COMMANDS.iter().any(does), "{help}");
        }
    }

    fn has_option(command: &Command, word: &str) -> bool {
        command.options.iter().any(|option| {
            let letter = option.short.map(|letter| format!("-{letter}"));
            word == format!("--{}", option.long) || letter.is_some_and(|letter| word == letter)
        })
    }
}
