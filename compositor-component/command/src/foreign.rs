//! Words and options that other tools have, with what does the same here: a table beside
//! that of the commands, for who comes from there.

/// What does here what a word or an option does elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ours<'a> {
    /// These words of a command, with the same operands and options, and behind them the
    /// options that stand here, where they were not given. Without a word it is what a
    /// plan alone does. The value of an option is an operand of it.
    Command(&'a str),
    /// Of an option: its value is an operand behind the others.
    Operand,
    /// Of an option: this option, with the same value, of commands that have it.
    Option(&'a str),
    /// Of an option: these words in its place.
    Words(&'a str),
    /// Nothing: this is said instead.
    Nothing(&'a str),
}

/// Words of other tools.
pub struct ForeignVerb {
    /// The words.
    pub words: &'static [&'static str],
    /// How the first operand ends, of those that mean files of a kind.
    pub ending: &'static str,
    /// What does it here.
    pub ours: Ours<'static>,
}

/// Options of other tools, under one name or more.
pub struct ForeignOption {
    /// Their names, with the hyphens.
    pub names: &'static [&'static str],
    /// Whether a value follows.
    pub has_value: bool,
    /// What does it here.
    pub ours: Ours<'static>,
}

const fn verb(
    words: &'static [&'static str],
    ending: &'static str,
    ours: Ours<'static>,
) -> ForeignVerb {
    ForeignVerb {
        words,
        ending,
        ours,
    }
}

const fn valued(names: &'static [&'static str], ours: Ours<'static>) -> ForeignOption {
    ForeignOption {
        names,
        has_value: true,
        ours,
    }
}

const fn flag(names: &'static [&'static str], ours: Ours<'static>) -> ForeignOption {
    ForeignOption {
        names,
        has_value: false,
        ours,
    }
}

/// Words of wac, wasm-tools, wasmtime, spin, docker and the like; of two that fit the first
/// one with an ending holds.
pub const VERBS: &[ForeignVerb] = &[
    verb(&["compose", "fuse", "link"], ".wasm", Ours::Command("plug")),
    // What has no word of a command.
    verb(&[""], ".wasm", Ours::Command("plug")),
    verb(
        &["", "compose", "encode", "parse", "resolve"],
        ".wac",
        Ours::Command("plan import"),
    ),
    verb(&["compose", "encode", "link"], "", Ours::Command("")),
    verb(
        &["check", "print", "targets", "validate", "wit"],
        ".wasm",
        Ours::Command("exec list"),
    ),
    verb(
        &["check", "lint", "targets"],
        "",
        Ours::Command("plan validate"),
    ),
    verb(&["create", "init"], "", Ours::Command("plan new")),
    verb(&["compile"], "", Ours::Command("emit build")),
    verb(
        &["history", "inspect", "metadata", "show"],
        "",
        Ours::Command("plan info"),
    ),
    verb(&["start", "up"], "", Ours::Command("serve")),
    verb(&["call"], "", Ours::Command("exec invoke")),
    verb(&["images", "ls"], "", Ours::Command("blob list")),
    verb(&["clean", "prune"], "", Ours::Command("blob gc")),
    verb(&["rmi"], "", Ours::Command("blob rm")),
    verb(&["update"], "", Ours::Command("plan lock --update")),
    verb(
        &["attach", "kill", "logs", "ps", "restart", "stop", "top"],
        "",
        Ours::Nothing(
            "what `exec run` and `exec serve` start is a process in the foreground, and Ctrl-C ends it",
        ),
    ),
    verb(
        &["deploy", "publish", "push", "tag"],
        "",
        Ours::Nothing(
            "`emit build PLAN --tag NAME` names the artifact in the store, and \
             `skopeo copy oci:.compose:NAME docker://REGISTRY/NAME` pushes it",
        ),
    ),
    verb(
        &["download", "fetch", "pull"],
        "",
        Ours::Nothing(
            "fetch the file with a tool of its registry; `blob put FILE` puts it into the store",
        ),
    ),
    verb(
        &["component"],
        "",
        Ours::Nothing(
            "`wasm-tools component new FILE -o OUT` makes a component of a core module; \
             `exec list FILE.wasm` lists what one exports",
        ),
    ),
    verb(
        &["watch"],
        "",
        Ours::Nothing(
            "`exec run`, `exec serve` and `emit build` take `--watch`, which does it again when a \
             file changes",
        ),
    ),
    verb(&["version"], "", Ours::Nothing("`--version` prints it")),
];

/// Options of the same tools.
pub const OPTIONS: &[ForeignOption] = &[
    valued(&["--definitions", "--plug", "-d"], Ours::Operand),
    valued(&["--file", "--from", "-f"], Ours::Operand),
    valued(&["--invoke"], Ours::Command("exec invoke")),
    valued(
        &["--bind", "--host", "--listen", "--port", "-p"],
        Ours::Option("addr"),
    ),
    valued(&["--environment", "-e"], Ours::Option("env")),
    valued(&["--mapdir", "--mount", "--volume"], Ours::Option("dir")),
    valued(
        &["--out", "--outfile", "--output-file"],
        Ours::Option("output"),
    ),
    flag(&["--json"], Ours::Words("--format json")),
    flag(&["--debug", "--trace"], Ours::Words("-v")),
    flag(&["--silent"], Ours::Words("-q")),
    valued(
        &["-S"],
        Ours::Nothing("what a guest gets of WASI is granted by name, as in `--allow wasi:sockets`"),
    ),
    valued(
        &["--codegen", "--optimize", "--wasm", "-C", "-D", "-O", "-W"],
        Ours::Nothing(
            "how code is compiled is settled; what a guest may use is a `--limit NAME=VALUE`",
        ),
    ),
    valued(
        &["--timeout"],
        Ours::Nothing("`--limit wall-ms=MILLISECONDS` ends what runs for longer"),
    ),
    flag(
        &["--text", "--wat", "-t"],
        Ours::Nothing(
            "components are written in binary; `wasm-tools print FILE` shows one as text",
        ),
    ),
    flag(
        &["--detach", "--interactive", "--rm", "-i"],
        Ours::Nothing("what runs is a process in the foreground, with this terminal's streams"),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::COMMANDS;
    use crate::options::GLOBAL;

    /// What is ours is found before these are asked.
    #[test]
    fn nothing_of_ours_is_foreign() {
        for word in VERBS.iter().flat_map(|verb| verb.words) {
            let is_ours = COMMANDS.iter().any(|c| c.words.first() == Some(word));
            assert!(!is_ours, "{word}");
        }
        let ours = || COMMANDS.iter().flat_map(|c| c.options).chain(GLOBAL);
        for name in OPTIONS.iter().flat_map(|option| option.names) {
            let is = |long: &str, short: Option<char>| {
                *name == format!("--{long}")
                    || short.is_some_and(|short| *name == format!("-{short}"))
            };
            assert!(
                !ours().any(|option| is(option.long, option.short)),
                "{name}"
            );
        }
    }

    /// An option is one thing, and each that stands for one of ours has that.
    #[test]
    fn options_are_there_once_and_lead_to_ours() {
        let names: Vec<&str> = OPTIONS.iter().flat_map(|of| of.names).copied().collect();
        for (index, name) in names.iter().enumerate() {
            assert!(!names[..index].contains(name), "{name}");
        }
        for option in OPTIONS {
            if let Ours::Option(long) = option.ours {
                let known = COMMANDS.iter().flat_map(|c| c.options);
                assert!(known.chain(GLOBAL).any(|of| of.long == long), "{long}");
            }
        }
    }
}
