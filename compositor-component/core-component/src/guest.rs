//! The component's exports, each a call of the library. One file because they are one
//! world's.

use compositor_core::canon_wit::{self, Kind};
use compositor_core::plan::{Encoding as PlanEncoding, Plan, parse, places, plan_id};
use compositor_core::{
    Candidate, DescribedName, GivenChoice, GivenImports, Inspection, Limits, Provenance, Rule,
    Strip, Target, cbor, serve,
};

use crate::Core;
use crate::bindings::exports::canon::cbor::cbor as canon;
use crate::bindings::exports::canon::wit::ids;
use crate::bindings::exports::sys::compose::emit::{self, Artifact, Ingredient};
use crate::bindings::exports::sys::compose::exec::{
    self, Exported, Options, Ran, Returned, RouteFinding,
};
use crate::bindings::exports::sys::compose::grants::{HostPolicy, Target as Goal};
use crate::bindings::exports::sys::compose::plan::{self, Created, Encoding, Report, Summary};
use crate::bindings::sys::compose::diagnostics::{Diagnostic, Position};
use crate::bindings::sys::compose::runner::{Output, Server};
use crate::bindings::sys::compose::types::{Digest, Error};
use crate::convert::{
    digest, folder, only, server, to_diagnostic, to_diagnostics, to_digest, to_error, to_position,
};
use crate::grants::{policy, policy_for, to_decided};
use crate::imports::{host, limits};

impl plan::Guest for Core {
    fn most_bytes() -> Result<u64, Error> {
        Ok(limits().map_err(to_error)?.plan_bytes as u64)
    }

    fn encoding_of(plan: Vec<u8>) -> Encoding {
        encoding(PlanEncoding::of(&plan))
    }

    fn summarize(plan: Vec<u8>) -> Result<Summary, Vec<Diagnostic>> {
        let parsed = parse(&plan, limits().map_err(only)?).map_err(to_diagnostics)?;
        Ok(summary(&parsed.plan, parsed.encoding))
    }

    fn places(plan: Vec<u8>, pointers: Vec<String>) -> Option<Vec<Position>> {
        let places = places(&plan, &pointers, limits().ok()?)?;
        Some(places.into_iter().map(to_position).collect())
    }

    fn targets() -> Vec<String> {
        Target::names().into_iter().map(str::to_string).collect()
    }

    fn validate(plan: Vec<u8>, with: HostPolicy, target: Goal) -> Result<Report, Vec<Diagnostic>> {
        let policy = policy_for(with, target)?;
        let report = compositor_core::validate(&plan, &policy, host().map_err(only)?);
        let report = report.map_err(to_diagnostics)?;
        Ok(Report {
            summary: summary(&report.plan, report.encoding),
            imports: report.imports.into_iter().map(to_decided).collect(),
            exports: report.exports,
            findings: to_diagnostics(report.findings),
        })
    }

    fn lock(plan: Vec<u8>, digests: Vec<(String, Digest)>) -> Result<Vec<u8>, Vec<Diagnostic>> {
        let digests = digests
            .into_iter()
            .map(|(id, bytes)| Ok((id, digest(&bytes)?)))
            .collect::<Result<Vec<_>, compositor_core::Error>>()
            .map_err(|error| {
                let finding = compositor_core::Diagnostic::error(
                    Rule::InvalidDigest,
                    error.message,
                    "pass digests of 32 bytes",
                );
                to_diagnostics(vec![finding])
            })?;
        compositor_core::lock(&plan, &digests, limits().map_err(only)?).map_err(to_diagnostics)
    }

    fn convert(plan: Vec<u8>, to: Encoding) -> Result<Vec<u8>, Vec<Diagnostic>> {
        let to = match to {
            Encoding::Json => PlanEncoding::Json,
            Encoding::Cbor => PlanEncoding::Cbor,
        };
        compositor_core::convert(&plan, to, limits().map_err(only)?).map_err(to_diagnostics)
    }

    fn id(plan: Vec<u8>) -> Result<Digest, Vec<Diagnostic>> {
        let id = compositor_core::id(&plan, limits().map_err(only)?).map_err(to_diagnostics)?;
        Ok(to_digest(&id))
    }

    fn create(
        root: plan::Candidate,
        candidates: Vec<plan::Candidate>,
        given: plan::GivenImports,
    ) -> Result<Created, Error> {
        let root = candidate(root).map_err(to_error)?;
        let candidates = all(candidates).map_err(to_error)?;
        let host = host().map_err(to_error)?;
        let created = compositor_core::create(&root, &candidates, &given_imports(given), host);
        created.map(to_created).map_err(to_error)
    }

    fn extend(
        plan: Vec<u8>,
        candidates: Vec<plan::Candidate>,
        given: plan::GivenImports,
    ) -> Result<Created, Vec<Diagnostic>> {
        let host = host().map_err(only)?;
        let plan = parse(&plan, host.limits).map_err(to_diagnostics)?.plan;
        let candidates = all(candidates).map_err(only)?;
        let extended = compositor_core::extend(&plan, &candidates, &given_imports(given), host);
        extended.map(to_created).map_err(only)
    }

