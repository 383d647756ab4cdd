//! A plan of a WAC script.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use wac_parser::{ExportOptions, ExportStatement, Statement, TypeStatement};

use crate::draft::{Draft, Known};
use crate::packages::{Package, Packages};
use crate::remarks::Remarks;
use crate::wac_items::{Given, Item, Items};
use crate::wac_script::{Script, range};

/// The plan that a script means, whose components are known; none when there is none,
/// of which the remarks say why.
pub fn draft(
    script: &Script<'_>,
    known: &Known,
    packages: &Packages,
    remarks: &mut Remarks,
) -> Option<Draft> {
    let mut items = Items::new(script, known.sides());
    let mut exports = Exports::default();
    for statement in &script.document.statements {
        match statement {
            Statement::Import(of) => items.import(of, remarks),
            Statement::Let(of) => {
                let item = items.expr(&of.expr, remarks);
                items.name(of.id.string, range!(of.id.span), item, remarks);
            }
            Statement::Export(of) => exports.add(of, &mut items, remarks),
            Statement::Type(of) => {
                let id = match of {
                    TypeStatement::Interface(of) => &of.id,
                    TypeStatement::World(of) => &of.id,
                    TypeStatement::Type(of) => of.id(),
                };
                let message = format!("the artifact does not export the type `{}`", id.string);
                let help = "nothing runs differently without it: components have their own types";
                remarks.dropped(range!(id.span), message, help);
                let interface = match of {
                    TypeStatement::Interface(_) => Some(own_interface(script, id.string)),
                    TypeStatement::World(_) | TypeStatement::Type(_) => None,
                };
                items.name(id.string, range!(id.span), Item::Type(interface), remarks);
            }
        }
    }
    for import in items.imports.iter().filter(|import| !import.is_used) {
        let message = format!(
            "nothing is given the import `{}`: it is left out",
            import.name
        );
        let help = "give it to a component as an argument, or remove it";
        remarks.dropped(import.span.clone(), message, help);
    }
    targets(script, packages, remarks);
    let root = exports.root(script, &items, remarks)?;
    let description = format!("package {}", script.document.directive.package.string);
    let mut draft = Draft {
        description: Some(description),
        root,
        ..Draft::default()
    };
    reach(&mut draft, &exports, &items);
    for (index, (part, span)) in script.instances.iter().enumerate() {
        if !draft.parts.contains(&index) {
            let message = format!("nothing uses the instance `{}`: it is left out", part.id);
            let help = "give an export of it to a component, or export one";
            remarks.dropped(span.clone(), message, help);
        }
    }
    Some(draft)
}

/// The full name of an interface of the script's own package.
fn own_interface(script: &Script<'_>, name: &str) -> String {
    let package = &script.document.directive.package;
    let version = package.version.as_ref();
    let version = version.map_or(String::new(), |version| format!("@{version}"));
    format!("{}/{name}{version}", package.name)
}

/// Adds what the root and the exports need.
fn reach(draft: &mut Draft, exports: &Exports, items: &Items<'_, '_>) {
    let mut next = vec![draft.root];
    for (name, (of, _)) in &exports.put {
        next.push(*of);
        if *of != draft.root {
            draft.exports.push((*of, name.clone()));
        }
    }
    while let Some(of) = next.pop() {
        if !draft.parts.insert(of) {
            continue;
        }
        for import in items.sides[of].imports.list {
            let name = &import.name;
            match items.given[of].get(name) {
                Some(Given::Export(provider, export)) => {
                    let to = (*provider, export.clone());
                    draft.bindings.insert((of, name.clone()), to);
                    next.push(*provider);
                }
                Some(Given::Open) | None => {
                    if import.is_listed && !draft.imports.contains(name) {
                        draft.imports.insert(name.clone());
                    }
                }
            }
        }
    }
}

/// Says how the world of `targets` is held.
fn targets(script: &Script<'_>, packages: &Packages, remarks: &mut Remarks) {
    let Some(world) = &script.document.directive.targets else {
        return;
    };
    let version = world.version.as_ref().map(ToString::to_string);
    let path = match packages.find(world.name, version.as_deref()) {
        Package::File(path) | Package::Wit(path) => path,
        Package::Absent(_) => "FILE.wit".to_string(),
    };
    let message = format!("a plan does not keep the world `{}`", world.string);
    let help = format!(
        "`plan validate PLAN --target {path}#{}` holds the plan to it, and `emit build` likewise",
        world.segments
    );
    remarks.dropped(range!(world.span), message, help);
}

/// What the composition exports.
#[derive(Default)]
struct Exports {
    /// By name: whose it is, and where that is said.
    put: BTreeMap<String, (usize, Range<usize>)>,
}

