//! `plug`: composes files without a plan.

use crate::answer::{Answer, Failure};
use crate::guess::{self, Keep};
use crate::invocation::Invocation;
use crate::output::Output;
use crate::questions::Offers;
use crate::{emit, grants, plan_new, strip};

/// Binds the imports of a component to what other files export, and emits that.
pub fn plug(invocation: &Invocation) -> Result<Answer, Failure> {
    let output = Output::given(invocation)?;
    let policy = grants::policy(invocation)?;
    let target = grants::target(invocation, grants::STOCK)?;
    let strip = strip::given(invocation)?;
    let files = guess::root_and_others(invocation, &invocation.arguments)?;
    guess::spare(invocation, "the root", &files, output.as_ref())?;
    let guess = guess::plan(invocation, &files, ".", Keep::Used, Offers::Left)?;
    guess::save(invocation, &guess.created)?;
    let plan = guess::plan_file(&invocation.arguments[0], &guess.created)?;
    let answer = emit::compose(&plan, &policy, &target, strip, output)?;
    Ok(plan_new::report(answer, &guess))
}
