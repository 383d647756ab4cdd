//! Where a result goes that is not a message: `-o`.

use compositor_diagnostic::Rule;
use serde_json::Value;

use crate::answer::{Answer, Failure};
use crate::bindings::sys::compose::blobs;
use crate::finding::Finding;
use crate::invocation::{Format, Invocation};
use crate::wrap::filled;
use crate::write::{self, Durability};
use crate::{escape, files, paths, stdio};

/// Bytes that an answer for programs carries at the most; it is made and read
/// as one line.
const ANSWER_BYTES: u64 = 1 << 20;

/// A place for bytes.
pub enum Output {
    /// Stdout.
    Stdout,
    /// A file.
    File(String),
    /// The file that was read, or the one that links with its name lead to.
    InPlace(String),
    /// A field of the answer: for programs, when no file was named.
    Answer,
}

impl Output {
    /// What `-o` says, if it was given.
    pub fn given(invocation: &Invocation) -> Result<Option<Self>, Failure> {
        match (invocation.value("output"), invocation.format) {
            (None, _) => Ok(None),
            (Some("-"), Format::Text) => Ok(Some(Self::Stdout)),
            (Some("-"), Format::Json) => Err(invocation
                .misuse("`--format json` takes stdout for its object: name a file with `-o`")),
            (Some(path), _) => Ok(Some(Self::File(path.to_string()))),
        }
    }

    /// What `-o` says, or whoever reads the answer.
    pub fn or_reader(invocation: &Invocation) -> Result<Self, Failure> {
        let reader = match invocation.format {
            Format::Text => Self::Stdout,
            Format::Json => Self::Answer,
        };
        Ok(Self::given(invocation)?.unwrap_or(reader))
    }

    /// The folder that a plan's sources are seen from when it is written here.
    pub fn folder(&self) -> &str {
        match self {
            Self::File(path) | Self::InPlace(path) => paths::parent(path),
            // As a plan on stdin is read.
            Self::Stdout | Self::Answer => ".",
        }
    }

    /// Writes bytes, and says so.
    pub fn write(&self, bytes: &[u8]) -> Result<Answer, Failure> {
        match self {
            Self::Stdout => {
                stdio::out(bytes)?;
                Ok(taken())
            }
            Self::File(path) => {
                write::file(path, Durability::Durable, |file| file.write(bytes))?;
                Ok(wrote(path, bytes.len() as u64))
            }
            Self::InPlace(path) => {
                write::in_place(path, Durability::Durable, |file| file.write(bytes))?;
                Ok(wrote(path, bytes.len() as u64))
            }
            Self::Answer => in_answer("hex", bytes, hex),
        }
    }

    /// Writes a plan, and says so: in an answer, JSON is itself.
    pub fn write_plan(&self, bytes: &[u8]) -> Result<Answer, Failure> {
        match (self, serde_json::from_slice::<Value>(bytes)) {
            (Self::Answer, Ok(plan)) => in_answer("document", bytes, |_| plan),
            _ => self.write(bytes),
        }
    }

    /// Writes a blob part by part, and says so.
    pub fn write_blob(&self, digest: &blobs::Digest) -> Result<Answer, Failure> {
        match self {
            Self::Stdout => {
                print(digest)?;
                Ok(taken())
            }
            Self::File(path) | Self::InPlace(path) => {
                let size = write::file(path, Durability::Derived, |file| file.blob(digest))?;
                Ok(wrote(path, size))
            }
            // One more tells that it is too large.
            Self::Answer => in_answer("hex", &blobs::read(digest, 0, ANSWER_BYTES + 1)?, hex),
        }
    }
}

fn taken() -> Answer {
    Answer {
        stdout_taken: true,
        ..Answer::default()
    }
}

fn wrote(path: &str, size: u64) -> Answer {
    let path_shown = escape::line(path);
    let text = filled(["wrote", &path_shown, &format!("({size} bytes)")], 2) + "\n";
    Answer::text(text).field("output", path).field("size", size)
}

fn in_answer(
    field: &str,
    bytes: &[u8],
    shown: impl FnOnce(&[u8]) -> Value,
) -> Result<Answer, Failure> {
    let size = bytes.len() as u64;
    if size > ANSWER_BYTES {
        return Err(Finding::error(
            Rule::AnswerTooLarge,
            "the result is too large for one JSON object",
        )
        .expected(format!("at most {ANSWER_BYTES} bytes"))
        .help("write it to a file with `-o FILE`")
        .into());
    }
    Ok(Answer::default()
        .field(field, shown(bytes))
        .field("size", size))
}

fn hex(bytes: &[u8]) -> Value {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.into()
}

/// Writes a blob to stdout, part by part.
fn print(digest: &blobs::Digest) -> Result<(), Failure> {
    let mut offset = 0;
    loop {
        let part = blobs::read(digest, offset, files::PART)?;
        let goes_on = stdio::out(&part)?;
        offset += part.len() as u64;
        // Only the end of the blob gives fewer bytes than were asked for.
        if !goes_on || (part.len() as u64) < files::PART {
            return Ok(());
        }
    }
}
