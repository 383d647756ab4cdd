//! What components import and export, by name: for whoever makes plans of them.

use crate::create::world;
use crate::created::Candidate;
use compositor_diagnostic::Error;
use compositor_host::Host;
use compositor_plan::is_host_import;
use compositor_plan::names::split;
use compositor_wasm::{Extern, Shapes};

/// The names of a component's imports and exports, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// What it imports.
    pub imports: Vec<DescribedName>,
    /// What it exports.
    pub exports: Vec<DescribedName>,
}

/// An import or export, by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedName {
    /// Its name.
    pub name: String,
    /// Its name with that of its version which all versions of its track share:
    /// `a:b/c@0.2` of `a:b/c@0.2.3`.
    pub canonical: String,
    /// Whether a plan that leaves it open lists it in `imports`: it is an import that
    /// is neither a host's nor types alone.
    pub is_listed: bool,
}

/// Describes components, which are in the store.
///
/// # Errors
/// When one of them cannot be read, which the error then names.
pub fn describe(components: &[Candidate], host: Host<'_>) -> Result<Vec<Described>, Error> {
    let mut shapes = Shapes::new(host.limits);
    let described = components.iter().map(|of| {
        let world = world(&of.id, of.digest, host, &mut shapes)?;
        let import = |import: &Extern| DescribedName {
            is_listed: !world.is_settled(import) && !is_host_import(&import.interface),
            ..named(import)
        };
        Ok(Described {
            imports: world.imports.iter().map(import).collect(),
            exports: world.exports.iter().map(named).collect(),
        })
    });
    described.collect()
}

fn named(item: &Extern) -> DescribedName {
    let canonical = match split(item.full_name()) {
        (name, Some(track)) => format!("{name}@{track}"),
        (name, None) => name.to_string(),
    };
    DescribedName {
        name: item.name.clone(),
        canonical,
        is_listed: false,
    }
}
