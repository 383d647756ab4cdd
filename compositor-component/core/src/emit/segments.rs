//! An artifact as segments: bytes of the wrapper, and blobs in the places
//! where the wrapper was encoded with their skeletons.

use wasm_encoder::{
    Alias, ComponentAliasSection, ComponentOuterAliasKind, ComponentSection, Encode,
};

use crate::emit::level::{Embedded, Payload};
use compositor_host::Segment;
use compositor_wasm::encoded::{HEADER, sections};

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

/// The id of a section that is a component.
pub const COMPONENT_SECTION: u8 = 4;