    fn describe(components: Vec<plan::Candidate>) -> Result<Vec<plan::Described>, Error> {
        let components = all(components).map_err(to_error)?;
        let described = compositor_core::describe(&components, host().map_err(to_error)?);
        let described = described.map_err(to_error)?.into_iter();
        let names = |names: Vec<DescribedName>| names.into_iter().map(to_described_name).collect();
        let to_described = described.map(|of| plan::Described {
            imports: names(of.imports),
            exports: names(of.exports),
        });
        Ok(to_described.collect())
    }
}

fn to_described_name(of: DescribedName) -> plan::DescribedName {
    plan::DescribedName {
        name: of.name,
        canonical: of.canonical,
        is_listed: of.is_listed,
    }
}

fn all(candidates: Vec<plan::Candidate>) -> Result<Vec<Candidate>, compositor_core::Error> {
    candidates.into_iter().map(candidate).collect()
}

fn given_imports(given: plan::GivenImports) -> GivenImports {
    let choice = |choice: plan::GivenChoice| GivenChoice {
        consumer: choice.consumer,
        import_name: choice.import_name,
        provider: choice.provider,
    };
    match given {
        plan::GivenImports::All => GivenImports::All,
        plan::GivenImports::Chosen(choices) => {
            GivenImports::Chosen(choices.into_iter().map(choice).collect())
        }
    }
}

fn to_created(created: compositor_core::Created) -> Created {
    let skipped = created.skipped.into_iter();
    Created {
        plan: compositor_core::plan::to_json(&created.plan).into_bytes(),
        manifest: created
            .manifest
            .into_iter()
            .map(|entry| plan::ManifestEntry {
                consumer: entry.consumer,
                import_name: entry.import_name,
                providers: entry.providers,
                offered: entry.offered,
                misfits: entry
                    .misfits
                    .into_iter()
                    .map(|misfit| plan::Misfit {
                        provider: misfit.provider,
                        export_name: misfit.export_name,
                        found: misfit.found,
                        expected: misfit.expected,
                    })
                    .collect(),
            })
            .collect(),
        skipped: skipped.map(|(id, error)| (id, to_error(error))).collect(),
    }
}

fn candidate(candidate: plan::Candidate) -> Result<Candidate, compositor_core::Error> {
    Ok(Candidate {
        digest: digest(&candidate.digest)?,
        id: candidate.id,
        source: candidate.source,
    })
}

fn encoding(written: PlanEncoding) -> Encoding {
    match written {
        PlanEncoding::Json => Encoding::Json,
        PlanEncoding::Cbor => Encoding::Cbor,
    }
}

fn summary(plan: &Plan, written: PlanEncoding) -> Summary {
    let mut components: Vec<plan::Component> = plan
        .components
        .iter()
        .enumerate()
        .map(|(index, component)| plan::Component {
            id: component.id.clone(),
            index: index as u32,
            digest: component.digest.as_ref().map(to_digest),
            source: component.source.clone(),
            world: component.world.as_ref().map(to_digest),
        })
        .collect();
    components.sort_by(|a, b| a.id.cmp(&b.id));
    Summary {
        encoding: encoding(written),
        id: plan.is_locked().then(|| to_digest(&plan_id(plan))),
        root: plan.root.clone(),
        linkage: plan.linkage.as_str().to_string(),
        components,
        bindings: plan.bindings.len() as u32,
        has_policy: plan.policy.is_some(),
    }
}

impl emit::Guest for Core {
    fn build(
        plan: Vec<u8>,
        with: HostPolicy,
        target: Goal,
        mode: Option<emit::Strip>,
    ) -> Result<Artifact, Vec<Diagnostic>> {
        let policy = policy_for(with, target)?;
        let host = host().map_err(only)?;
        let artifact = match mode {
            None => compositor_core::build(&plan, &policy, host),
            Some(mode) => compositor_core::build_stripped(&plan, &policy, strip(mode), host),
        };
        let artifact = artifact.map_err(to_diagnostics)?;
        Ok(Artifact {
            digest: to_digest(&artifact.digest),
            size: artifact.size,
            plan_id: to_digest(&artifact.plan_id),
            emit_key: to_digest(&artifact.emit_key),
            cached: artifact.cached,
            imports: artifact.decided.into_iter().map(to_decided).collect(),
            findings: to_diagnostics(artifact.findings),
        })
    }

    fn inspect(prefix: Vec<u8>) -> emit::Inspection {
        // What cannot be limited as it should be is an error of what is asked next.
        let defaults = Limits::default();
        match Provenance::inspect(&prefix, limits().unwrap_or(&defaults)) {
            Inspection::Absent => emit::Inspection::Absent,
            Inspection::Incomplete(bytes) => emit::Inspection::Incomplete(bytes),
            Inspection::Found(provenance) => emit::Inspection::Found(emit::Provenance {
                plan_id: to_digest(&provenance.plan_id),
                emit_key: to_digest(&provenance.emit_key),
                producer: provenance.producer,
                root: provenance.root,
                ingredients: provenance
                    .ingredients
                    .into_iter()
                    .map(|of| Ingredient {
                        id: of.id,
                        digest: to_digest(&of.digest),
                        stripped: of.stripped.as_ref().map(to_digest),
                    })
                    .collect(),
                strip: provenance.strip.map(to_strip),
            }),
        }
    }
}

