//! `exec run`, `exec invoke`, `exec serve`, `exec list`, `exec describe`.

use compositor_diagnostic::suggest::nearest;
use compositor_diagnostic::{Code, Rule, Severity};
use serde_json::{Value, json};

use crate::answer::{Answer, Failure};
use crate::bindings::sys::compose::exec::{self, Exported, RouteFinding};
use crate::bindings::sys::compose::runner::Output;
use crate::finding::Finding;
use crate::input::{Input, is_stdin};
use crate::invocation::{Format, Invocation};
use crate::plan_file::PlanFile;
use crate::route::{self, Route};
use crate::run_options::options;
use crate::{
    escape, grants, guess, lock, plan_file, recording, server, stdio, store, trust, watch, wave,
    wave_json, wrap,
};

/// Runs the artifact; the exit status is the guest's, and so is stdout, where it is not
/// the object's for programs.
pub fn run(invocation: &Invocation) -> Result<Answer, Failure> {
    run_guest(invocation).map_err(with_status)
}

/// Exit statuses of `exec run` and `exec invoke` beside the guest's own, as `timeout`, `docker run` and
/// shells have them: what is ours is not to look like a guest's.
mod statuses {
    /// It ran for too long.
    pub const TIME: u8 = 124;
    /// The guest was not run, or could not be run to its end, for a reason of ours.
    pub const OURS: u8 = 125;
    /// It called what is denied to it.
    pub const DENIED: u8 = 126;
    /// It trapped.
    pub const TRAP: u8 = 134;
    /// It took more of something than a limit allows.
    pub const LIMIT: u8 = 137;
}

/// A failure with the status that says whose it is. A command line that is
/// wrong is known before anything is run.
fn with_status(failure: Failure) -> Failure {
    let is_error = |finding: &&Finding| matches!(finding.severity, Severity::Error);
    let status = match failure
        .findings
        .iter()
        .find(is_error)
        .map(|first| first.code)
    {
        _ if failure.usage.is_some() => failure.status,
        Some(Code::ExecTrap) => statuses::TRAP,
        Some(Code::ExecTimeout) => statuses::TIME,
        Some(Code::ExecResourceExhausted) => statuses::LIMIT,
        Some(Code::ExecCapabilityDenied) => statuses::DENIED,
        _ => statuses::OURS,
    };
    Failure { status, ..failure }
}

fn run_guest(invocation: &Invocation) -> Result<Answer, Failure> {
    let mut options = options(invocation)?;
    let mut plan = ready_one(invocation)?;
    plan.warn(invocation.verbosity());
    // The root's id, so that a run does not depend on where the plan lies.
    options.arguments = vec![plan.summary()?.root];
    options.arguments.extend_from_slice(&invocation.rest);
    let ran = plan
        .check(exec::run(plan.bytes(), &options))
        .map_err(|failure| hinted(invocation, failure, "wasi:http/", SERVE))
        .map_err(|failure| refused(failure, &[LENT]))?;
    written(invocation, &ran.output)?;
    let answer = Answer {
        // The host passes eight bits on; a status that they cannot carry
        // must not turn into success.
        status: u8::try_from(ran.status).unwrap_or(u8::MAX),
        stdout_taken: invocation.format == Format::Text,
        findings: plan.findings(ran.findings),
        ..Answer::default()
    };
    Ok(answer
        .field("ok", ran.status == 0)
        .field("status", ran.status))
}

/// Calls an export; for programs the result is in WAVE and in JSON.
pub fn invoke(invocation: &Invocation) -> Result<Answer, Failure> {
    invoke_guest(invocation).map_err(with_status)
}

fn invoke_guest(invocation: &Invocation) -> Result<Answer, Failure> {
    let options = options(invocation)?;
    let call = call(invocation)?;
    let plan = ready_one(invocation)?;
    let returned = plan
        .check(exec::invoke(plan.bytes(), &call, &options))
        .map_err(|failure| trust::hinted(invocation, failure))
        .map_err(|failure| refused(failure, &[LENT, CALL]))?;
    written(invocation, &returned.output)?;
    let result = returned.value;
    let value = wave_json::value(&result);
    let answer = Answer::text(format!("{}\n", escape::block(&result, "")))
        .field("result", result)
        .findings(plan.findings(returned.findings));
    Ok(match value {
        Some(value) => answer.field("value", value),
        None => answer,
    })
}

/// What serves, for this machine alone.
const SERVE: &str = "exec serve PLAN --addr 127.0.0.1:8080";

