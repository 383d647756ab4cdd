//! An artifact as segments: bytes of the wrapper, and blobs in the places
//! where the wrapper was encoded with their skeletons.

use wasm_encoder::{
    Alias, ComponentAliasSection, ComponentOuterAliasKind, ComponentSection, Encode,
};
use wasmparser::BinaryReader;

use crate::emit::level::{Embedded, Payload};
use compositor_host::Segment;

/// How many bytes segments are.
pub fn size(segments: &[Segment]) -> u64 {
    segments
        .iter()
        .map(|segment| match segment {
            Segment::Bytes(bytes) => bytes.len() as u64,
            Segment::Blob(_, size) => *size,
        })
        .sum()
}

/// Splits an encoded wrapper at its embedded skeletons, which are those of
/// the units in their order, and puts each unit's payload there. None when
/// an embedded component would exceed what a section can hold.
pub fn split<'a>(
    wrapper: &[u8],
    mut units: impl Iterator<Item = &'a Embedded>,
) -> Option<Vec<Segment>> {
    let mut segments = Vec::new();
    let mut bytes = wrapper[..HEADER].to_vec();
    for section in sections(wrapper) {
        if section.id != COMPONENT_SECTION {
            bytes.extend_from_slice(section.whole);
            continue;
        }
        let unit = units.next()?;
        debug_assert_eq!(section.contents, &*unit.skeleton);
        let (size, nested) = match &unit.payload {
            Payload::Blob(digest, size) => (*size, vec![Segment::Blob(*digest, *size)]),
            Payload::Segments(nested) => (size(nested), nested.clone()),
        };
        bytes.push(COMPONENT_SECTION);
        u32::try_from(size).ok()?.encode(&mut bytes);
        segments.push(Segment::Bytes(std::mem::take(&mut bytes)));
        segments.extend(nested);
    }
    segments.push(Segment::Bytes(bytes));
    Some(segments)
}

/// The components that an encoded component embeds, in order.
pub fn embedded(component: &[u8]) -> impl Iterator<Item = &[u8]> {
    let components = sections(component).filter(|section| section.id == COMPONENT_SECTION);
    components.map(|section| section.contents)
}

/// An encoded component with aliases of components around it in place of those
/// that it embeds, for each in order an index if it is to be one: nothing else
/// has other indices.
pub fn aliased(wrapper: &[u8], mut outer: impl Iterator<Item = Option<u32>>) -> Vec<u8> {
    let mut bytes = wrapper[..HEADER].to_vec();
    for section in sections(wrapper) {
        let is_embedded = section.id == COMPONENT_SECTION;
        match is_embedded.then(|| outer.next()).flatten().flatten() {
            Some(index) => {
                let mut aliases = ComponentAliasSection::new();
                aliases.alias(Alias::Outer {
                    kind: ComponentOuterAliasKind::Component,
                    count: 1,
                    index,
                });
                aliases.append_to_component(&mut bytes);
            }
            None => bytes.extend_from_slice(section.whole),
        }
    }
    bytes
}

const HEADER: usize = 8;
/// The id of a section that is a component.
pub const COMPONENT_SECTION: u8 = 4;

struct Section<'a> {
    id: u8,
    /// With its id and size.
    whole: &'a [u8],
    contents: &'a [u8],
}

/// The sections of a wrapper, which was encoded here and is sound.
fn sections(wrapper: &[u8]) -> impl Iterator<Item = Section<'_>> {
    let mut reader = BinaryReader::new(&wrapper[HEADER..], HEADER as u64);
    std::iter::from_fn(move || {
        let start = reader.original_position() as usize;
        let id = reader.read_u8().ok()?;
        let range = reader.read_reader().ok()?.range();
        let (contents, end) = (range.start as usize, range.end as usize);
        Some(Section {
            id,
            whole: &wrapper[start..end],
            contents: &wrapper[contents..end],
        })
    })
}
