//! Policies over what a universe has of the host.

use arbitrary::{Result, Unstructured};
use compositor_core::plan::{Capability, Determinism, Mode, Policy, Rule};

use crate::items::Universe;

/// A policy of any determinism, that asks for and denies some of the host's
/// interfaces.
pub fn policy(input: &mut Unstructured<'_>, universe: &Universe, ids: &[String]) -> Result<Policy> {
    let determinisms = [
        Determinism::Relaxed,
        Determinism::Strict,
        Determinism::Audit,
    ];
    let mut policy = Policy {
        determinism: *input.choose(&determinisms)?,
        ..Policy::default()
    };
    let mut names: Vec<String> = vec!["*".to_string()];
    for item in universe.items.iter().filter(|item| item.is_host()) {
        let name = item.name();
        let package = name.split('/').next().unwrap_or_default().to_string();
        names.extend([package, name]);
    }
    for name in &names {
        let components = components(input, ids)?;
        match input.int_in_range(0..=5)? {
            0 | 1 => policy.capabilities.push(Capability {
                name: name.clone(),
                required: input.ratio(1, 3)?,
                components,
                ..Capability::default()
            }),
            2 => policy.denials.push(Rule {
                name: name.clone(),
                mode: *input.choose(&[
                    None,
                    Some(Mode::Trap),
                    Some(Mode::Error),
                    Some(Mode::Empty),
                ])?,
                components,
                ..Rule::default()
            }),
            _ => {}
        }
    }
    Ok(policy)
}

fn components(input: &mut Unstructured<'_>, ids: &[String]) -> Result<Option<Vec<String>>> {
    Ok(match input.ratio(1, 4)? {
        true => Some(vec![input.choose(ids)?.clone()]),
        false => None,
    })
}
