//! The first thing to see: a plan, its artifact, a greeting.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::paths::root;
use crate::shell::{run, say};
use crate::{build, dist};

/// Builds everything, then locks, composes and runs `plans/hello`.
pub fn demo() -> Result<()> {
    dist::distribute()?;
    build::guests()?;
    say("plans/hello");
    composectl(&[
        "plan",
        "lock",
        "plans/hello/plan.json",
        "-o",
        "dist/hello.json",
    ])?;
    composectl(&["trust", "add", "--plan", "dist/hello.json"])?;
    composectl(&["exec", "run", "dist/hello.json"])
}

/// Shows the command as one would type it, and runs it.
fn composectl(args: &[&str]) -> Result<()> {
    let program = Path::new("dist/composectl");
    println!("\n$ {} {}", program.display(), args.join(" "));
    run(Command::new(root().join(program))
        .args(args)
        .current_dir(root()))
}