/// A failure with what helps: trust, or the other command where the artifact has what
/// that one calls.
fn hinted(invocation: &Invocation, failure: Failure, export: &str, other: &str) -> Failure {
    let mut failure = trust::hinted(invocation, failure);
    for finding in &mut failure.findings {
        let is_missing = finding.code == Rule::MissingExport.code();
        let exports = finding.message.split_once("it exports ");
        if is_missing && exports.is_some_and(|(_, exports)| exports.contains(export)) {
            finding.help = Some(format!("did you mean `{other}`?"));
        }
    }
    failure
}

/// What the host says of an argument that it refuses, and what to do about that.
type Refusal = (&'static str, &'static str);

/// A folder that nobody is lent.
const LENT: Refusal = (
    "cannot be lent",
    "lend a folder beside it, or keep the store elsewhere: `--store DIR`",
);

/// A call that does not fit.
const CALL: Refusal = (
    "",
    "`exec list PLAN` shows the exports, `exec describe PLAN EXPORT` their types",
);

/// An address that cannot be listened at.
const ADDRESS: Refusal = (
    "cannot listen",
    "name another; with the port 0, as in `--addr 127.0.0.1:0`, it is one that is free",
);

/// A failure with what to do about an argument that the host refuses, where nothing else is
/// said.
fn refused(mut failure: Failure, refusals: &[Refusal]) -> Failure {
    for finding in &mut failure.findings {
        let is_refused = finding.rule == Rule::InvalidArgument.name() && finding.help.is_none();
        let message = &finding.message;
        let found = refusals.iter().find(|(says, _)| message.contains(*says));
        if let (true, Some((_, help))) = (is_refused, found) {
            finding.help = Some((*help).to_string());
        }
    }
    failure
}

/// Reads the plan that is to run, the command's first operand.
fn ready_one(invocation: &Invocation) -> Result<PlanFile, Failure> {
    let plans = ready(invocation, &[&invocation.arguments[0]])?;
    Ok(plans.into_iter().next().expect("one was asked for"))
}

/// Reads the plans that are to run, and trusts for this run what `--trust` says.
fn ready(invocation: &Invocation, paths: &[&str]) -> Result<Vec<PlanFile>, Failure> {
    watch::named(invocation)?;
    let mut plans = read_all(invocation, paths)?;
    // Trust is assumed until the store is opened again, which reading a plan does.
    store::open_to_write(invocation)?;
    if invocation.has("trust") {
        for plan in &mut plans {
            trust::assume(plan)?;
        }
    }
    Ok(plans)
}

/// What is in a plan's place.
enum Named {
    Plan(PlanFile),
    Component,
}

/// Reads plans, or makes them of components.
fn read_all(invocation: &Invocation, paths: &[&str]) -> Result<Vec<PlanFile>, Failure> {
    let named = paths.iter().map(|path| named(invocation, path));
    let named = named.collect::<Result<Vec<_>, _>>()?;
    if named.len() > 1 {
        // What is read for one of them is not to be written while another is looked at.
        let plans = named.iter().filter_map(|named| match named {
            Named::Plan(plan) => Some(plan),
            Named::Component => None,
        });
        let plans = plans.map(|plan| Ok((plan, plan.summary()?.components)));
        let plans = plans.collect::<Result<Vec<_>, Failure>>()?;
        let plans = plans.iter().map(|(plan, of)| (*plan, of.as_slice()));
        recording::begin_with_plans(invocation, &plans.collect::<Vec<_>>())?;
    }
    let plans = named.into_iter().zip(paths);
    let plans = plans.map(|(named, path)| match named {
        Named::Plan(plan) => lock::complete(invocation, plan),
        Named::Component => guess::of_component(invocation, path),
    });
    plans.collect()
}

/// Looks at what is named: a plan is read; nothing that an artifact says of its making is
/// believed, so it is a component like another.
fn named(invocation: &Invocation, path: &str) -> Result<Named, Failure> {
    let mut input = Input::open(path)?;
    match (input.is_wasm()?, is_stdin(path)) {
        (true, true) => return Err(plan_file::no_plan(&mut input)?),
        (true, false) => return Ok(Named::Component),
        _ => {}
    }
    if invocation.has("save") {
        let message = "`--save` writes a plan for a component, and this is a plan already";
        return Err(invocation.misuse(message));
    }
    plan_file::read_input(input).map(Named::Plan)
}

/// Reads the plan of the command's first operand.
fn read(invocation: &Invocation) -> Result<PlanFile, Failure> {
    let plans = read_all(invocation, &[&invocation.arguments[0]])?;
    Ok(plans.into_iter().next().expect("one was asked for"))
}

/// Writes what the guest wrote, where the host kept it.
fn written(invocation: &Invocation, output: &Output) -> Result<(), Failure> {
    stdio::err_bytes(&output.stderr);
    match invocation.format {
        Format::Text => stdio::out(&output.stdout).map(drop),
        Format::Json => {
            stdio::err_bytes(&output.stdout);
            Ok(())
        }
    }
}