fn strip(mode: emit::Strip) -> Strip {
    match mode {
        emit::Strip::Debug => Strip::Debug,
        emit::Strip::All => Strip::All,
    }
}

fn to_strip(mode: Strip) -> emit::Strip {
    match mode {
        Strip::Debug => emit::Strip::Debug,
        Strip::All => emit::Strip::All,
    }
}

impl exec::Guest for Core {
    fn run(plan: Vec<u8>, with: Options) -> Result<Ran, Vec<Diagnostic>> {
        let ran = compositor_core::exec::run(&plan, &options(with)?, host().map_err(only)?);
        let ran = ran.map_err(to_diagnostics)?;
        Ok(Ran {
            status: ran.answer,
            output: output(ran.output),
            findings: to_diagnostics(ran.findings),
        })
    }

    fn invoke(plan: Vec<u8>, call: String, with: Options) -> Result<Returned, Vec<Diagnostic>> {
        let called =
            compositor_core::exec::invoke(&plan, &call, &options(with)?, host().map_err(only)?);
        let called = called.map_err(to_diagnostics)?;
        Ok(Returned {
            value: called.answer,
            output: output(called.output),
            findings: to_diagnostics(called.findings),
        })
    }

    fn serve(
        routes: Vec<exec::Route>,
        on: Server,
        with: Options,
    ) -> Result<Vec<RouteFinding>, Vec<RouteFinding>> {
        let host = host().map_err(only).map_err(of_server)?;
        let options = options(with).map_err(of_server)?;
        let routes: Vec<serve::Route> = routes.into_iter().map(route).collect();
        let served = serve::serve(&routes, &server(on), &options, host);
        served.map(to_findings).map_err(to_findings)
    }

    fn list(plan: Vec<u8>, with: HostPolicy) -> Result<Vec<Exported>, Vec<Diagnostic>> {
        let exports = compositor_core::exec::exports(&plan, &policy(with)?, host().map_err(only)?);
        let exports = exports.map_err(to_diagnostics)?.into_iter();
        Ok(exports.map(|(name, wit)| Exported { name, wit }).collect())
    }
}

fn route(route: exec::Route) -> serve::Route {
    serve::Route {
        host: route.host,
        path: route.path,
        plan: route.plan,
    }
}

fn to_findings(findings: Vec<serve::RouteFinding>) -> Vec<RouteFinding> {
    let finding = |of: serve::RouteFinding| RouteFinding {
        route: of.route.map(|index| index as u32),
        finding: to_diagnostic(of.finding),
    };
    findings.into_iter().map(finding).collect()
}

/// Findings that are about no plan.
fn of_server(findings: Vec<Diagnostic>) -> Vec<RouteFinding> {
    let finding = |finding| RouteFinding {
        route: None,
        finding,
    };
    findings.into_iter().map(finding).collect()
}

fn output(written: compositor_core::host::Output) -> Output {
    Output {
        stdout: written.stdout,
        stderr: written.stderr,
    }
}

fn options(with: Options) -> Result<compositor_core::Options, Vec<Diagnostic>> {
    Ok(compositor_core::Options {
        arguments: with.arguments,
        environment: with.environment,
        folders: with.folders.into_iter().map(folder).collect(),
        policy: policy(with.policy)?,
        limits: with.limits,
        reuse: with.reuse,
        redirect: with.redirect,
    })
}

impl canon::Guest for Core {
    fn check(bytes: Vec<u8>) -> Result<(), canon::Violation> {
        let limits = limits().map_err(|finding| canon::Violation {
            offset: 0,
            rule: "limits".to_string(),
            message: finding.message,
        })?;
        cbor::check(&bytes, limits).map_err(|violation| canon::Violation {
            offset: violation.offset as u64,
            rule: violation.rule.to_string(),
            message: violation.message.to_string(),
        })
    }

    fn from_json(json: Vec<u8>) -> Result<Vec<u8>, String> {
        let text = std::str::from_utf8(&json).map_err(|error| error.to_string())?;
        cbor::from_json(text, limits().map_err(|finding| finding.message)?)
    }
}

impl ids::Guest for Core {
    fn of_binary(wasm: Vec<u8>) -> Result<Vec<ids::Identified>, String> {
        let limits = limits().map_err(|finding| finding.message)?;
        let found = canon_wit::ids(&wasm, limits).map_err(|error| error.to_string())?;
        let identified = |item: canon_wit::Identified| ids::Identified {
            kind: match item.kind {
                Kind::Package => ids::Kind::Package,
                Kind::Interface => ids::Kind::Interface,
                Kind::World => ids::Kind::World,
                Kind::Component => ids::Kind::Component,
            },
            name: item.name,
            id: to_digest(&item.id),
        };
        Ok(found.into_iter().map(identified).collect())
    }
}
