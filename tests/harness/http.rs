//! A small HTTP/1.1 client on plain sockets, and load made with it.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// More than any answer takes, on any machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection to a server.
pub struct Client {
    reader: BufReader<TcpStream>,
    /// Whether the server said that it closes it behind the last answer.
    is_last: bool,
}

/// The head of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its status.
    pub status: u16,
    length: Length,
}

/// How the end of a body is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Length {
    Bytes(u64),
    Chunked,
}

impl Client {
    /// Connects to `HOST:PORT`.
    pub fn connect(address: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let reader = BufReader::with_capacity(64 << 10, stream);
        Ok(Self {
            reader,
            is_last: false,
        })
    }

    /// Asks for a path; returns the status and the body.
    pub fn get(&mut self, path: &str) -> io::Result<(u16, Vec<u8>)> {
        let request = format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n");
        self.write(request.as_bytes())?;
        self.answer()
    }

    /// Reads an answer: its status and its body.
    pub fn answer(&mut self) -> io::Result<(u16, Vec<u8>)> {
        let head = self.head()?;
        let mut body = Vec::new();
        self.body(&head, |bytes| body.extend_from_slice(bytes))?;
        Ok((head.status, body))
    }

    /// Sends a body to a path; returns the status and the body of the answer, which is
    /// not read before all is sent.
    pub fn post(&mut self, path: &str, body: &[u8]) -> io::Result<(u16, Vec<u8>)> {
        let length = body.len();
        let head =
            format!("POST {path} HTTP/1.1\r\nhost: test\r\ncontent-length: {length}\r\n\r\n");
        self.write(&[head.as_bytes(), body].concat())?;
        self.answer()
    }

    /// Sends bytes as they are.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.reader.get_mut().write_all(bytes)
    }

    /// A second hold of the connection, to write from another thread.
    pub fn writer(&self) -> io::Result<TcpStream> {
        self.reader.get_ref().try_clone()
    }

    /// Reads the head of a response.
    pub fn head(&mut self) -> io::Result<Head> {
        let line = self.line()?;
        let status = line
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| wrong(&line))?;
        let mut length = Length::Bytes(0);
        loop {
            let line = self.line()?;
            match line.split_once(": ") {
                None if line.is_empty() => return Ok(Head { status, length }),
                None => return Err(wrong(&line)),
                Some(("content-length", text)) => {
                    length = Length::Bytes(text.parse().map_err(|_| wrong(&line))?);
                }
                Some(("transfer-encoding", "chunked")) => length = Length::Chunked,
                Some(("connection", "close")) => self.is_last = true,
                Some(_) => {}
            }
        }
    }

    /// Reads a body piece by piece; fails when it breaks off.
    pub fn body(&mut self, head: &Head, mut each: impl FnMut(&[u8])) -> io::Result<()> {
        match head.length {
            Length::Bytes(length) => self.bytes(length, &mut each),
            Length::Chunked => loop {
                let line = self.line()?;
                let size = u64::from_str_radix(&line, 16).map_err(|_| wrong(&line))?;
                self.bytes(size, &mut each)?;
                self.line()?;
                if size == 0 {
                    return Ok(());
                }
            },
        }
    }

    /// Whether the server closes the connection, and says nothing before.
    pub fn is_closed(&mut self) -> io::Result<bool> {
        Ok(self.reader.fill_buf()?.is_empty())
    }

    fn bytes(&mut self, count: u64, each: &mut impl FnMut(&[u8])) -> io::Result<()> {
        let mut left = count;
        while left > 0 {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let taken = buffer
                .len()
                .min(usize::try_from(left).unwrap_or(usize::MAX));
            each(&buffer[..taken]);
            self.reader.consume(taken);
            left -= taken as u64;
        }
        Ok(())
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.reader.by_ref().take(64 << 10).read_line(&mut line)?;
        match line.strip_suffix("\r\n") {
            Some(line) => Ok(line.to_string()),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

fn wrong(line: &str) -> io::Error {
    io::Error::other(format!("not HTTP as it should be: {line:?}"))
}

/// What came of load.
#[derive(Clone, Copy, Debug)]
pub struct Report {
    /// Requests that were made.
    pub requests: usize,
    /// Those that failed, or whose answer was another than it should be.
    pub errors: usize,
    /// Seconds that all took together.
    pub seconds: f64,
    /// Seconds that half of the requests took at the most, connecting included.
    pub p50: f64,
    /// Seconds that 99 of a hundred took at the most.
    pub p99: f64,
}

/// Asks for a path this often, over so many connections at once, each as soon
/// as it has its last answer, whose status is to be 200. A connection that fails, or that
/// the server ends, is opened again.
pub fn load(address: &str, path: &str, connections: usize, requests: usize) -> Report {
    load_with(address, connections, requests, |client| {
        client.get(path).is_ok_and(|(status, _)| status == 200)
    })
}

/// The same with a body that is sent each time, and is to come back as it was.
pub fn load_echo(
    address: &str,
    path: &str,
    body: &[u8],
    connections: usize,
    requests: usize,
) -> Report {
    load_with(address, connections, requests, |client| {
        let answer = client.post(path, body);
        answer.is_ok_and(|(status, echo)| status == 200 && echo == body)
    })
}

/// Asks in some way, which says whether the answer was right.
fn load_with(
    address: &str,
    connections: usize,
    requests: usize,
    ask: impl Fn(&mut Client) -> bool + Sync,
) -> Report {
    let (begun, errors) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let started = Instant::now();
    let each = || {
        let (mut client, mut times) = (None, Vec::new());
        while begun.fetch_add(1, Ordering::Relaxed) < requests {
            let asked = Instant::now();
            client = client.or_else(|| Client::connect(address).ok());
            let is_right = client.as_mut().is_some_and(&ask);
            times.push(asked.elapsed().as_secs_f64());
            if !is_right {
                errors.fetch_add(1, Ordering::Relaxed);
            }
            client = client.filter(|client| is_right && !client.is_last);
        }
        times
    };
    let mut times: Vec<f64> = thread::scope(|scope| {
        let threads: Vec<_> = (0..connections).map(|_| scope.spawn(each)).collect();
        let times = threads.into_iter().map(|thread| thread.join());
        times
            .flat_map(|times| times.expect("load does not panic"))
            .collect()
    });
    let seconds = started.elapsed().as_secs_f64();
    times.sort_by(f64::total_cmp);
    let at_most = |part: f64| {
        let last = (times.len() as f64 * part).ceil() as usize;
        times
            .get(last.saturating_sub(1))
            .copied()
            .unwrap_or_default()
    };
    Report {
        requests,
        errors: errors.into_inner(),
        seconds,
        p50: at_most(0.5),
        p99: at_most(0.99),
    }
}
