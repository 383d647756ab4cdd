//! A plan in the making, as another tool's file says it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::{Map, Value, json};

use crate::answer::Failure;
use crate::bindings::sys::compose::plan::{self, Candidate, Described, DescribedName};
use crate::{digest, guess};

/// A component that the file names.
pub struct Part {
    /// Its id in the plan.
    pub id: String,
    /// Its file.
    pub path: String,
}

/// What of an id is kept, so that a number fits behind it.
const ID: usize = 120;

/// Ids that nothing else has.
#[derive(Default)]
pub struct Ids {
    taken: BTreeSet<String>,
    /// The next number behind a name.
    numbers: BTreeMap<String, usize>,
}

impl Ids {
    /// The id that a name becomes, with a number when it is taken.
    pub fn next(&mut self, name: &str) -> String {
        let mut base = guess::valid_id(name);
        base.truncate(ID);
        let mut id = base.clone();
        while !self.taken.insert(id.clone()) {
            let number = self.numbers.entry(base.clone()).or_insert(1);
            *number += 1;
            id = format!("{base}-{number}");
        }
        id
    }
}

/// What a plan says of parts, each of which is meant by its index.
#[derive(Default)]
pub struct Draft {
    /// What the file is, for people.
    pub description: Option<String>,
    /// The root.
    pub root: usize,
    /// The parts that the plan has.
    pub parts: BTreeSet<usize>,
    /// By consumer and import: the provider and its export.
    pub bindings: BTreeMap<(usize, String), (usize, String)>,
    /// Exports beside those of the root, each with whose it is.
    pub exports: Vec<(usize, String)>,
    /// Imports that stay open, of those that a plan lists.
    pub imports: BTreeSet<String>,
    /// What the components may do; none where the file does not say.
    pub policy: Option<Value>,
}

impl Draft {
    /// The plan.
    pub fn json(&self, candidates: &[Candidate]) -> Value {
        let id = |part: usize| candidates[part].id.as_str();
        let component = |part: &usize| {
            let candidate = &candidates[*part];
            let mut fields = Map::new();
            fields.insert("id".to_string(), candidate.id.as_str().into());
            fields.insert("digest".to_string(), digest::show(&candidate.digest).into());
            if let Some(source) = &candidate.source {
                fields.insert("source".to_string(), source.as_str().into());
            }
            Value::Object(fields)
        };
        let binding = |((consumer, import), (provider, export)): (&_, &_)| {
            let (consumer, provider): (&usize, &usize) = (consumer, provider);
            json!({
                "consumer_id": id(*consumer), "import_name": import,
                "provider_id": id(*provider), "export_name": export,
            })
        };
        let export = |(part, name): &(usize, String)| json!({ "source_instance": id(*part), "interface_name": name });
        let mut plan = json!({
            "version": "1",
            "root": id(self.root),
            "components": self.parts.iter().map(component).collect::<Vec<_>>(),
            "bindings": self.bindings.iter().map(binding).collect::<Vec<_>>(),
        });
        if !self.exports.is_empty() {
            plan["explicit_exports"] = self.exports.iter().map(export).collect();
        }
        if !self.imports.is_empty() {
            plan["imports"] = self.imports.iter().map(String::as_str).collect();
        }
        if let Some(policy) = &self.policy {
            plan["policy"] = policy.clone();
        }
        if let Some(description) = &self.description {
            plan["description"] = description.as_str().into();
        }
        plan
    }
}

/// What candidates import and export; components of one digest are described once.
pub struct Known {
    described: Vec<Described>,
    /// The description of each candidate.
    of: Vec<usize>,
}

impl Known {
    /// Asks the core about candidates.
    pub fn of(candidates: &[Candidate]) -> Result<Self, Failure> {
        let mut index_of = BTreeMap::new();
        let mut distinct = Vec::new();
        let mut of = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            let next = distinct.len();
            let index = *index_of.entry(&candidate.digest).or_insert(next);
            if index == next {
                distinct.push(candidate.clone());
            }
            of.push(index);
        }
        let described = plan::describe(&distinct)?;
        Ok(Self { described, of })
    }

    /// Both sides of each candidate.
    pub fn sides(&self) -> Vec<Rc<Sides<'_>>> {
        let distinct = self.described.iter();
        let distinct: Vec<_> = distinct.map(|of| Rc::new(Sides::of(of))).collect();
        self.of.iter().map(|of| Rc::clone(&distinct[*of])).collect()
    }
}

/// The names of a component's imports or exports, and the ways to find one.
pub struct Names<'a> {
    /// In the component's order.
    pub list: &'a [DescribedName],
    exact: BTreeMap<&'a str, usize>,
    canonical: BTreeMap<&'a str, usize>,
    /// By what is behind the last slash, without the version; none of several.
    ending: BTreeMap<&'a str, Option<usize>>,
}

/// Imports and exports of a component.
pub struct Sides<'a> {
    /// What it imports.
    pub imports: Names<'a>,
    /// What it exports.
    pub exports: Names<'a>,
}

impl<'a> Sides<'a> {
    fn of(described: &'a Described) -> Self {
        Self {
            imports: Names::of(&described.imports),
            exports: Names::of(&described.exports),
        }
    }
}

impl<'a> Names<'a> {
    fn of(list: &'a [DescribedName]) -> Self {
        let mut names = Self {
            list,
            exact: BTreeMap::new(),
            canonical: BTreeMap::new(),
            ending: BTreeMap::new(),
        };
        for (index, of) in list.iter().enumerate() {
            names.exact.insert(&of.name, index);
            names.canonical.entry(&of.canonical).or_insert(index);
            if let Some((_, ending)) = of.name.rsplit_once('/') {
                let ending = ending.split('@').next().unwrap_or(ending);
                let entry = names.ending.entry(ending);
                entry.and_modify(|of| *of = None).or_insert(Some(index));
            }
        }
        names
    }

    /// The one of that very name.
    pub fn exact(&self, name: &str) -> Option<&'a DescribedName> {
        Some(&self.list[*self.exact.get(name)?])
    }

    /// The one of that name, or the first that is semver-compatible with it.
    pub fn compatible(&self, of: &DescribedName) -> Option<&'a DescribedName> {
        let canonical = || self.canonical.get(of.canonical.as_str());
        self.exact(&of.name)
            .or_else(|| Some(&self.list[*canonical()?]))
    }

    /// The one of that name, or else the only one that is an interface of that name:
    /// `ns:pkg/baz@1.0.0` of `baz`.
    pub fn ending(&self, name: &str) -> Option<&'a DescribedName> {
        self.exact(name).or_else(|| {
            let only = (*self.ending.get(name)?)?;
            Some(&self.list[only])
        })
    }

    /// The names, for people.
    pub fn shown(&self) -> String {
        match self.list {
            [] => "none".to_string(),
            list => crate::words::list(list.iter().map(|of| of.name.as_str())),
        }
    }
}
