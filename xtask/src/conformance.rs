//! The conformance runner on the hosts that there are.

use std::process::Command;

use anyhow::{Result, bail};

use crate::dist;
use crate::paths::{dist as built, root, target_folder};
use crate::shell::{run, say};
use crate::tools::{install_node_packages, install_wasmtime};

/// The hosts: a name, a command line, and what it lacks.
const HOSTS: [(&str, &str, &[&str]); 3] = [
    ("composectl", "dist/composectl {args}", &[]),
    (
        "wasmtime",
        "dist/tools/wasmtime run -C cache=y --dir . dist/compositor.wasm {args}",
        &["exec"],
    ),
    (
        "node",
        "node tests/node/run.mjs dist/compositor.wasm {args}",
        &["exec"],
    ),
];

/// Prints the tables of all hosts, or of one; each has its summaries in `dist/`.
pub fn conformance(only: Option<&str>) -> Result<()> {
    let hosts: Vec<_> = HOSTS
        .iter()
        .filter(|(name, ..)| only.is_none_or(|only| only == *name))
        .collect();
    if hosts.is_empty() {
        let names: Vec<&str> = HOSTS.iter().map(|(name, ..)| *name).collect();
        bail!("the hosts are {}", names.join(", "));
    }
    install_wasmtime()?;
    install_node_packages()?;
    dist::distribute()?;
    let mut failed = Vec::new();
    for (name, host, without) in hosts {
        say(name);
        let mut command = Command::new(built().join("conformance-runner"));
        command
            .args(["run", "--host", host])
            .args(without.iter().flat_map(|name| ["--without", name]))
            .arg("--json")
            .arg(built().join(format!("conformance-{name}.json")))
            .arg("--junit")
            .arg(built().join(format!("conformance-{name}.xml")))
            .env("COMPOSITOR_NODE_CACHE", target_folder().join("node"))
            .current_dir(root());
        // The others are told all the same.
        if run(&mut command).is_err() {
            failed.push(*name);
        }
    }
    if !failed.is_empty() {
        bail!("not as expected: {}", failed.join(", "));
    }
    Ok(())
}
