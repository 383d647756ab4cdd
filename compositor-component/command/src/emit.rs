//! The plan alone, and `emit build`.

use serde_json::{Value, json};

use crate::answer::{Answer, Failure};
use crate::bindings::sys::compose::emit::{self, Strip};
use crate::bindings::sys::compose::grants::{HostPolicy, Target};
use crate::inputs::Inputs;
use crate::invocation::Invocation;
use crate::output::Output;
use crate::plan_file::PlanFile;
use crate::wrap::filled;
use crate::{digest, grants, json, lock, open, paths, plan_file, shell, store, strip, tag, watch};

/// Validates and emits, to the store or to a file.
pub fn plan(invocation: &Invocation) -> Result<Answer, Failure> {
    let target = grants::target(invocation, grants::STOCK)?;
    plan_for(invocation, &target)
}

fn plan_for(invocation: &Invocation, target: &Target) -> Result<Answer, Failure> {
    let output = Output::given(invocation)?;
    let policy = grants::policy(invocation)?;
    let strip = strip::given(invocation)?;
    watch::named(invocation)?;
    let plan = plan_file::read(&invocation.arguments[0])?;
    if let Some(output) = &output {
        let mut inputs = Inputs::of(invocation);
        inputs.extend([("the plan", invocation.arguments[0].as_str())]);
        inputs.sources(&plan, &plan.summary()?.components);
        inputs.spare(invocation, output)?;
    }
    let plan = lock::complete(invocation, plan)?;
    store::open_to_write(invocation)?;
    compose(&plan, &policy, target, strip, output)
}

/// Emits a plan whose components are in the store, to the store or to a file.
pub fn compose(
    plan: &PlanFile,
    policy: &HostPolicy,
    target: &Target,
    strip: Option<Strip>,
    output: Option<Output>,
) -> Result<Answer, Failure> {
    let artifact = plan.check(emit::build(plan.bytes(), policy, target, strip))?;
    let shown = digest::show(&artifact.digest);
    let answer = match output {
        None => Answer::text(format!("{shown}\n")),
        Some(output) => {
            let mut answer = output.write_blob(&artifact.digest)?;
            if !answer.stdout_taken {
                answer.text += &format!("  {shown}\n");
            }
            answer.text += &open::lines(&artifact.imports);
            answer
        }
    };
    Ok(answer
        .field("digest", shown)
        .field("size", artifact.size)
        .field("plan_id", digest::show(&artifact.plan_id))
        .field("emit_key", digest::show(&artifact.emit_key))
        .field("cached", Value::Bool(artifact.cached))
        .field("strip", json!(strip.map(strip::name)))
        .field("imports", json::imports(&artifact.imports))
        .findings(plan.findings(artifact.findings)))
}

/// Emits to a file, or under a name.
pub fn build(invocation: &Invocation) -> Result<Answer, Failure> {
    let target = grants::target(invocation, grants::STOCK)?;
    strip::given(invocation)?;
    let name = tag::given(invocation)?;
    if name.is_none() && !invocation.has("output") {
        let message = "`emit build` needs `-o OUT`, the artifact's file, or `--tag NAME`";
        let plan = &invocation.arguments[0];
        let name = paths::name(plan);
        let name = name.strip_suffix(".json").unwrap_or(name);
        let (plan, out) = (shell::word(plan), shell::word(&format!("{name}.wasm")));
        let help = format!("`emit build {plan} -o {out}` writes it there");
        return Err(invocation.misuse_with(message, help));
    }
    let mut answer = plan_for(invocation, &target)?;
    if let Some(name) = name {
        let field = |name: &str| answer.json.get(name);
        let size = field("size").and_then(Value::as_u64).unwrap_or(0);
        let artifact = field("digest").and_then(Value::as_str).unwrap_or_default();
        let manifest = digest::show(&tag::put(name, &digest::parse(artifact)?, size)?);
        answer.text += &(filled([name, "", &manifest], 2) + "\n");
        answer = answer.field("tag", name).field("manifest", manifest);
    }
    Ok(answer)
}
