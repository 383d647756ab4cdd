//! What an artifact says of its own making: a custom section right behind
//! the header, so that the first bytes of a file tell.
//!
//! Its content is canonical CBOR: `[1, plan id, emit key, producer, root,
//! [[id, digest] …]]`, ids ascending. When custom sections of components were left out
//! it is `[2, …, [[id, digest, digest of what is left] …], which]`, where a component
//! that is not in the artifact has the first digest alone.

use std::ops::Range;

use ciborium::Value;
use wasm_encoder::{CustomSection, Encode, Section};

use crate::strip::Forms;
use compositor_diagnostic::Digest;
use compositor_diagnostic::limits::Limits;
use compositor_diagnostic::order::sort;
use compositor_plan::cbor::{self, Item, Kind};
use compositor_plan::{Component, Plan, plan_id};
use compositor_wasm::Strip;
use compositor_wasm::encoded::{custom_name, first_section};

/// The section's name.
pub const SECTION: &str = "sys:compose/provenance";

/// The version of provenance whose components are as they are.
const WHOLE: u64 = 1;
/// The version of provenance whose components are stripped.
const STRIPPED: u64 = 2;

/// The tool's name and version, without a date.
pub const PRODUCER: &str = concat!("compositor ", env!("CARGO_PKG_VERSION"));

/// What an artifact says of its own making.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The plan it was made from.
    pub plan_id: Digest,
    /// The key it was emitted under.
    pub emit_key: Digest,
    /// The compositor that made it.
    pub producer: String,
    /// The root's id.
    pub root: String,
    /// Components by ascending id.
    pub ingredients: Vec<Ingredient>,
    /// Which of their custom sections were left out; none when they are as they are.
    pub strip: Option<Strip>,
}

/// A component that an artifact was made of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ingredient {
    /// The plan's id of it.
    pub id: String,
    /// Its digest.
    pub digest: Digest,
    /// The digest of its stripped form, which is what the artifact has; none where it is
    /// as it is, or not in the artifact.
    pub stripped: Option<Digest>,
}

/// What the first bytes of a file tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inspection {
    /// It is an artifact.
    Found(Provenance),
    /// It may be one; this many bytes from the start would tell.
    Incomplete(u64),
    /// It is not one.
    Absent,
}

impl Provenance {
    /// Of the artifact of a locked plan, with its components in these forms.
    pub fn of(plan: &Plan, forms: &Forms, emit_key: Digest) -> Self {
        let ingredient = |component: &Component| {
            let digest = component.digest?;
            Some(Ingredient {
                id: component.id.clone(),
                digest,
                stripped: forms.stripped(&digest),
            })
        };
        let components = plan.components.iter();
        let mut ingredients: Vec<Ingredient> = components.filter_map(ingredient).collect();
        sort(&mut ingredients);
        Self {
            plan_id: plan_id(plan),
            emit_key,
            producer: PRODUCER.to_string(),
            root: plan.root.clone(),
            ingredients,
            strip: forms.strip,
        }
    }

    /// The section, with its id and size.
    pub fn section(&self) -> Vec<u8> {
        let bytes = |digest: &Digest| Value::Bytes(digest.as_bytes().to_vec());
        let text = |text: &str| Value::Text(text.to_string());
        let ingredient = |of: &Ingredient| {
            let digests = [bytes(&of.digest)].into_iter();
            let digests = digests.chain(of.stripped.as_ref().map(bytes));
            Value::Array([text(&of.id)].into_iter().chain(digests).collect())
        };
        let mut value = vec![
            self.strip.map_or(WHOLE, |_| STRIPPED).into(),
            bytes(&self.plan_id),
            bytes(&self.emit_key),
            text(&self.producer),
            text(&self.root),
            Value::Array(self.ingredients.iter().map(ingredient).collect()),
        ];
        value.extend(self.strip.map(|mode| text(mode.as_str())));
        let section = CustomSection {
            name: SECTION.into(),
            data: cbor::encode(&Value::Array(value)).into(),
        };
        let mut out = vec![section.id()];
        section.encode(&mut out);
        out
    }

    /// Reads the first bytes of a file.
    pub fn inspect(prefix: &[u8], limits: &Limits) -> Inspection {
        // Enough for the header and the section's own header.
        const HEAD: u64 = 64;
        let incomplete = |bytes: u64| match bytes > prefix.len() as u64 {
            true => Inspection::Incomplete(bytes),
            false => Inspection::Absent,
        };
        let header = [0, b'a', b's', b'm', 13, 0, 1, 0];
        if !prefix.iter().zip(&header).all(|(a, b)| a == b) {
            return Inspection::Absent;
        }
        let Some((id, Range { start, end })) = first_section(prefix) else {
            return incomplete(HEAD);
        };
        if id != 0 {
            return Inspection::Absent;
        }
        let content = match custom_name(prefix, start) {
            Some((SECTION, content)) => content,
            Some(_) => return Inspection::Absent,
            None => return incomplete(HEAD.min(end)),
        };
        let Some(bytes) = prefix.get(content as usize..end as usize) else {
            return incomplete(end);
        };
        match cbor::decode(bytes, limits).ok().and_then(read) {
            Some(provenance) => Inspection::Found(provenance),
            None => Inspection::Absent,
        }
    }
}

