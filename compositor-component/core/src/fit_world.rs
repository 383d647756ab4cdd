//! What was composed, held to a world: it imports nothing else, and exports all of it.

use crate::compose::Graph;
use crate::emit::Sealed;
use crate::shape_phase::{Side, mismatch};
use crate::targets::TargetWorld;
use compositor_diagnostic::lists::some_of;
use compositor_diagnostic::{Diagnostic, Findings, Rule};
use compositor_plan::Place;
use compositor_wasm::{Difference, Extern, World};

/// Holds a sealed graph to a world. Versions that are semver-compatible are one, and
/// an import of types alone may be one that the world does not have: no host has to
/// give it.
///
/// # Errors
/// Each import that the world does not have, each of its exports that is missing, and
/// each of both whose type differs.
pub fn check(
    target: &TargetWorld,
    graph: &Graph,
    sealed: &mut Sealed,
) -> Result<(), Vec<Diagnostic>> {
    let world = World::of_package(&target.package, &target.name, &mut sealed.shapes);
    let world = world.map_err(|why| {
        let message = format!("the target has no world {:?}: {why}", target.name);
        let help = "name a world of the WIT package";
        vec![Diagnostic::error(Rule::UnknownTarget, message, help)]
    })?;
    let goal = Goal {
        target,
        world,
        graph,
        sealed,
    };
    let mut findings = Findings::default();
    for import in &sealed.world.imports {
        match goal.world.compatible_import(import.full_name()) {
            None if sealed.world.is_settled(import) => {}
            None => findings.error(|| goal.unknown(import)),
            Some(known) => {
                if let Some(differs) = sealed.shapes.difference(known.shape, import.shape) {
                    findings.error(|| goal.other_import(import, known, &differs));
                }
            }
        }
    }
    for wanted in &goal.world.exports {
        match sealed.world.compatible_export(wanted.full_name()) {
            None => findings.error(|| goal.missing(wanted)),
            Some(export) => {
                if let Some(differs) = sealed.shapes.difference(export.shape, wanted.shape) {
                    findings.error(|| goal.other_export(export, wanted, &differs));
                }
            }
        }
    }
    findings.end().map(drop)
}

/// Both sides of the comparison.
struct Goal<'a> {
    target: &'a TargetWorld,
    world: World,
    graph: &'a Graph,
    sealed: &'a Sealed,
}

impl Goal<'_> {
    /// An import that the world does not have.
    fn unknown(&self, import: &Extern) -> Diagnostic {
        let message = format!(
            "the artifact imports {:?}, which world {:?} does not",
            import.name, self.target.name
        );
        let help = "bind it to a component that exports it, deny it in a policy, or import it in \
                    the world";
        let error = Diagnostic::error(Rule::TargetMismatch, message, help);
        let error = error.at(self.consumer(import));
        error
            .found(format!("{:?}", import.name))
            .expected(names("imports", &self.world.imports))
    }

    /// An export of the world that there is not.
    fn missing(&self, wanted: &Extern) -> Diagnostic {
        let message = format!(
            "the artifact does not export {:?}, which world {:?} does",
            wanted.name, self.target.name
        );
        let plan = &self.graph.plan;
        let components = plan.plan().components.iter();
        let could = components.filter(|component| {
            let world = plan.world(&component.id);
            let export = world.compatible_export(wanted.full_name());
            export.is_some()
        });
        let could: Vec<String> = could
            .map(|component| format!("{:?}", component.id))
            .collect();
        let help = match could.is_empty() {
            true => "add a component that exports it, and list it in \"explicit_exports\"".into(),
            false => format!(
                "list it in \"explicit_exports\": it is an export of {}",
                some_of(could.iter().map(String::as_str))
            ),
        };
        let error = Diagnostic::error(Rule::TargetMismatch, message, help);
        error
            .at(Place::Root)
            .found(names("exports", &self.sealed.world.exports))
            .expected(format!("{:?}", wanted.name))
    }

    fn other_import(&self, import: &Extern, known: &Extern, differs: &Difference) -> Diagnostic {
        let message = format!(
            "the artifact's import {:?} has another type than world {:?} has for it{}",
            import.name,
            self.target.name,
            lacks("the world", differs),
        );
        let given = self.side("the world", &self.world, known);
        let needed = self.side("the artifact", &self.sealed.world, import);
        let compared = mismatch(&self.sealed.shapes, &given, &needed, differs);
        let help = "rebuild the component with the world's WIT, or take the version of the \
                    interface that it was built with into the world";
        let error = Diagnostic::error(Rule::TargetMismatch, message, help);
        Diagnostic {
            found: compared.expected,
            expected: compared.found,
            ..error.at(self.consumer(import))
        }
    }

    fn other_export(&self, export: &Extern, wanted: &Extern, differs: &Difference) -> Diagnostic {
        let message = format!(
            "the artifact's export {:?} has another type than world {:?} has for it{}",
            export.name,
            self.target.name,
            lacks("the artifact", differs),
        );
        let given = self.side("the artifact", &self.sealed.world, export);
        let needed = self.side("the world", &self.world, wanted);
        let compared = mismatch(&self.sealed.shapes, &given, &needed, differs);
        let help = "rebuild the component with the world's WIT";
        let error = Diagnostic::error(Rule::TargetMismatch, message, help);
        let mut exports = self.graph.plan.exports().iter();
        let of = exports.find(|of| of.name == export.name);
        let place = of.map_or(Place::Plan, |of| self.graph.plan.place(&of.component));
        Diagnostic {
            found: compared.found,
            expected: compared.expected,
            ..error.at(place)
        }
    }

    fn side<'s>(&self, component: &'s str, world: &'s World, item: &'s Extern) -> Side<'s> {
        Side {
            component,
            world,
            item,
        }
    }

    /// The place of the first component that asks for an import of the artifact.
    fn consumer(&self, import: &Extern) -> Place {
        let settled = self.sealed.settled.iter();
        let mut open = settled.filter(|(_, settled)| **settled == import.name);
        let open = open.find_map(|(open, _)| self.graph.plan.open().get(open));
        let id = open.and_then(|open| open.consumers.first());
        id.map_or(Place::Plan, |id| self.graph.plan.place(id))
    }
}

fn lacks(who: &str, differs: &Difference) -> String {
    match differs {
        Difference::Exports { missing, .. } if !missing.is_empty() => {
            let missing = some_of(missing.iter().map(String::as_str));
            format!(" ({who} lacks {missing})")
        }
        _ => String::new(),
    }
}

fn names(what: &str, externs: &[Extern]) -> String {
    match externs {
        [] => format!("no {what}"),
        externs => some_of(externs.iter().map(|of| of.name.as_str())),
    }
}
