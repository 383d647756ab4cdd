//! The options of the runner.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use lexopt::Arg::{Long, Short, Value};
use lexopt::{Parser, ValueExt as _};

/// How the runner is used.
pub const USAGE: &str = "\
usage: conformance-runner run [options]

Runs the vectors against a host of the compositor and exits with 1 when
anything is not as expected, in either direction.

  --host COMMAND     the host's command line; `{args}` stands for a case's
                     arguments, `{dir}` for its folder. It is started in that
                     folder; words that name a file from here are made absolute
                     [default: dist/composectl {args}]
  --without NAME     a capability that the host lacks; then it must refuse
                     as the vectors say. The one there is: exec
  --vectors DIR      the vectors [default: tests/vectors]
  --only TEXT        only the case of this id, or those whose ids hold the text
  --json FILE        write a summary in JSON
  --junit FILE       write a summary in JUnit's XML
  --jobs N           cases at a time [default: one a processor]
  --timeout SECONDS  what one command may take [default: 60]

For example:
  conformance-runner run --json summary.json
  conformance-runner run --host 'wasmtime run --dir . dist/compositor.wasm {args}' --without exec
";

/// The host that is held to the vectors when none is named: the one that is built here.
const HOST: &str = "dist/composectl {args}";

/// What the host of an option may lack.
const CAPABILITIES: [&str; 1] = ["exec"];

/// What the command line says.
#[derive(Clone, Debug)]
pub struct Options {
    /// The host's command line.
    pub host: String,
    /// Capabilities that it lacks.
    pub without: Vec<String>,
    /// The folder of the vectors.
    pub vectors: PathBuf,
    /// A case's id, or a part of some.
    pub only: Option<String>,
    /// Where the summary in JSON goes.
    pub json: Option<PathBuf>,
    /// Where the summary in JUnit's XML goes.
    pub junit: Option<PathBuf>,
    /// Cases at a time.
    pub jobs: usize,
    /// What one command may take.
    pub timeout: Duration,
}

impl Options {
    /// Of a host alone.
    pub fn new(host: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            without: Vec::new(),
            vectors: PathBuf::from("tests/vectors"),
            only: None,
            json: None,
            junit: None,
            jobs: std::thread::available_parallelism().map_or(1, usize::from),
            timeout: Duration::from_secs(60),
        }
    }

    /// Reads a command line; none when it asks for help.
    pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Option<Self>> {
        let mut parser = Parser::from_iter(args);
        let mut is_run = false;
        let mut options = Self::new(HOST);
        while let Some(arg) = parser.next()? {
            match arg {
                Short('h') | Long("help") => return Ok(None),
                Long("host") => options.host = parser.value()?.string()?,
                Long("without") => options.without.push(parser.value()?.string()?),
                Long("vectors") => options.vectors = parser.value()?.into(),
                Long("only") => options.only = Some(parser.value()?.string()?),
                Long("json") => options.json = Some(parser.value()?.into()),
                Long("junit") => options.junit = Some(parser.value()?.into()),
                Long("jobs") => options.jobs = parser.value()?.parse()?,
                Long("timeout") => {
                    options.timeout = Duration::from_secs(parser.value()?.parse()?);
                }
                Value(verb) if !is_run && verb == "run" => is_run = true,
                Short(_) | Long(_) | Value(_) => return Err(arg.unexpected().into()),
            }
        }
        ensure!(is_run, "say what to do: `run`");
        ensure!(options.jobs > 0, "`--jobs 0` would run nothing");
        ensure!(
            !options.timeout.is_zero(),
            "`--timeout 0` would fail everything"
        );
        if let Some(unknown) = options
            .without
            .iter()
            .find(|name| !CAPABILITIES.contains(&name.as_str()))
        {
            bail!(
                "`--without {unknown}` is not one of {}",
                CAPABILITIES.join(", ")
            );
        }
        Ok(Some(options))
    }
}
