//! Stdin, stdout and stderr.

use compositor_diagnostic::Rule;
use wasip2::cli::terminal_stderr::get_terminal_stderr;
use wasip2::cli::terminal_stdin::get_terminal_stdin;
use wasip2::cli::{stderr, stdin, stdout};
use wasip2::filesystem::types::{ErrorCode as FileError, filesystem_error_code};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

use crate::answer::Failure;
use crate::finding::Finding;

/// What `blocking-write-and-flush` takes at once.
const AT_ONCE: usize = 4096;

/// Writes to stdout; says whether anybody still reads. A reader that went away
/// has seen what it wanted.
pub fn out(bytes: &[u8]) -> Result<bool, Failure> {
    write(&stdout::get_stdout(), bytes).map_err(|cause| {
        Finding::error(
            Rule::StreamFailed,
            format!("cannot write to stdout: {cause}"),
        )
        .help("see where it leads; `-o FILE` writes to a file, where a command has it")
        .into()
    })
}

/// Writes to stderr. When that fails there is nowhere left to say so.
pub fn err(text: &str) {
    err_bytes(text.as_bytes());
}

/// Writes to stderr what may be no text.
pub fn err_bytes(bytes: &[u8]) {
    let _ = write(&stderr::get_stderr(), bytes);
}

/// Whether somebody sits before stdin and stderr, to be asked something.
pub fn is_interactive() -> bool {
    get_terminal_stdin().is_some() && get_terminal_stderr().is_some()
}

/// Stdin, to read to its end.
pub struct Stdin(InputStream);

impl Stdin {
    /// Stdin.
    pub fn open() -> Self {
        Self(stdin::get_stdin())
    }

    /// Some more bytes, or none at the end.
    pub fn read(&self, length: u64) -> Result<Vec<u8>, Failure> {
        loop {
            match self.0.blocking_read(length) {
                Ok(bytes) if bytes.is_empty() => {}
                Ok(bytes) => return Ok(bytes),
                Err(StreamError::Closed) => return Ok(Vec::new()),
                Err(StreamError::LastOperationFailed(error)) => {
                    let message =
                        format!("cannot read stdin: {}", first_line(error.to_debug_string()));
                    return Err(Finding::error(Rule::StreamFailed, message)
                        .help("see what it comes from, or name a file")
                        .into());
                }
            }
        }
    }
}

fn write(stream: &OutputStream, bytes: &[u8]) -> Result<bool, String> {
    for part in bytes.chunks(AT_ONCE) {
        match stream.blocking_write_and_flush(part) {
            Ok(()) => {}
            Err(StreamError::Closed) => return Ok(false),
            Err(StreamError::LastOperationFailed(error)) => {
                let cause = error.to_debug_string();
                let pipe = filesystem_error_code(&error) == Some(FileError::Pipe)
                    || ["roken pipe", "EPIPE"]
                        .iter()
                        .any(|name| cause.contains(name));
                return if pipe {
                    Ok(false)
                } else {
                    Err(first_line(cause))
                };
            }
        }
    }
    Ok(true)
}

/// The cause without what follows it: a host may give its stack.
fn first_line(cause: String) -> String {
    cause.lines().next().unwrap_or_default().to_string()
}