impl Exports {
    fn add<'a, 's>(
        &mut self,
        of: &'s ExportStatement<'a>,
        items: &mut Items<'a, 's>,
        remarks: &mut Remarks,
    ) {
        let span = range!(of.expr.span);
        let item = items.expr(&of.expr, remarks);
        match (&of.options, item) {
            (_, Item::Unknown) => {}
            (ExportOptions::None, Item::Export { of, name }) => self.put(of, name, span, remarks),
            (ExportOptions::Rename(to), Item::Export { of, name }) => {
                if to.as_str() == name {
                    return self.put(of, name, span, remarks);
                }
                let message = format!(
                    "`{name}` of `{}` is exported as `{}`, and a plan exports under the name that \
                     the component has",
                    items.id(of),
                    to.as_str()
                );
                let help = "export it under its own name; or `wac compose` makes one component of \
                            the script, which a plan can have";
                remarks.changed(span, message, help);
            }
            (ExportOptions::Spread(_), Item::Instance(of)) => {
                let mut has_effect = false;
                for export in items.sides[of].exports.list {
                    if !self.put.contains_key(&export.name) {
                        has_effect = true;
                        self.put(of, export.name.clone(), span.clone(), remarks);
                    }
                }
                if !has_effect {
                    let message = "this exports nothing that is not exported already";
                    remarks.invalid(span, message, "remove it");
                }
            }
            (ExportOptions::None, Item::Instance(of)) => {
                let id = items.id(of);
                let message = format!("all of the instance `{id}` is exported without a name");
                let help = "`...` behind it exports each of its exports";
                remarks.invalid(span, message, help);
            }
            (ExportOptions::Rename(to), Item::Instance(of)) => {
                let message = format!(
                    "all of the instance `{}` is exported as `{}`, and a plan exports what a \
                     component exports",
                    items.id(of),
                    to.as_str()
                );
                let help = "`...` in place of `as` exports each of its exports; or `wac compose` \
                            makes one component of the script, which a plan can have";
                remarks.changed(span, message, help);
            }
            (_, Item::Export { .. } | Item::Import(_) | Item::Inner | Item::Type(_)) => {
                let message = "what is exported here is no export of a component, and a plan has \
                               no others";
                let help = "export what a component exports; or `wac compose` makes one component \
                            of the script, which a plan can have";
                remarks.changed(span, message, help);
            }
        }
    }

    fn put(&mut self, of: usize, name: String, span: Range<usize>, remarks: &mut Remarks) {
        if self.put.contains_key(&name) {
            let message = format!("`{name}` is exported already");
            return remarks.invalid(span, message, "remove one of them");
        }
        self.put.insert(name, (of, span));
    }

    /// The root, of which a plan exports everything: the instance that has least beside
    /// what the script exports.
    fn root(
        &self,
        script: &Script<'_>,
        items: &Items<'_, '_>,
        remarks: &mut Remarks,
    ) -> Option<usize> {
        let mut own: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
        for (name, (of, _)) in &self.put {
            own.entry(*of).or_default().push(name);
        }
        let extra = |of: usize| {
            let exports = items.sides[of].exports.list.iter();
            let exports = exports.map(|export| export.name.as_str());
            let is_extra = move |name: &&str| self.put.get(*name).is_none_or(|(by, _)| *by != of);
            exports.filter(is_extra).collect::<Vec<_>>()
        };
        let is_free = |of: &usize| {
            let mut extra = extra(*of).into_iter();
            extra.all(|name| !self.put.contains_key(name))
        };
        let candidates = own.keys().copied().filter(is_free);
        let key = |of: &usize| (extra(*of).len(), Reverse(own[of].len()), Reverse(*of));
        let Some(root) = candidates.min_by_key(key) else {
            // What went wrong before may be why.
            if !remarks.has_errors() {
                let span = range!(script.document.directive.package.span);
                let (message, help) = match own.is_empty() {
                    true => (
                        "the script exports nothing, and an artifact has to",
                        "add `export x...;` for an instance `x`",
                    ),
                    false => (
                        "a plan exports all exports of its root, and of each component that the \
                         script exports something of, another one exports the rest",
                        "`wac compose` makes one component of the script, which a plan can have",
                    ),
                };
                remarks.changed(span, message, help);
            }
            return None;
        };
        let more = extra(root);
        if let (false, Some(name)) = (more.is_empty(), own[&root].first()) {
            let more = crate::words::list(more.into_iter());
            let message = format!(
                "the artifact also exports {more}: a plan exports all exports of its root, which \
                 is `{}`",
                items.id(root)
            );
            let help = "whoever uses the other exports sees no difference";
            remarks.dropped(self.put[*name].1.clone(), message, help);
        }
        Some(root)
    }
}
