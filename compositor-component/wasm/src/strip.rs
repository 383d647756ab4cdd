//! A component to the same without custom sections. What runs stays byte for byte;
//! the sizes around what is left out are written anew.
//!
//! Sizes are in as few bytes as they take, so that what comes of it is what
//! `wasm-tools strip` makes of the same component.

use wasm_encoder::Encode;

use crate::scan_error::ScanError;
use crate::section::{Section, custom, section};
use crate::window::Window;
use compositor_diagnostic::Digest;
use compositor_diagnostic::limits::READ_BYTES;
use compositor_host::{Host, Writer};

/// Which custom sections go, through all nesting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strip {
    /// All but [`KEPT_SECTIONS`]: debug information, and what only tools know.
    Debug,
    /// All.
    All,
}

/// What [`Strip::Debug`] keeps; a name that ends with `*` stands for all that start so.
pub const KEPT_SECTIONS: &[&str] = &[
    // Names in backtraces.
    "name",
    "component-name",
    // Hints to compilers, which code is faster with.
    "metadata.code.*",
    // Which build it is, by which its debug information is found elsewhere.
    "build_id",
    // Who made it, of what, and under which terms.
    "producers",
    "authors",
    "description",
    "homepage",
    "licenses",
    "revision",
    "source",
    "version",
    ".dep-v0",
    // What `wasm-tools strip` keeps beside names, for linkers.
    "component-type:*",
    "dylink.0",
];

impl Strip {
    /// The words for the modes, each with its mode.
    pub const NAMED: [(&'static str, Self); 2] = [("debug", Self::Debug), ("all", Self::All)];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::All => "all",
        }
    }

    /// The mode of a word.
    pub fn named(word: &str) -> Option<Self> {
        let mut modes = Self::NAMED.into_iter();
        modes.find_map(|(name, mode)| (name == word).then_some(mode))
    }

    /// Whether a custom section of a name stays.
    pub fn keeps(self, name: &str) -> bool {
        let is_meant = |kept: &&str| match kept.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == *kept,
        };
        self == Self::Debug && KEPT_SECTIONS.iter().any(is_meant)
    }
}

/// Writes a component, without the custom sections that go, as a derived blob;
/// returns its digest and size in bytes. A component that has none of them is its own
/// stripped form, and nothing is written.
///
/// Two walks over the headers of sections, because a size comes before what it is the
/// size of; what stays is copied once, by the store where it is large. In memory are a
/// window and the sizes of what is nested.
///
/// # Errors
/// Of a component that [`crate::scan()`] takes: those of the store.
pub fn strip(
    host: Host<'_>,
    digest: &Digest,
    size: u64,
    mode: Strip,
) -> Result<(Digest, u64), ScanError> {
    let mut walk = Walk {
        window: Window::new(host, digest, size),
        mode,
    };
    let whole = Nested {
        start: 0,
        end: size,
        is_component: true,
        depth: 0,
    };
    let mut sizes = Vec::new();
    let stripped = walk.measure(&whole, &mut sizes)?;
    // Whatever changes makes it smaller.
    if stripped == size {
        return Ok((*digest, size));
    }
    let mut output = Output {
        writer: host.blobs.derive()?,
        buffer: Vec::new(),
    };
    walk.copy(&whole, &mut sizes.into_iter(), &mut output)?;
    output.flush()?;
    Ok((output.writer.finish()?, stripped))
}

/// The id of a section that is a core module, in a component.
const MODULE: u8 = 1;
/// The id of a section that is a component, in a component.
const COMPONENT: u8 = 4;
/// Bytes of the magic number and the version.
const HEADER: u64 = 8;

/// A component or core module, by range.
struct Nested {
    start: u64,
    end: u64,
    is_component: bool,
    /// How many components it is in.
    depth: usize,
}

/// What becomes of a section.
enum Fate {
    Dropped,
    Copied,
    Walked(Nested),
}

struct Walk<'a> {
    window: Window<'a>,
    mode: Strip,
}

