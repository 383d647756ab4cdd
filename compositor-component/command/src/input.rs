//! What a command reads: a file or stdin, of which the beginning may be looked
//! at before the rest is read.

use compositor_diagnostic::Rule;

use crate::answer::Failure;
use crate::bindings::sys::compose::plan;
use crate::finding::Finding;
use crate::text::Text;
use crate::{files, paths, stdio};

/// How every core module and component begins.
const WASM_MAGIC: &[u8] = b"\0asm";

/// Whether a path means stdin: `-`, or its name on most systems, which no host
/// opens.
pub fn is_stdin(path: &str) -> bool {
    matches!(path, "-" | "/dev/stdin" | "/dev/fd/0" | "/proc/self/fd/0")
}

/// A file or stdin, and what was read of it.
pub struct Input {
    /// The path, or `<stdin>`.
    pub name: String,
    /// The folder that it is in.
    pub folder: String,
    source: Source,
    seen: Vec<u8>,
}

enum Source {
    File(files::Reader),
    Stdin(stdio::Stdin),
}

impl Input {
    /// Opens a file, or stdin.
    pub fn open(path: &str) -> Result<Self, Failure> {
        let (name, folder, source) = match path {
            path if is_stdin(path) => ("<stdin>", ".", Source::Stdin(stdio::Stdin::open())),
            path => (path, paths::parent(path), Source::File(files::open(path)?)),
        };
        Ok(Self {
            name: name.to_string(),
            folder: folder.to_string(),
            source,
            seen: Vec::new(),
        })
    }

    /// The first bytes; fewer than `length` only when there are no more.
    pub fn prefix(&mut self, length: u64) -> Result<&[u8], Failure> {
        if let Source::File(file) = &mut self.source {
            // Growing by and by would take twice as much.
            let wanted = length
                .min(file.size()?)
                .saturating_sub(self.seen.len() as u64);
            self.seen.reserve_exact(wanted as usize);
        }
        while (self.seen.len() as u64) < length {
            let missing = (length - self.seen.len() as u64).min(files::PART);
            let part = self.next(missing)?;
            if part.is_empty() {
                break;
            }
            self.seen.extend_from_slice(&part);
        }
        let length = (self.seen.len() as u64).min(length);
        Ok(&self.seen[..length as usize])
    }

    /// Some more bytes, or none at the end.
    pub fn read(&mut self, length: u64) -> Result<Vec<u8>, Failure> {
        match self.seen.is_empty() {
            true => self.next(length),
            false => Ok(std::mem::take(&mut self.seen)),
        }
    }

    fn next(&mut self, length: u64) -> Result<Vec<u8>, Failure> {
        match &mut self.source {
            Source::File(file) => file.read(length),
            Source::Stdin(stdin) => stdin.read(length),
        }
    }

    /// All of it, when it is at most so many bytes; else none.
    pub fn read_all(&mut self, most: u64) -> Result<Option<Vec<u8>>, Failure> {
        self.prefix(most.saturating_add(1))?;
        let bytes = std::mem::take(&mut self.seen);
        Ok((bytes.len() as u64 <= most).then_some(bytes))
    }

    /// All of it, which is to be a plan or the like.
    pub fn text(&mut self, what: &str) -> Result<Text, Failure> {
        // So that a wrong file is not read whole.
        let most = plan::most_bytes()?;
        let read = self.read_all(most)?;
        let name = self.name.clone();
        let Some(bytes) = read else {
            return Err(Finding::error(
                Rule::FileTooLarge,
                format!("`{name}` is too large to be {what}"),
            )
            .expected(format!("at most {most} bytes (limit `plan-bytes`)"))
            .help(format!(
                "name the file of {what}, not a component or an artifact"
            ))
            .into());
        };
        Ok(Text { name, bytes })
    }

    /// Whether it is a core module or a component.
    pub fn is_wasm(&mut self) -> Result<bool, Failure> {
        Ok(self.prefix(WASM_MAGIC.len() as u64)? == WASM_MAGIC)
    }
}
