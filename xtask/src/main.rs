//! What the build needs beyond cargo: `cargo xtask
//! build|dist|demo|check|test|soak|conformance|bench|fuzz`.

mod build;
mod componentize;
mod compositor;
mod conformance;
mod demo;
mod dist;
mod fuzz;
mod paths;
mod shell;
mod soak;
mod test;
mod tools;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
usage: cargo xtask COMMAND

  build [NAME…]   the components that the compositor is made of (core, command,
                  store, standalone, wit) and the tests' guests (guests), in dist/
  dist            dist/compositor.wasm, dist/compositor-core.wasm, dist/composectl and
                  dist/conformance-runner
  demo            dist, and then plans/hello: locked, composed, run
  conformance [HOST]
                  dist, and then the vectors on composectl, wasmtime and node, or on one
  bench [--write] [NAME…]
                  dist, and then composing and running against peers, as ratios; with
                  names, only those rows. --write puts them into docs/performance.md
  fuzz [TARGET] [--seconds N]
                  the fuzz targets, or one of them, for 600 or so many seconds each
  check           format, lints and unit tests, of what does not stand on wasmtime
  test [--bless] [NAME…]
                  everything that has to hold; with names, only the end-to-end
                  tests whose names hold one of them. --bless takes what they find
                  as what is expected
  test services   the end-to-end tests that need servers, or runtimes of others: stock
                  wasmtime, Node, Python
  soak [NAME] [--count N]
                  the tests that make their inputs, or one of them, with a hundred times
                  as many as `test`, or with so many
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[&str]) -> Result<()> {
    match args {
        ["build", names @ ..] => build::build(names),
        ["dist"] => dist::distribute(),
        ["demo"] => demo::demo(),
        ["check"] => test::check(),
        ["conformance"] => conformance::conformance(None),
        ["conformance", host] => conformance::conformance(Some(host)),
        ["bench", args @ ..] => test::bench(args),
        ["fuzz", rest @ ..] => fuzz::fuzz(rest),
        ["soak", rest @ ..] => soak::soak(rest),
        ["test", "services"] => test::services(),
        ["test", "--bless", names @ ..] => test::test(names, true),
        ["test", names @ ..] => test::test(names, false),
        _ => bail!("unknown arguments\n\n{USAGE}"),
    }
}
