//! Standard streams that something watches: the progress line makes way, and
//! what a guest writes is counted; and those that several guests write to, in lines.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

/// Asked before bytes are written; says no with an error that ends the guest.
type Ask = Arc<dyn Fn(usize) -> wasmtime::Result<()> + Send + Sync>;

/// A stream with someone to ask.
pub struct Watched<S> {
    stream: S,
    ask: Ask,
    /// Whether it is no terminal, whatever it is.
    is_plain: bool,
}

impl<S> Watched<S> {
    /// Asks before each write.
    pub fn new(
        stream: S,
        ask: impl Fn(usize) -> wasmtime::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self {
            stream,
            ask: Arc::new(ask),
            is_plain: false,
        }
    }

    /// As a stream that is no terminal, whatever it is.
    pub fn plain(self, is_plain: bool) -> Self {
        Self { is_plain, ..self }
    }
}

impl<S: StdoutStream> IsTerminal for Watched<S> {
    fn is_terminal(&self) -> bool {
        !self.is_plain && self.stream.is_terminal()
    }
}

impl<S: StdoutStream> StdoutStream for Watched<S> {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(Watched {
            stream: Pin::from(self.stream.async_stream()),
            ask: self.ask.clone(),
            is_plain: self.is_plain,
        })
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(Watched {
            stream: self.stream.p2_stream(),
            ask: self.ask.clone(),
            is_plain: self.is_plain,
        })
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Watched<Box<dyn OutputStream>> {
    async fn ready(&mut self) {
        self.stream.ready().await;
    }
}

impl OutputStream for Watched<Box<dyn OutputStream>> {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        (self.ask)(bytes.len()).map_err(StreamError::Trap)?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> StreamResult<()> {
        self.stream.flush()
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.stream.check_write()
    }
}

impl AsyncWrite for Watched<Pin<Box<dyn AsyncWrite + Send + Sync>>> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        (self.ask)(0).map_err(io::Error::other)?;
        let polled = self.stream.as_mut().poll_write(context, bytes);
        // Whoever writes comes again with what was not taken.
        if let Poll::Ready(Ok(taken)) = &polled {
            (self.ask)(*taken).map_err(io::Error::other)?;
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_shutdown(context)
    }
}

/// A standard stream of this process, in whole lines, each after the same words: what
/// several guests write is not mixed up. What a terminal would obey is replaced.
#[derive(Clone)]
pub struct Lines(Arc<Mutex<Line>>);

struct Line {
    before: String,
    to: Standard,
    /// What there is of it.
    bytes: Vec<u8>,
}

/// A standard stream of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standard {
    /// Stdout.
    Out,
    /// Stderr.
    Err,
}

/// Bytes of a line that are kept until it ends: a longer one becomes several.
const LINE: usize = 8 << 10;

impl Lines {
    /// What is put before each line.
    pub fn new(before: String, to: Standard) -> Self {
        Self(Arc::new(Mutex::new(Line {
            before,
            to,
            bytes: Vec::new(),
        })))
    }

    fn take(&self, bytes: &[u8]) -> io::Result<()> {
        let mut line = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        line.take(bytes)
    }
}

impl Line {
    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, ends) = match part.strip_suffix(b"\n") {
                Some(text) => (text, true),
                None => (part, false),
            };
            for text in text.chunks(LINE) {
                if self.bytes.len() + text.len() > LINE {
                    self.end()?;
                }
                self.bytes.extend_from_slice(text);
            }
            if ends {
                self.end()?;
            }
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        let line = shown(&self.before, &std::mem::take(&mut self.bytes));
        match self.to {
            Standard::Out => write_whole(&mut io::stdout().lock(), &line),
            Standard::Err => write_whole(&mut io::stderr().lock(), &line),
        }
    }
}

fn write_whole(stream: &mut impl io::Write, line: &str) -> io::Result<()> {
    stream.write_all(line.as_bytes())?;
    stream.flush()
}

/// A line, with its end.
fn shown(before: &str, bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    let shown = text.chars().map(|character| match character {
        '\t' => '\t',
        character if character.is_control() => '\u{fffd}',
        character => character,
    });
    [before, &shown.collect::<String>(), "\n"].concat()
}

/// What is left of a line when its guest is gone is one.
impl Drop for Line {
    fn drop(&mut self) {
        if !self.bytes.is_empty() {
            // There is nobody to tell.
            let _ = self.end();
        }
    }
}

impl IsTerminal for Lines {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Lines {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Lines {
    async fn ready(&mut self) {}
}

impl OutputStream for Lines {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let taken = self.take(&bytes);
        taken.map_err(|error| StreamError::LastOperationFailed(error.into()))
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(64 << 10)
    }
}

impl AsyncWrite for Lines {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(self.take(bytes).map(|()| bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_shown_as_lines() {
        assert_eq!(shown("[7] ", b"a\tb\x1b[2J\r\n"), "[7] a\tb\u{fffd}[2J\n");
        assert_eq!(shown("[7] ", b"half"), "[7] half\n");
        // Nobody forges another's line.
        assert_eq!(shown("[7] ", b"a\r[8] b\n"), "[7] a\u{fffd}[8] b\n");
        assert_eq!(shown("", b"\xff\n"), "\u{fffd}\n");
    }

    #[test]
    fn a_line_without_an_end_is_several() {
        let mut line = Line {
            before: String::new(),
            to: Standard::Out,
            bytes: Vec::new(),
        };
        line.take(&[b'a'; LINE]).expect("it is kept");
        assert_eq!(line.bytes.len(), LINE);
        line.take(b"b").expect("stdout takes it");
        assert_eq!(line.bytes, b"b");
        line.bytes.clear();
    }
}
