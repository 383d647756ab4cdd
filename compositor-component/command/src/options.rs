//! The options of the commands: one table, for reading the command line and for
//! its help.

/// An option.
pub struct Opt {
    /// Its name after `--`.
    pub long: &'static str,
    /// Its letter after `-`.
    pub short: Option<char>,
    /// What its value is, if it has one.
    pub value: Option<&'static str>,
    /// Its value when it stands alone; then a value of its own comes behind a `=`, as
    /// in `--strip=all`. None of one that always has a value.
    pub implied: Option<&'static str>,
    /// Whether it may be given again.
    pub many: bool,
    /// What it does.
    pub about: &'static str,
}

/// An option without a value.
pub const fn flag(long: &'static str, about: &'static str) -> Opt {
    Opt {
        long,
        short: None,
        value: None,
        implied: None,
        many: false,
        about,
    }
}

/// An option with a value.
pub const fn valued(long: &'static str, value: &'static str, about: &'static str) -> Opt {
    Opt {
        long,
        short: None,
        value: Some(value),
        implied: None,
        many: false,
        about,
    }
}

/// An option whose value may be left out.
pub const fn implying(
    long: &'static str,
    value: &'static str,
    implied: &'static str,
    about: &'static str,
) -> Opt {
    Opt {
        implied: Some(implied),
        ..valued(long, value, about)
    }
}

/// An option with a value that may be given again.
pub const fn repeated(long: &'static str, value: &'static str, about: &'static str) -> Opt {
    Opt {
        many: true,
        ..valued(long, value, about)
    }
}

/// The same option, with a letter.
pub const fn lettered(short: char, opt: Opt) -> Opt {
    Opt {
        short: Some(short),
        ..opt
    }
}

/// Where to write.
pub const OUTPUT: Opt = lettered(
    'o',
    valued("output", "OUT", "Write to this file; `-` is stdout"),
);
/// Only plans that are locked.
pub const LOCKED: Opt = flag(
    "locked",
    "Refuse a plan that is not locked, instead of locking it on the fly",
);
/// Trust for a run.
pub const TRUST: Opt = flag(
    "trust",
    "Trust what the plan's own files give, for this run alone",
);
/// Again and again.
pub const WATCH: Opt = flag(
    "watch",
    "Do it again when the plan or a source changes, with what the sources hold then; what ran \
     before goes on until the new one is ready",
);
/// What was guessed.
pub const SAVE: Opt = valued(
    "save",
    "PLAN",
    "Write the plan that was made of the files to this file",
);
/// What folders offer in place of hosts.
pub const WASI: Opt = flag(
    "wasi",
    "Also bind what hosts give, such as wasi:http, where a file exports it",
);
/// The same, of what asks.
pub const WASI_OR_ASKED: Opt = flag(
    "wasi",
    "Also bind what hosts give, such as wasi:http, where a file exports it; without this, each is \
     asked on a terminal, and left to the host elsewhere",
);
/// The file of a plan that is made.
pub const NEW_PLAN: Opt = lettered(
    'o',
    valued(
        "output",
        "PLAN",
        "The plan's file; `-` is stdout [default: plan.json]",
    ),
);
/// A plan that is made with its digests.
pub const WITH_DIGESTS: Opt = flag("locked", "Write the digests too, as `plan lock` does");
/// Replacing a plan.
pub const FORCE: Opt = flag("force", "Replace the plan's file if it exists");
/// Where sources are.
pub const ROOT: Opt = valued(
    "root",
    "DIR",
    "Read no source of the plan from outside this folder, not even through a link",
);
/// A variable of the guest.
pub const ENV: Opt = repeated("env", "K=V", "Set a variable of the guest's environment");
/// A grant.
pub const ALLOW: Opt = repeated(
    "allow",
    "NAME",
    "Grant imports: a package such as wasi:sockets, an interface, dynlink:resolve or dynlink:invoke",
);
/// A denial.
pub const DENY: Opt = repeated(
    "deny",
    "NAME[=MODE]",
    "Deny imports of that name, or all with `*`; they trap, give an error or are empty",
);
/// Grants and denials from a file.
pub const POLICY: Opt = valued(
    "policy",
    "FILE",
    "Allow and deny what this JSON file says, in addition to the options",
);
/// A host, and a world.
pub const TARGET: Opt = repeated(
    "target",
    "HOST|FILE.wit#WORLD",
    "Check that this host takes the artifact: wasmtime@48, wasmtime@49, wasmtime@50, composectl, \
     jco@1 or any [default: stock, the newest wasmtime, where what names alone need is a warning; of \
     `plan info` any]; and that it fits this world of a file or folder of WIT",
);
/// Less of components.
pub const STRIP: Opt = implying(
    "strip",
    "debug|all",
    "debug",
    "Leave custom sections of components out: debug information and what only tools know, which is \
     debug, or all",
);
/// A result that was recorded.
pub const REUSE: Opt = flag(
    "reuse",
    "Answer with the recorded result of the same run, where the plan's determinism is strict",
);
/// A ceiling.
pub const LIMIT: Opt = repeated(
    "limit",
    "NAME=VALUE",
    "Set a ceiling: cpu-ms, memory-bytes, io-ops, table-elements, instances, handles or \
     output-bytes; the lower of this and the plan's holds",
);
/// A folder of the guest.
pub const LEND: Opt = repeated("dir", "HOST[::GUEST][:ro]", "Lend a folder to the guest");

/// Where a server listens.
pub const ADDRESS: Opt = valued(
    "addr",
    "HOST:PORT",
    "Where to listen; `unix:PATH` is a Unix socket, `inherited` the one that systemd started it with",
);
/// What a server serves beside its operand.
pub const ROUTE: Opt = repeated(
    "route",
    "[HOST][/PATH]=PLAN",
    "Answer requests for this host or below this path with another plan or component; what no route \
     takes is for the operand, and without one it is 404",
);
/// A server's certificate.
pub const CERTIFICATE: Opt = valued(
    "tls-cert",
    "FILE",
    "Serve TLS with this certificate, in PEM, followed by those that vouch for it",
);
/// Its key.
pub const KEY: Opt = valued("tls-key", "FILE", "The certificate's key, in PEM");
/// What a server answers itself.
pub const HEALTH: Opt = valued(
    "health",
    "PATH",
    "Answer this path with 200 without any guest, for whatever looks after the server",
);
/// What a server says.
pub const ACCESS_LOG: Opt = flag(
    "access-log",
    "Log every request to stderr, not only those that fail",
);

/// The options of every command.
pub const GLOBAL: &[&Opt] = &[
    &valued(
        "store",
        "DIR",
        "The store's folder [default: $COMPOSE_STORE, or .compose, or . with a blobs/ in it]",
    ),
    &valued(
        "state",
        "DIR",
        "The folder of what you trust [default: /state where a host opened it, or \
         $XDG_STATE_HOME/compositor, or ~/.local/state/compositor]",
    ),
    &valued(
        "format",
        "FORMAT",
        "text, or json: one object on stdout [default: text]",
    ),
    &valued(
        "events",
        "FILE",
        "Append what happens to this file, one JSON object a line; `-` is stdout",
    ),
    &lettered(
        'v',
        flag(
            "verbose",
            "Print what happens to stderr, step by step, and every note in full",
        ),
    ),
    &lettered(
        'q',
        flag("quiet", "Print the result and errors, and nothing else"),
    ),
    &lettered('h', flag("help", "Print help")),
    &lettered('V', flag("version", "Print the version")),
];
