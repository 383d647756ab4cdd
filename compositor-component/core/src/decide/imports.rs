//! What each component gets for each import that nothing binds.

use std::collections::{BTreeMap, HashMap};

use super::handed::handed;
use super::retained::Retained;
use crate::policy::{Grants, Idle, LeftTo};
use crate::shape_phase::ShapedPlan;
use compositor_diagnostic::order::sort;
use compositor_plan::{Decided, Decision, is_host_import};
use compositor_wasm::Extern;
use compositor_wasm::types::EntityType;

/// Decides each open import of each component; imports by name, components by
/// id, those of one answer together. With them goes what rules changed.
pub fn decide(shaped: &ShapedPlan, grants: &Grants<'_>) -> (Vec<Decided>, Idle) {
    let mut idle = Idle::default();
    let mut imports: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, open) in &shaped.open {
        for consumer in &open.consumers {
            imports.entry(consumer).or_default().push(name);
        }
    }
    let (handed, retained) = (handed(shaped), Retained::of(shaped));
    let mut all = Vec::new();
    for (component, names) in imports {
        let world = shaped.resolved.world(component);
        let mut decided: HashMap<&str, (Decision, String)> = HashMap::new();
        for name in &names {
            let Some(import) = world.import(name) else {
                continue;
            };
            let left_to = match shaped.open[*name].left_to {
                // What another component means by the same label is listed.
                LeftTo::Plan if is_host_import(&import.interface) && !world.is_settled(import) => {
                    LeftTo::Host
                }
                left_to => left_to,
            };
            let carried_by = handed.get(&(component, *name)).copied();
            let types = retained.types(component, name);
            let answer = match types.is_some() && is_type(import) {
                true => {
                    let why = "it is a type, which the artifact's exports are made of";
                    (Decision::Types, why.to_string())
                }
                false => {
                    idle.see(grants, component, import.asked(), left_to, carried_by);
                    grants.decide(component, import.asked(), left_to, carried_by)
                }
            };
            decided.insert(name, answer);
        }
        close(shaped, component, &mut decided);
        for name in names {
            let (Some((decision, mut why)), Some(import)) =
                (decided.remove(name), world.import(name))
            else {
                continue;
            };
            if !decision.is_given() {
                if retained.arguments(world, import).is_some() {
                    why.push_str("; name and arguments are given, which are no capability");
                }
                if retained.types(component, name).is_some() {
                    why.push_str("; its types stay, which the artifact's exports are made of");
                }
            }
            all.push(Decided {
                import: name.to_string(),
                interface: import.interface.clone(),
                consumers: vec![component.to_string()],
                decision,
                why,
            });
        }
    }
    (together(all), idle)
}

/// Those of one answer as one, by name; components by id, each once.
pub fn together(all: Vec<Decided>) -> Vec<Decided> {
    let mut answers: BTreeMap<(String, String, Decision, String), Vec<String>> = BTreeMap::new();
    for decided in all {
        let answer = (
            decided.import,
            decided.interface,
            decided.decision,
            decided.why,
        );
        answers.entry(answer).or_default().extend(decided.consumers);
    }
    let answers = answers.into_iter();
    let decided = answers.map(|((import, interface, decision, why), mut consumers)| {
        sort(&mut consumers);
        consumers.dedup();
        Decided {
            import,
            interface,
            consumers,
            decision,
            why,
        }
    });
    decided.collect()
}

/// Whether an import is a type by itself.
fn is_type(import: &Extern) -> bool {
    matches!(import.ty, EntityType::Type(_))
}

/// Denies what is made of resources that are denied: nothing could give it.
fn close(shaped: &ShapedPlan, component: &str, decided: &mut HashMap<&str, (Decision, String)>) {
    let world = shaped.resolved.world(component);
    // A component's imports are made of those before them.
    for import in &world.imports {
        let Some((&name, (decision, _))) = decided.get_key_value(import.name.as_str()) else {
            continue;
        };
        if !decision.is_given() || *decision == Decision::Types {
            continue;
        }
        let made_of = world.resources_of(import).into_iter();
        let denied = made_of.filter(|other| *other != import.name).find(|other| {
            let other = decided.get(other).map(|(decision, _)| *decision);
            matches!(other, Some(Decision::Denied(_) | Decision::Deterministic))
        });
        if let Some(denied) = denied {
            let why = format!("it is made of resources of {denied:?}, which is denied");
            decided.insert(name, (Decision::Denied(None), why));
        }
    }
}
