//! Sections of modules and components, seen through a window.

use super::scan_error::ScanError;
use super::window::Window;

/// A section of a module or component, by range.
pub struct Section {
    /// What it is.
    pub id: u8,
    /// Where its payload starts.
    pub at: u64,
    /// Where it ends.
    pub end: u64,
}

/// Reads the header of the section at a byte.
pub fn section(window: &mut Window<'_>, at: u64, end: u64) -> Result<Section, ScanError> {
    let truncated = ScanError::Truncated { at };
    let header = window.peek(at, 6)?;
    let Some((id, mut rest)) = header.split_first() else {
        return Err(truncated);
    };
    let (mut size, mut width) = (0u64, 0);
    loop {
        let Some((byte, tail)) = rest.split_first().filter(|_| width < 5) else {
            return Err(truncated);
        };
        size |= u64::from(byte & 0x7f) << (7 * width);
        width += 1;
        rest = tail;
        if byte & 0x80 == 0 {
            break;
        }
    }
    let payload = at + 1 + width;
    match payload.checked_add(size) {
        Some(section_end) if section_end <= end => Ok(Section {
            id: *id,
            at: payload,
            end: section_end,
        }),
        _ => Err(truncated),
    }
}

/// A custom section's name, which is checked. The rest of it has no part in the type,
/// and no rules.
pub fn custom<'w>(window: &'w mut Window<'_>, section: &Section) -> Result<&'w str, ScanError> {
    // The longest name that validators take, and its length before it.
    const LONGEST: u64 = 100_005;
    let most = (section.end - section.at).min(LONGEST) as usize;
    let bytes = &window.peek(section.at, most)?[..most];
    let name = wasmparser::BinaryReader::new(bytes, section.at).read_string();
    name.map_err(|error| ScanError::Invalid {
        at: section.at,
        message: format!("custom section: {}", error.message()),
    })
}

/// Reads a section that is kept whole.
pub fn payload(window: &mut Window<'_>, section: &Section) -> Result<Vec<u8>, ScanError> {
    let length = section.end - section.at;
    let most = window.limits.section_bytes as u64;
    if length > most {
        return Err(ScanError::Limit {
            what: "bytes of a section other than code, data and custom",
            name: "section-bytes",
            at: section.at,
            found: length,
            most,
        });
    }
    window.bytes(section.at, length)
}