/// The call in WAVE: as it was given, or made of an export and JSON.
fn call(invocation: &Invocation) -> Result<String, Failure> {
    let (export, arguments) = (&invocation.arguments[1], &invocation.arguments[2..]);
    match (export.contains('('), arguments) {
        (true, []) => Ok(export.clone()),
        (true, [extra, ..]) => Err(invocation.misuse(format!(
            "`{export}` has its arguments already; `{extra}` is one too many"
        ))),
        (false, arguments) => {
            wave::call(export, arguments).map_err(|message| invocation.misuse(message))
        }
    }
}

/// Serves HTTP until the host is told to stop.
pub fn serve(invocation: &Invocation) -> Result<Answer, Failure> {
    let routes = route::given(invocation)?;
    let options = options(invocation)?;
    let server = server::given(invocation)?;
    if routes.len() > 1 && invocation.has("save") {
        let message = "`--save` writes the plan of one component, and several are served";
        return Err(invocation.misuse(message));
    }
    let paths: Vec<&str> = routes.iter().map(|route| route.what.as_str()).collect();
    let mut plans = ready(invocation, &paths)?;
    for plan in &mut plans {
        plan.warn(invocation.verbosity());
    }
    let served = routes
        .iter()
        .zip(&plans)
        .map(|(route, plan)| served(route, plan));
    let warnings = exec::serve(&served.collect::<Vec<_>>(), &server, &options)
        .map_err(|findings| Failure::of(of_routes(&plans, findings)))
        .map_err(|failure| hinted(invocation, failure, "wasi:cli/run", "exec run PLAN"))
        .map_err(|failure| refused(failure, &[LENT, ADDRESS]))?;
    Ok(Answer::default().findings(of_routes(&plans, warnings)))
}

fn served(route: &Route, plan: &PlanFile) -> exec::Route {
    exec::Route {
        host: route.host.clone(),
        path: route.path.clone(),
        plan: plan.bytes().to_vec(),
    }
}

/// The core's findings: those about the server, and then those that point into each plan.
fn of_routes(plans: &[PlanFile], findings: Vec<RouteFinding>) -> Vec<Finding> {
    let mut of_plans: Vec<Vec<_>> = plans.iter().map(|_| Vec::new()).collect();
    let mut all = Vec::new();
    for RouteFinding { route, finding } in findings {
        match route.and_then(|route| of_plans.get_mut(route as usize)) {
            Some(of_plan) => of_plan.push(finding),
            None => all.push(Finding::of_plan(finding, None)),
        }
    }
    let of_plans = plans.iter().zip(of_plans);
    all.extend(of_plans.flat_map(|(plan, findings)| plan.findings(findings)));
    all
}

/// Lists the exports.
pub fn list(invocation: &Invocation) -> Result<Answer, Failure> {
    let (exports, findings) = exports(invocation)?;
    let names: String = exports
        .iter()
        .map(|export| escape::line(&export.name) + "\n")
        .collect();
    let exports: Vec<Value> = exports
        .iter()
        .map(|export| json!({ "name": export.name, "wit": export.wit }))
        .collect();
    Ok(Answer::text(names)
        .field("exports", exports)
        .findings(findings))
}

/// Prints the WIT of an export.
pub fn describe(invocation: &Invocation) -> Result<Answer, Failure> {
    let (exports, findings) = exports(invocation)?;
    let wanted = &invocation.arguments[1];
    match exports.iter().find(|export| export.name == *wanted) {
        Some(Exported { name, wit }) => {
            let answer = Answer::text(wrap::wit(&escape::block(wit, "")) + "\n");
            let answer = answer.field("name", name.as_str());
            Ok(answer.field("wit", wit.as_str()).findings(findings))
        }
        None => {
            let names = || exports.iter().map(|export| export.name.as_str());
            let help = match nearest(wanted, names()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "`exec list PLAN` shows the exports".to_string(),
            };
            Err(Finding::error(
                Rule::MissingExport,
                format!("the artifact does not export `{wanted}`"),
            )
            .found(names().collect::<Vec<_>>().join(", "))
            .help(help)
            .into())
        }
    }
}

/// The exports with their WIT, and what is to be said of the plan.
fn exports(invocation: &Invocation) -> Result<(Vec<Exported>, Vec<Finding>), Failure> {
    let policy = grants::policy(invocation)?;
    let plan = read(invocation)?;
    store::open_to_write(invocation)?;
    let exports = plan.check(exec::list(plan.bytes(), &policy))?;
    Ok((exports, plan.findings(Vec::new())))
}
