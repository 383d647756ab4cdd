//! What the host gives a program, derived from what was decided for its
//! components: what no component of it is granted does not reach it.

use crate::policy::Grants;
use compositor_diagnostic::Diagnostic;
use compositor_host as host;
use compositor_plan::names::{ImportName, covers};
use compositor_plan::{Decided, Decision};

/// A grant.
type Need = fn(&mut host::Grants) -> &mut bool;

/// What functions of an import need of the host.
const NEEDS: &[(&str, Need)] = &[
    (ENVIRONMENT, |grants| &mut grants.variables),
    (FOLDERS, |grants| &mut grants.folders),
    ("wasi:sockets/tcp", |grants| &mut grants.tcp),
    ("wasi:sockets/tcp-create-socket", |grants| &mut grants.tcp),
    ("wasi:sockets/udp", |grants| &mut grants.udp),
    ("wasi:sockets/udp-create-socket", |grants| &mut grants.udp),
    // WASI 0.3 has both kinds of sockets in one interface.
    ("wasi:sockets/types", |grants| &mut grants.tcp),
    ("wasi:sockets/types", |grants| &mut grants.udp),
    ("wasi:sockets/ip-name-lookup", |grants| {
        &mut grants.name_lookup
    }),
    ("wasi:http/outgoing-handler", |grants| &mut grants.http),
    ("wasi:http/client", |grants| &mut grants.http),
];

/// What variables come through.
pub const ENVIRONMENT: &str = "wasi:cli/environment";

/// What folders come through.
pub const FOLDERS: &str = "wasi:filesystem/preopens";

/// What a program is granted, of what was decided for each of its components.
///
/// # Errors
///
/// When its components may link differently.
pub fn granted(decided: &[Decided], by: &Grants<'_>) -> Result<host::Grants, Diagnostic> {
    let linking = by.linking_of(decided)?;
    let mut granted = host::Grants {
        resolve: linking.resolve,
        invoke: linking.invoke,
        ..host::Grants::default()
    };
    let is_given =
        |decided: &&Decided| decided.decision.is_given() && decided.decision != Decision::Types;
    for decided in decided.iter().filter(is_given) {
        let needs = NEEDS
            .iter()
            .filter(|(name, _)| covers(name, &decided.interface));
        for (name, need) in needs {
            let is_users = [ENVIRONMENT, FOLDERS].contains(name);
            *need(&mut granted) |= is_users || decided.decision != Decision::Left;
        }
    }
    Ok(granted)
}

/// What a component is granted in whose imports nobody has a say, and which was
/// not read: what it imports of this is open to it.
pub fn granted_unread(component: &str, by: &Grants<'_>) -> host::Grants {
    let linking = by.linking(component);
    let mut granted = host::Grants {
        resolve: linking.resolve,
        invoke: linking.invoke,
        variables: true,
        folders: true,
        ..host::Grants::default()
    };
    for (name, need) in NEEDS {
        *need(&mut granted) |= by.opens(component, ImportName::plain(name));
    }
    granted
}