impl Walk<'_> {
    /// The section at a byte, and what becomes of it.
    fn section(&mut self, within: &Nested, at: u64) -> Result<(Section, Fate), ScanError> {
        let section = section(&mut self.window, at, within.end)?;
        let fate = match section.id {
            0 => match self.mode.keeps(custom(&mut self.window, &section)?) {
                true => Fate::Copied,
                false => Fate::Dropped,
            },
            id @ (MODULE | COMPONENT) if within.is_component => Fate::Walked(Nested {
                start: section.at,
                end: section.end,
                is_component: id == COMPONENT,
                depth: within.depth + 1,
            }),
            _ => Fate::Copied,
        };
        Ok((section, fate))
    }

    /// The sections of what is walked start here.
    fn first(&self, walked: &Nested) -> Result<u64, ScanError> {
        let most = self.window.limits.component_nesting;
        if walked.is_component && walked.depth > most {
            return Err(ScanError::Limit {
                what: "nested components",
                name: "component-nesting",
                at: walked.start,
                found: walked.depth as u64,
                most: most as u64,
            });
        }
        match walked.start + HEADER {
            first if first <= walked.end => Ok(first),
            _ => Err(ScanError::Truncated { at: walked.start }),
        }
    }

    /// How many bytes it is without what goes. `sizes` gets the same of each module
    /// and component in it, in the order in which they start.
    fn measure(&mut self, walked: &Nested, sizes: &mut Vec<u64>) -> Result<u64, ScanError> {
        let mut at = self.first(walked)?;
        let mut size = HEADER;
        while at < walked.end {
            let (section, fate) = self.section(walked, at)?;
            at = section.end;
            let length = match fate {
                Fate::Dropped => continue,
                Fate::Copied => section.end - section.at,
                Fate::Walked(nested) => {
                    let place = sizes.len();
                    sizes.push(0);
                    sizes[place] = self.measure(&nested, sizes)?;
                    sizes[place]
                }
            };
            size += header(section.id, length).len() as u64 + length;
        }
        Ok(size)
    }

    /// Copies it without what goes; `sizes` are those that were measured.
    fn copy(
        &mut self,
        walked: &Nested,
        sizes: &mut impl Iterator<Item = u64>,
        output: &mut Output<'_>,
    ) -> Result<(), ScanError> {
        let mut at = self.first(walked)?;
        output.range(&mut self.window, walked.start, at)?;
        while at < walked.end {
            let (section, fate) = self.section(walked, at)?;
            at = section.end;
            match fate {
                Fate::Dropped => {}
                Fate::Copied => {
                    let length = section.end - section.at;
                    output.bytes(&header(section.id, length))?;
                    output.range(&mut self.window, section.at, section.end)?;
                }
                Fate::Walked(nested) => {
                    let length = sizes.next().unwrap_or_default();
                    output.bytes(&header(section.id, length))?;
                    self.copy(&nested, sizes, output)?;
                }
            }
        }
        Ok(())
    }
}

/// A section's id and size.
fn header(id: u8, length: u64) -> Vec<u8> {
    let mut header = vec![id];
    length.encode(&mut header);
    header
}

/// A blob in the making; what is small is gathered.
struct Output<'a> {
    writer: Box<dyn Writer + 'a>,
    buffer: Vec<u8>,
}

impl Output<'_> {
    fn bytes(&mut self, bytes: &[u8]) -> Result<(), ScanError> {
        self.buffer.extend_from_slice(bytes);
        match self.buffer.len() as u64 >= READ_BYTES {
            true => self.flush(),
            false => Ok(()),
        }
    }

    fn range(&mut self, window: &mut Window<'_>, at: u64, end: u64) -> Result<(), ScanError> {
        let length = end - at;
        if length <= READ_BYTES {
            return self.bytes(&window.bytes(at, length)?);
        }
        self.flush()?;
        Ok(self.writer.splice(window.digest, at, length)?)
    }

    fn flush(&mut self) -> Result<(), ScanError> {
        self.writer.write(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }
}
