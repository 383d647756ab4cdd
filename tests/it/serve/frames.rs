//! HTTP/2 by hand: frames as they are, right or wrong.

use std::io::{self, Read, Write};
use std::net::TcpStream;

/// What a client says first, with settings.
pub fn preface(settings: &[u8]) -> Vec<u8> {
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend(frame(SETTINGS, 0, 0, settings));
    bytes
}

/// Kinds of frames.
pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
pub const WINDOW_UPDATE: u8 = 8;
pub const CONTINUATION: u8 = 9;

/// Flags.
pub const END_STREAM: u8 = 1;
pub const ACK: u8 = 1;
pub const END_HEADERS: u8 = 4;

/// `SETTINGS_INITIAL_WINDOW_SIZE`, of nothing.
pub const NO_WINDOW: [u8; 6] = [0, 4, 0, 0, 0, 0];

/// A frame.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short payload");
    let mut bytes = length.to_be_bytes()[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// A request's head.
pub fn request(stream: u32, method: &str, path: &str, flags: u8) -> Vec<u8> {
    let fields = [
        (":method", method),
        (":scheme", "http"),
        (":path", path),
        (":authority", "test"),
    ];
    let block: Vec<u8> = fields
        .iter()
        .flat_map(|(name, value)| literal(name, value))
        .collect();
    frame(HEADERS, END_HEADERS | flags, stream, &block)
}

/// A header without indexing, whose name and value are short.
pub fn literal(name: &str, value: &str) -> Vec<u8> {
    let text = |text: &str| {
        assert!(text.len() < 127, "{text}");
        [&[text.len() as u8], text.as_bytes()].concat()
    };
    [vec![0], text(name), text(value)].concat()
}

/// A connection that asks as it should, one request at a time.
pub struct Two {
    stream: TcpStream,
    next: u32,
}

impl Two {
    /// A connection over a stream.
    pub fn new(mut stream: TcpStream) -> io::Result<Self> {
        stream.write_all(&preface(&[]))?;
        Ok(Self { stream, next: 1 })
    }

    /// Sends a request; returns the status, when it is 200, and the body.
    pub fn ask(&mut self, method: &str, path: &str, body: &[u8]) -> io::Result<(u16, Vec<u8>)> {
        let stream = self.next;
        self.next += 2;
        let flags = if body.is_empty() { END_STREAM } else { 0 };
        let mut bytes = request(stream, method, path, flags);
        if !body.is_empty() {
            bytes.extend(frame(DATA, END_STREAM, stream, body));
        }
        self.stream.write_all(&bytes)?;
        let (mut status, mut answer) = (0, Vec::new());
        loop {
            let mut head = [0; 9];
            self.stream.read_exact(&mut head)?;
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut payload = vec![0; length as usize];
            self.stream.read_exact(&mut payload)?;
            let (kind, flags) = (head[3], head[4]);
            let of = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
            match kind {
                SETTINGS | PING if flags & ACK == 0 => {
                    let payload = if kind == PING { &payload[..] } else { &[] };
                    self.stream.write_all(&frame(kind, ACK, 0, payload))?;
                }
                // The first field is the status, which 200 has an index for.
                HEADERS if of == stream && status == 0 => {
                    status = if payload.first() == Some(&0x88) {
                        200
                    } else {
                        500
                    };
                }
                DATA if of == stream => {
                    answer.extend(&payload);
                    if length > 0 {
                        let more = length.to_be_bytes();
                        let mut windows = frame(WINDOW_UPDATE, 0, 0, &more);
                        windows.extend(frame(WINDOW_UPDATE, 0, stream, &more));
                        self.stream.write_all(&windows)?;
                    }
                }
                RST_STREAM if of == stream => return Err(io::Error::other("it was reset")),
                GOAWAY => return Err(io::Error::other("the connection ends")),
                _ => {}
            }
            let is_end = of == stream && matches!(kind, HEADERS | DATA);
            if is_end && flags & END_STREAM != 0 {
                return Ok((status, answer));
            }
        }
    }
}
