//! Where a result goes that is not a message: `-o`.

use crate::answer::{Answer, Failure};
use crate::args::{Format, Invocation};
use crate::bindings::sys::compose::blobs;
use crate::{files, stdio};

/// A place for bytes.
pub enum Output {
    /// Stdout.
    Stdout,
    /// A file.
    File(String),
}

impl Output {
    /// What `-o` says, if it was given.
    pub fn given(invocation: &Invocation) -> Result<Option<Self>, Failure> {
        match invocation.value("output") {
            None => Ok(None),
            Some("-") => Self::stdout(invocation).map(Some),
            Some(path) => Ok(Some(Self::File(path.to_string()))),
        }
    }

    /// What `-o` says, or stdout.
    pub fn or_stdout(invocation: &Invocation) -> Result<Self, Failure> {
        match Self::given(invocation)? {
            Some(output) => Ok(output),
            None => Self::stdout(invocation),
        }
    }

    fn stdout(invocation: &Invocation) -> Result<Self, Failure> {
        match invocation.format {
            Format::Text => Ok(Self::Stdout),
            Format::Json => Err(invocation
                .misuse("`--format json` takes stdout for its object: name a file with `-o`")),
        }
    }

    /// Writes bytes, and says so.
    pub fn write(&self, bytes: &[u8]) -> Result<Answer, Failure> {
        match self {
            Self::Stdout => drop(stdio::out(bytes)?),
            Self::File(path) => files::write(path, |file| file.write(bytes))?,
        }
        Ok(self.answer(bytes.len() as u64))
    }

    /// Writes a blob part by part, and says so.
    pub fn write_blob(&self, digest: &blobs::Digest) -> Result<Answer, Failure> {
        let mut size = 0;
        match self {
            Self::Stdout => size = copy(digest, stdio::out)?,
            Self::File(path) => files::write(path, |file| {
                size = copy(digest, |part| file.write(part).map(|()| true))?;
                Ok(())
            })?,
        }
        Ok(self.answer(size))
    }

    fn answer(&self, size: u64) -> Answer {
        match self {
            Self::Stdout => Answer {
                stdout_taken: true,
                ..Answer::default()
            },
            Self::File(path) => {
                let path = path.as_str();
                let text = format!("wrote {} ({size} bytes)\n", crate::escape::line(path));
                Answer::text(text).field("output", path).field("size", size)
            }
        }
    }
}

fn copy(
    digest: &blobs::Digest,
    mut write: impl FnMut(&[u8]) -> Result<bool, Failure>,
) -> Result<u64, Failure> {
    let mut offset = 0;
    loop {
        let part = blobs::read(digest, offset, files::PART)?;
        let goes_on = write(&part)?;
        offset += part.len() as u64;
        // Only the end of the blob gives fewer bytes than were asked for.
        if !goes_on || (part.len() as u64) < files::PART {
            return Ok(offset);
        }
    }
}
