//! What an artifact says of its own making: a custom section right behind
//! the header, so that the first bytes of a file tell.
//!
//! Its content is canonical CBOR: `[1, plan id, emit key, producer, root,
//! [[id, digest] …]]`, ids ascending.

use std::ops::Range;

use ciborium::Value;
use wasm_encoder::{CustomSection, Encode, Section};

use compositor_diagnostic::Digest;
use compositor_diagnostic::limits::Limits;
use compositor_diagnostic::order::sort;
use compositor_plan::cbor::{self, Item, Kind};
use compositor_plan::{Plan, plan_id};
use compositor_wasm::encoded::{custom_name, first_section};

/// The section's name.
pub const SECTION: &str = "sys:compose/provenance";

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
    pub ingredients: Vec<(String, Digest)>,
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
    /// Of the artifact of a locked plan.
    pub fn of(plan: &Plan, emit_key: Digest) -> Self {
        let mut ingredients: Vec<(String, Digest)> = plan
            .components
            .iter()
            .filter_map(|component| Some((component.id.clone(), component.digest?)))
            .collect();
        sort(&mut ingredients);
        Self {
            plan_id: plan_id(plan),
            emit_key,
            producer: PRODUCER.to_string(),
            root: plan.root.clone(),
            ingredients,
        }
    }

    /// The section, with its id and size.
    pub fn section(&self) -> Vec<u8> {
        let bytes = |digest: &Digest| Value::Bytes(digest.as_bytes().to_vec());
        let text = |text: &str| Value::Text(text.to_string());
        let ingredient =
            |(id, digest): &(String, Digest)| Value::Array(vec![text(id), bytes(digest)]);
        let value = Value::Array(vec![
            1.into(),
            bytes(&self.plan_id),
            bytes(&self.emit_key),
            text(&self.producer),
            text(&self.root),
            Value::Array(self.ingredients.iter().map(ingredient).collect()),
        ]);
        let section = CustomSection {
            name: SECTION.into(),
            data: cbor::encode(&value).into(),
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
    let [version, plan_id, emit_key, producer, root, ingredients] = items.as_slice() else {
        return None;
    };
    if !matches!(version.kind, Kind::Unsigned(1)) {
        return None;
    }
    let ingredients = array(ingredients)?
        .iter()
        .map(|pair| match array(pair)?.as_slice() {
            [id, of] => Some((text(id)?, digest(of)?)),
            _ => None,
        })
        .collect::<Option<Vec<_>>>()?;
    Some(Provenance {
        plan_id: digest(plan_id)?,
        emit_key: digest(emit_key)?,
        producer: text(producer)?,
        root: text(root)?,
        ingredients,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_tells_how_much_it_needs() {
        let provenance = Provenance {
            plan_id: Digest::of(b"plan"),
            emit_key: Digest::of(b"key"),
            producer: PRODUCER.into(),
            root: "app".into(),
            ingredients: vec![("app".into(), Digest::of(b"app"))],
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
