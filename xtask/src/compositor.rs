//! The compositor composes itself: natively, and then what that made does it
//! again. As with a compiler, both must be the same bytes.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, anyhow, ensure};
use compositor_core::memory::MemoryStore;
use compositor_core::{Diagnostic, HostPolicy, Limits, build, lock};
use serde_json::Value;

use crate::paths::{dist, root, target_folder};
use crate::shell::{read, run, say, write};

/// `plans/compositor.json`, composed by this program.
pub fn stage_1() -> Result<Vec<u8>> {
    say("stage 1: the compositor, composed by native code");
    compose("plans/compositor.json")
}

/// `plans/composectl.json`: the compositor without what its host gives it.
pub fn hosted() -> Result<Vec<u8>> {
    compose("plans/composectl.json")
}

fn compose(plan: &str) -> Result<Vec<u8>> {
    let path = root().join(plan);
    let plan = read(&path)?;
    let store = MemoryStore::new();
    let mut digests = Vec::new();
    for (id, source) in sources(&path, &plan)? {
        digests.push((id, store.put(read(&source)?)));
    }
    let artifact = lock(&plan, &digests, &Limits::default())
        .and_then(|plan| build(&plan, &HostPolicy::default(), store.host()))
        .map_err(|findings| refused(&path, &findings))?;
    store
        .get(&artifact.digest)
        .context("the artifact is not in the store")
}

/// The same, by what stage 1 made.
pub fn stage_2(composectl: &Path, stage_1: &[u8]) -> Result<()> {
    say("stage 2: the compositor, composed by stage 1");
    let folder = target_folder().join("stage-2");
    let artifact = folder.join("compositor.wasm");
    // A store of its own, so that nothing comes from a cache.
    let store = folder.join("store");
    if store.exists() {
        std::fs::remove_dir_all(&store)
            .with_context(|| format!("cannot empty {}", store.display()))?;
    }
    // The folder has to be there.
    write(&artifact, &[])?;
    run(Command::new(composectl)
        .args(["emit", "build", "plans/compositor.json", "--output"])
        .arg(&artifact)
        .arg("--store")
        .arg(&store)
        .current_dir(root()))?;
    ensure!(
        read(&artifact)? == stage_1,
        "the fixpoint does not hold: stage 2, {}, differs from stage 1, {}",
        artifact.display(),
        dist().join("compositor.wasm").display()
    );
    println!("the fixpoint holds: stage 1 and stage 2 are the same bytes");
    Ok(())
}

/// The ids of a plan's components, and the files that they come from.
fn sources(path: &Path, plan: &[u8]) -> Result<Vec<(String, PathBuf)>> {
    let shown = || format!("{} is not a plan", path.display());
    let plan: Value = serde_json::from_slice(plan).with_context(shown)?;
    let folder = path.parent().with_context(shown)?;
    let components = plan["components"].as_array().with_context(shown)?;
    let source = |component: &Value| {
        let file = component["source"].as_str()?.strip_prefix("file:")?;
        Some((component["id"].as_str()?.to_string(), folder.join(file)))
    };
    components
        .iter()
        .map(|component| source(component).with_context(shown))
        .collect()
}

fn refused(path: &Path, findings: &[Diagnostic]) -> anyhow::Error {
    let lines: Vec<String> = findings
        .iter()
        .map(|finding| format!("  {}: {} ({})", finding.code, finding.message, finding.help))
        .collect();
    anyhow!("{} was refused\n{}", path.display(), lines.join("\n"))
}
