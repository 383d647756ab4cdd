//! Serving: the plan of each route is checked and composed as one that runs, and the host's
//! runner is handed all of them together.

use std::collections::HashSet;

use crate::exec::{Prepared, prepare};
use crate::host_policy::HostPolicy;
use crate::run_options::Options;
use compositor_diagnostic::{Diagnostic, Rule as Kind, ceilings};
use compositor_host::{self as host, Host, Server, Unserved};
use compositor_plan::{Parsed, Place, Plan, Rule, parse};

/// A plan whose artifact answers requests, and which requests those are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The host that a request names, in lower case and without a port; any, where there
    /// is none.
    pub host: Option<String>,
    /// What a request's path begins with, in whole segments.
    pub path: String,
    /// The plan, in JSON or CBOR.
    pub plan: Vec<u8>,
}

/// A finding of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteFinding {
    /// The index of the route whose plan it is about; none where it is the server.
    pub route: Option<usize>,
    /// The finding.
    pub finding: Diagnostic,
}

/// Serves HTTP with the artifacts of the routes' plans, until the host is told to stop or
/// serves others in their place; returns warnings. The options are those of each plan.
///
/// # Errors
///
/// Of every plan that cannot be served, all that is wrong with it: then nothing is served.
pub fn serve(
    routes: &[Route],
    server: &Server,
    options: &Options,
    host: Host<'_>,
) -> Result<Vec<RouteFinding>, Vec<RouteFinding>> {
    let plans = each(routes, |route| parse(&route.plan, host.limits))?;
    let ids = plans.iter().flat_map(|parsed| ids(&parsed.plan));
    let ids: HashSet<&str> = ids.collect();
    let prepared = each(&plans, |parsed: &Parsed<'_>| {
        let options = Options {
            policy: policy_of(&parsed.plan, &options.policy, &ids),
            ..options.clone()
        };
        prepare(parsed, "serve", &options, ceilings::REQUEST, host)
    })?;
    let mut findings = warnings(&prepared);
    let prepared = routes.iter().zip(prepared);
    let programs = prepared.map(|(route, prepared)| host::Route {
        host: route.host.clone(),
        path: route.path.clone(),
        root: prepared.root,
        configuration: prepared.configuration,
    });
    let programs: Vec<host::Route> = programs.collect();
    match host.runner.serve(&programs, server) {
        Ok(()) => Ok(findings),
        Err(Unserved { route, error }) => {
            let finding = Diagnostic::of_host(error, Place::Plan);
            findings.insert(0, RouteFinding { route, finding });
            Err(findings)
        }
    }
}

/// Does something with each; of all that fail, what is wrong.
fn each<'a, I, O>(
    items: &'a [I],
    mut what: impl FnMut(&'a I) -> Result<O, Vec<Diagnostic>>,
) -> Result<Vec<O>, Vec<RouteFinding>> {
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for (index, item) in items.iter().enumerate() {
        match what(item) {
            Ok(output) => done.push(output),
            Err(findings) => failed.extend(of_route(index, findings)),
        }
    }
    match failed.is_empty() {
        true => Ok(done),
        false => Err(failed),
    }
}

fn of_route(index: usize, findings: Vec<Diagnostic>) -> impl Iterator<Item = RouteFinding> {
    findings.into_iter().map(move |finding| RouteFinding {
        route: Some(index),
        finding,
    })
}

/// The warnings of all plans. What the user gives is for all of them: that it has no effect
/// is said where it is so of each.
fn warnings(prepared: &[Prepared]) -> Vec<RouteFinding> {
    let said = prepared.iter();
    let said = said.map(|of| of.findings.iter().filter_map(given).collect());
    let said: Vec<HashSet<(&str, &str)>> = said.collect();
    let is_said = |finding: &&Diagnostic| {
        given(finding).is_none_or(|given| said.iter().all(|of| of.contains(&given)))
    };
    let all = prepared.iter().enumerate().flat_map(|(index, prepared)| {
        let findings = prepared.findings.iter().filter(is_said);
        of_route(index, findings.cloned().collect())
    });
    all.collect()
}

/// What of that which the user gives has no effect on a plan: the rule, and the message where
/// that says what it is about alone. The message about the user's policy names all of its
/// rules that the plan has no use for, which differ from plan to plan.
fn given(finding: &Diagnostic) -> Option<(&str, &str)> {
    match finding.rule {
        Kind::UngrantedInput | Kind::UnusedArguments | Kind::UnusedLimit => {
            Some((finding.rule.name(), &finding.message))
        }
        Kind::UnusedHostRule => Some((finding.rule.name(), "")),
        _ => None,
    }
}

/// The user's policy for one of several plans. A rule for components is one for the plans
/// that have them; of a component that none has, each says so.
fn policy_of(plan: &Plan, policy: &HostPolicy, known: &HashSet<&str>) -> HostPolicy {
    let own: HashSet<&str> = ids(plan).collect();
    let is_meant = |id: &&String| own.contains(id.as_str()) || !known.contains(id.as_str());
    let rule = |rule: &Rule| match &rule.components {
        None => Some(rule.clone()),
        Some(ids) => {
            let meant: Vec<String> = ids.iter().filter(is_meant).cloned().collect();
            (!meant.is_empty()).then(|| Rule {
                components: Some(meant),
                ..rule.clone()
            })
        }
    };
    HostPolicy {
        allow: policy.allow.iter().filter_map(rule).collect(),
        deny: policy.deny.iter().filter_map(rule).collect(),
        ..policy.clone()
    }
}

fn ids(plan: &Plan) -> impl Iterator<Item = &str> {
    plan.components
        .iter()
        .map(|component| component.id.as_str())
}
