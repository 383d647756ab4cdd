//! Sections of a component that is in memory, whole or from its start.

use std::ops::Range;

use wasmparser::BinaryReader;

/// How many bytes the magic number and the version take, which sections are behind.
pub const HEADER: usize = 8;

/// A section of a component.
pub struct EncodedSection<'a> {
    /// What it is.
    pub id: u8,
    /// Its bytes, with its id and size.
    pub whole: &'a [u8],
    /// What it has.
    pub contents: &'a [u8],
}

/// The sections of a component that was encoded here and is sound.
pub fn sections(component: &[u8]) -> impl Iterator<Item = EncodedSection<'_>> {
    let mut reader = BinaryReader::new(&component[HEADER..], HEADER as u64);
    std::iter::from_fn(move || {
        let start = reader.original_position() as usize;
        let id = reader.read_u8().ok()?;
        let range = reader.read_reader().ok()?.range();
        let (contents, end) = (range.start as usize, range.end as usize);
        Some(EncodedSection {
            id,
            whole: &component[start..end],
            contents: &component[contents..end],
        })
    })
}

/// The id of a component's first section, and where its contents are; none when the
/// component's first bytes, which are given, end before they say so.
pub fn first_section(prefix: &[u8]) -> Option<(u8, Range<u64>)> {
    let mut reader = BinaryReader::new(prefix.get(HEADER..)?, HEADER as u64);
    let (id, size) = (reader.read_u8().ok()?, reader.read_var_u32().ok()?);
    let start = reader.original_position();
    Some((id, start..start + u64::from(size)))
}

/// The name of a custom section whose contents start at a byte, and the byte behind
/// the name; none when the given bytes do not have it whole, or it is no text.
pub fn custom_name(prefix: &[u8], start: u64) -> Option<(&str, u64)> {
    let contents = prefix.get(usize::try_from(start).ok()?..)?;
    let mut reader = BinaryReader::new(contents, start);
    let name = reader.read_string().ok()?;
    Some((name, reader.original_position()))
}
