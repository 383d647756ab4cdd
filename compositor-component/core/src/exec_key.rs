//! The name of everything that decides how a run behaves.

use ciborium::Value;

use crate::programs::parts;
use compositor_diagnostic::Digest;
use compositor_host::{Configuration, Grants, Host, Program};
use compositor_plan::{Plan, cbor, plan_id};

/// `sha256("exec:v1" || [plan id, [digest …], [[artifact, [grant …]] …], what is
/// done, host, tenant, limits, arguments, environment, folders, capture])`:
/// everything that decides how a run behaves, but for what it reads. Artifacts
/// are of the root and of what it may resolve: what the policies decided is in
/// them and in what each is granted.
pub fn exec_key(
    plan: &Plan,
    done: &str,
    root: &Program,
    with: &Configuration,
    host: Host<'_>,
) -> Digest {
    let text = |text: &String| Value::Text(text.clone());
    let bytes = |digest: &Digest| Value::Bytes(digest.as_bytes().to_vec());
    let environment = with.environment.iter();
    let folders = with.folders.iter();
    let artifacts = [root].into_iter().chain(&with.links);
    let key = Value::Array(vec![
        bytes(&plan_id(plan)),
        Value::Array(parts(plan).iter().map(|(_, d)| bytes(d)).collect()),
        Value::Array(
            artifacts
                .map(|program| {
                    let grants = Value::Array(grants(program).map(Value::Bool).to_vec());
                    Value::Array(vec![bytes(&program.artifact), grants])
                })
                .collect(),
        ),
        Value::Text(done.to_string()),
        Value::Text(host.runner.fingerprint()),
        with.tenant.as_ref().map_or(Value::Null, text),
        Value::Array(with.limits.values().into_iter().map(Value::from).collect()),
        Value::Array(with.arguments.iter().map(text).collect()),
        Value::Array(
            environment
                .map(|(name, value)| Value::Array(vec![text(name), text(value)]))
                .collect(),
        ),
        Value::Array(
            folders
                .map(|f| Value::Array(vec![text(&f.host), text(&f.guest), f.read_only.into()]))
                .collect(),
        ),
        with.capture.into(),
    ]);
    Digest::of_domain("exec:v1", &cbor::encode(&key))
}

fn grants(program: &Program) -> [bool; 8] {
    let Grants {
        tcp,
        udp,
        name_lookup,
        http,
        resolve,
        invoke,
        variables,
        folders,
    } = program.grants;
    [
        tcp,
        udp,
        name_lookup,
        http,
        resolve,
        invoke,
        variables,
        folders,
    ]
}