fn read(item: Item) -> Option<Provenance> {
    let digest = |item: &Item| match &item.kind {
        Kind::Bytes(bytes) => Digest::try_from(&bytes[..]).ok(),
        _ => None,
    };
    let text = |item: &Item| match &item.kind {
        Kind::Text(text) => Some(text.clone()),
        _ => None,
    };
    let array = |item: &Item| match &item.kind {
        Kind::Array(items) => Some(items.clone()),
        _ => None,
    };
    let items = array(&item)?;
    let [
        version,
        plan_id,
        emit_key,
        producer,
        root,
        ingredients,
        rest @ ..,
    ] = items.as_slice()
    else {
        return None;
    };
    let strip = match (&version.kind, rest) {
        (Kind::Unsigned(WHOLE), []) => None,
        (Kind::Unsigned(STRIPPED), [mode]) => Some(Strip::named(&text(mode)?)?),
        _ => return None,
    };
    let ingredients = array(ingredients)?
        .iter()
        .map(|item| {
            let (id, of, stripped) = match array(item)?.as_slice() {
                [id, of] => (text(id)?, digest(of)?, None),
                [id, of, stripped] if strip.is_some() => {
                    (text(id)?, digest(of)?, Some(digest(stripped)?))
                }
                _ => return None,
            };
            Some(Ingredient {
                id,
                digest: of,
                stripped,
            })
        })
        .collect::<Option<Vec<_>>>()?;
    Some(Provenance {
        plan_id: digest(plan_id)?,
        emit_key: digest(emit_key)?,
        producer: text(producer)?,
        root: text(root)?,
        ingredients,
        strip,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_tells_how_much_it_needs() {
        for strip in [None, Some(Strip::Debug), Some(Strip::All)] {
            tells_how_much_it_needs(strip);
        }
    }

    fn tells_how_much_it_needs(strip: Option<Strip>) {
        let ingredient = |id: &str, stripped| Ingredient {
            id: id.into(),
            digest: Digest::of(id.as_bytes()),
            stripped,
        };
        let stripped = strip.map(|_| Digest::of(b"stripped"));
        let provenance = Provenance {
            plan_id: Digest::of(b"plan"),
            emit_key: Digest::of(b"key"),
            producer: PRODUCER.into(),
            root: "app".into(),
            ingredients: vec![ingredient("app", stripped), ingredient("unused", None)],
            strip,
        };
        let header = [0, b'a', b's', b'm', 13, 0, 1, 0];
        let bytes = [&header[..], &provenance.section()].concat();
        let mut length = 0;
        for _ in 0..4 {
            match Provenance::inspect(&bytes[..length.min(bytes.len())], &Limits::default()) {
                Inspection::Incomplete(more) => {
                    assert!(more as usize > length);
                    length = more as usize;
                }
                Inspection::Found(found) => {
                    assert_eq!(found, provenance);
                    return;
                }
                Inspection::Absent => panic!("absent at {length}"),
            }
        }
        panic!("not found");
    }

    /// What says that it is stripped and how is read whole, or not at all.
    #[test]
    fn versions_are_told_apart() {
        let provenance = |strip, stripped: bool| Provenance {
            plan_id: Digest::of(b"plan"),
            emit_key: Digest::of(b"key"),
            producer: PRODUCER.into(),
            root: "app".into(),
            ingredients: vec![Ingredient {
                id: "app".into(),
                digest: Digest::of(b"app"),
                stripped: stripped.then(|| Digest::of(b"stripped")),
            }],
            strip,
        };
        let inspect = |section: Vec<u8>| {
            let header = [0, b'a', b's', b'm', 13, 0, 1, 0];
            Provenance::inspect(&[&header[..], &section].concat(), &Limits::default())
        };
        // A digest of what is left where nothing is left out.
        let section = provenance(None, true).section();
        assert_eq!(inspect(section), Inspection::Absent);
        let mut section = provenance(Some(Strip::All), true).section();
        let end = section.len() - 3;
        assert_eq!(&section[end..], b"all");
        section[end..].copy_from_slice(b"any");
        assert_eq!(inspect(section), Inspection::Absent);
    }

    #[test]
    fn other_files_have_none() {
        for bytes in [
            &b"\x7fELF"[..],
            b"{}",
            &[0, b'a', b's', b'm', 13, 0, 1, 0, 7, 1, 0],
        ] {
            assert_eq!(
                Provenance::inspect(bytes, &Limits::default()),
                Inspection::Absent
            );
        }
    }
}
