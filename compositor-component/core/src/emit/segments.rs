//! An artifact as segments: bytes of the wrapper, and blobs in the places
//! where the wrapper was encoded with their skeletons.

use wasm_encoder::Encode;
use wasmparser::BinaryReader;

use crate::digest::Digest;
use crate::emit::level::{Payload, Unit};

/// A piece of an artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// These bytes.
    Bytes(Vec<u8>),
    /// A whole blob of that many bytes.
    Blob(Digest, u64),
}

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
    mut units: impl Iterator<Item = &'a Unit>,
) -> Option<Vec<Segment>> {
    const HEADER: usize = 8;
    const COMPONENT_SECTION: u8 = 4;
    let mut segments = Vec::new();
    let mut bytes = wrapper[..HEADER].to_vec();
    let mut reader = BinaryReader::new(&wrapper[HEADER..], HEADER as u64);
    while !reader.eof() {
        let start = reader.original_position() as usize;
        let id = reader.read_u8().ok()?;
        let payload = reader.read_reader().ok()?;
        if id != COMPONENT_SECTION {
            bytes.extend_from_slice(&wrapper[start..payload.range().end as usize]);
            continue;
        }
        let unit = units.next()?;
        debug_assert_eq!(
            &wrapper[payload.range().start as usize..payload.range().end as usize],
            &*unit.skeleton
        );
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
