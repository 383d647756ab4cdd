//! One case of the vectors.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// What a case is about, which says how it is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Bytes that are canonical CBOR or are not.
    Cbor,
    /// A JSON text and its canonical CBOR.
    CborOfJson,
    /// Spellings of one plan, its id and its CBOR.
    Plan,
    /// A plan that is refused.
    PlanError,
    /// A plan with its components, and what is composed of them.
    Compose,
    /// WIT, and the ids of what it has.
    CanonWit,
    /// Commands in a row.
    Script,
}

const KINDS: [(&str, Kind); 7] = [
    ("cbor", Kind::Cbor),
    ("cbor-of-json", Kind::CborOfJson),
    ("plan", Kind::Plan),
    ("plan-error", Kind::PlanError),
    ("compose", Kind::Compose),
    ("canon-wit", Kind::CanonWit),
    ("script", Kind::Script),
];

/// A case.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name; a part of the path of none.
    pub id: String,
    /// What it is about.
    pub kind: Kind,
    /// Everything that the index says of it.
    pub value: Value,
}

impl Case {
    /// Reads a case of the index.
    pub fn read(value: &Value) -> Result<Self> {
        let id = value["id"].as_str().context("a case lacks `id`")?;
        let word = value["kind"].as_str().unwrap_or_default();
        let Some((_, kind)) = KINDS.iter().find(|(name, _)| *name == word) else {
            bail!("`{id}` is of the unknown kind `{word}`");
        };
        let case = Self {
            id: id.to_string(),
            kind: *kind,
            value: value.clone(),
        };
        if case.expected().is_null() {
            bail!("`{id}` expects nothing");
        }
        Ok(case)
    }

    /// What is expected: of a script, a list with an item for each step.
    pub fn expected(&self) -> Value {
        match self.kind {
            Kind::Script => {
                let steps = self.value["steps"].as_array().into_iter().flatten();
                steps.map(|step| step["expect"].clone()).collect()
            }
            _ => self.value["expect"].clone(),
        }
    }

    /// Puts something else in the place of what is expected.
    pub fn expect(&mut self, expected: Value) {
        match (self.kind, expected) {
            (Kind::Script, Value::Array(items)) => {
                let steps = self.value["steps"].as_array_mut().into_iter().flatten();
                for (step, item) in steps.zip(items) {
                    step["expect"] = item;
                }
            }
            (_, expected) => self.value["expect"] = expected,
        }
    }
}
