//! Sections, which core modules and components are made of alike.

use std::ops::Range;

use wasmparser::{BinaryReader, Result, WasmFeatures};

/// The magic number and the version.
pub const HEADER: usize = 8;

/// A section, by where it is.
#[derive(Clone, Debug)]
pub struct Section {
    /// What it is, in a component or a core module.
    pub id: u8,
    /// With its id and size.
    pub whole: Range<usize>,
    /// Without them.
    pub payload: Range<usize>,
}

/// The sections of a core module or component in a range of bytes.
///
/// # Errors
/// When one is cut off.
pub fn sections(bytes: &[u8], range: Range<usize>) -> Result<Vec<Section>> {
    let mut reader = reader(bytes, range);
    reader.read_bytes(HEADER)?;
    let at = |reader: &BinaryReader<'_>| reader.original_position() as usize;
    let mut sections = Vec::new();
    while !reader.eof() {
        let start = at(&reader);
        let id = reader.read_u8()?;
        let size = reader.read_var_u32()?;
        let payload = at(&reader);
        reader.read_bytes(size as usize)?;
        sections.push(Section {
            id,
            whole: start..at(&reader),
            payload: payload..at(&reader),
        });
    }
    Ok(sections)
}

/// A reader of a range of bytes, which says positions among all of them.
pub fn reader(bytes: &[u8], range: Range<usize>) -> BinaryReader<'_> {
    let start = range.start as u64;
    BinaryReader::new_features(&bytes[range], start, WasmFeatures::all())
}
