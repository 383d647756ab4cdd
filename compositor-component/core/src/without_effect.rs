//! What the user gives a run and has no effect.

use crate::program_grants::{ENVIRONMENT, FOLDERS};
use crate::programs::Built;
use crate::run_options::Options;
use compositor_diagnostic::{Diagnostic, Remedy, Rule, lists};
use compositor_host as host;
use compositor_plan::Plan;
use compositor_plan::names::covers;

/// Warnings about what the user gives a run, and nothing of it takes.
pub fn without_effect(plan: &Plan, options: &Options, built: &Built) -> Vec<Diagnostic> {
    let mut findings = lent(options, built);
    findings.extend(arguments(plan, options, built));
    findings.extend(limits(plan, options));
    findings
}

/// Warns of variables and folders that no component is granted.
fn lent(options: &Options, built: &Built) -> Vec<Diagnostic> {
    let reaches = |of: fn(&host::Grants) -> bool| {
        let mut programs = built.programs.iter();
        programs.any(|program| of(&program.grants))
    };
    let variables = !options.environment.is_empty() && !reaches(|grants| grants.variables);
    let folders = !options.folders.is_empty() && !reaches(|grants| grants.folders);
    let given = [
        ("variables", ENVIRONMENT, variables),
        ("folders", FOLDERS, folders),
    ];
    let given = given.into_iter().filter(|(.., is_lost)| *is_lost);
    let warning = |(what, interface, _): (&str, &str, bool)| {
        let asked = built.decided.iter();
        let asked = asked.filter(|decided| covers(interface, &decided.interface));
        let refused: Vec<String> = asked
            .map(|decided| {
                let by = lists::some_of(decided.consumers.iter().map(String::as_str));
                format!("import {:?} of {by}: {}", decided.import, decided.why)
            })
            .collect();
        let found = match refused.is_empty() {
            true => format!("no component that runs imports {interface:?}"),
            false => lists::some_of(refused.iter().map(String::as_str)),
        };
        let message = format!(
            "the {what} that are given have no effect: no component of the plan is granted \
             {interface:?}, which {what} come through"
        );
        let help = "let the host grant it, or a capability of the plan's policy; a denial holds \
                    before both";
        Diagnostic::warning(Rule::UngrantedInput, message, help)
            .remedies([Remedy::Grant(interface.to_string())])
            .found(found)
    };
    given.map(warning).collect()
}

/// Warns of arguments that no component of a program asks for. Of what is resolved as it
/// runs not everything was read.
fn arguments(plan: &Plan, options: &Options, built: &Built) -> Option<Diagnostic> {
    // The first one is the program's name.
    let given = options.arguments.get(1)?;
    let mut decided = built.decided.iter();
    let is_asked = decided.any(|decided| covers(ENVIRONMENT, &decided.interface));
    if is_asked || plan.linkage.resolves() {
        return None;
    }
    let message = format!(
        "the arguments have no effect: no component of the plan imports {ENVIRONMENT:?}, which \
         arguments come through"
    );
    let help = "leave them out, or name a root that takes arguments";
    Some(Diagnostic::warning(Rule::UnusedArguments, message, help).found(format!("{given:?}")))
}

/// Warns of limits that are higher than what the plan states, or about what it does not do.
fn limits(plan: &Plan, options: &Options) -> Vec<Diagnostic> {
    let stated = plan.policy.as_ref().map(|policy| policy.limits);
    let stated = stated.unwrap_or_default();
    let stated = [
        ("cpu-ms", stated.cpu_ms),
        ("wall-ms", stated.wall_ms),
        ("memory-bytes", stated.memory_bytes),
        ("io-ops", stated.io_ops),
    ];
    let unlinked = |(name, value): &(String, u64)| {
        let is_of_linking = name == "instances" && !plan.linkage.resolves();
        is_of_linking.then(|| {
            let message = format!(
                "the limit {name} of {value} has no effect: it is of providers that are linked at run \
                 time, and the plan links none so"
            );
            Diagnostic::warning(Rule::UnusedLimit, message, "give no such limit")
        })
    };
    let lower = |(name, value): &(String, u64)| {
        let stated = stated.iter().find(|(stated, _)| stated == name);
        let stated = stated.and_then(|(_, stated)| *stated);
        let stated = stated.filter(|stated| stated < value)?;
        let message = format!(
            "the limit {name} of {value} has no effect: the plan's policy states less, and the \
             lower one holds"
        );
        let help = "state more in the plan's policy, or give no such limit";
        let warning = Diagnostic::warning(Rule::UnusedLimit, message, help);
        Some(warning.found(format!("{name} {stated}")))
    };
    let given = options.limits.iter();
    let of_linking = given.clone().filter_map(unlinked);
    of_linking.chain(given.filter_map(lower)).collect()
}
