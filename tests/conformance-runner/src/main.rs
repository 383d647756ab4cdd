//! The command line of the conformance runner.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use conformance_runner::{Host, Options, Progress, Suite, USAGE, run};

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args_os()) {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("conformance-runner: {error:#}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match conformance(&options) {
        Ok(failed) => ExitCode::from(u8::from(failed > 0)),
        Err(error) => {
            eprintln!("conformance-runner: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Runs the vectors; returns how many failed. What came of them is printed before it is
/// written, which may fail.
fn conformance(options: &Options) -> Result<usize> {
    let mut suite = Suite::read(&options.vectors)?;
    if let Some(only) = &options.only {
        suite.keep(only)?;
    }
    let host = Host::new(options)?;
    let report = run(&suite, &host, options.jobs, Progress::of_stderr());
    print!("{}", report.summary());
    for (path, text) in [
        (&options.json, report.json()),
        (&options.junit, report.junit()),
    ] {
        if let Some(path) = path {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)
                    .with_context(|| format!("cannot make {}", folder.display()))?;
            }
            fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    Ok(report.failed())
}
