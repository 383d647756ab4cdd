//! A range of bytes, read forward in pieces.

use std::ops::Range;

use crate::stop::Stop;

/// How much is asked for at a time.
const PIECE: u64 = 256 << 10;

/// Bytes that are read once, and only where somebody looks at them.
pub struct Input<R> {
    read: R,
    /// Where the buffer's unread bytes start.
    at: u64,
    end: u64,
    buffer: Vec<u8>,
    /// How many bytes of the buffer have been taken.
    taken: usize,
}

impl<R, E> Input<R>
where
    R: FnMut(u64, u64) -> Result<Vec<u8>, E>,
{
    pub fn new(read: R, range: Range<u64>) -> Self {
        Self {
            read,
            at: range.start,
            end: range.end,
            buffer: Vec::new(),
            taken: 0,
        }
    }

    /// Where the next byte is.
    pub fn at(&self) -> u64 {
        self.at
    }

    /// How many bytes are left.
    pub fn left(&self) -> u64 {
        self.end - self.at
    }

    /// The next bytes, at least `least` of them unless the range ends.
    pub fn peek(&mut self, least: u64) -> Result<&[u8], Stop<E>> {
        let least = least.min(self.left());
        if ((self.buffer.len() - self.taken) as u64) < least {
            self.buffer.drain(..self.taken);
            self.taken = 0;
            while (self.buffer.len() as u64) < least {
                let have = self.buffer.len() as u64;
                let length = PIECE.min(self.left() - have);
                let piece = (self.read)(self.at + have, length).map_err(Stop::Read)?;
                if piece.is_empty() {
                    return Err("unexpected end of the file".to_string().into());
                }
                match self.buffer.is_empty() {
                    true => self.buffer = piece,
                    false => self.buffer.extend_from_slice(&piece),
                }
            }
        }
        Ok(&self.buffer[self.taken..])
    }

    /// Goes on behind bytes, whether or not they were looked at. Not behind the
    /// end of the range.
    pub fn skip(&mut self, length: u64) {
        let length = length.min(self.left());
        self.at += length;
        let have = (self.buffer.len() - self.taken) as u64;
        match length <= have {
            true => self.taken += length as usize,
            false => {
                self.buffer.clear();
                self.taken = 0;
            }
        }
    }

    /// The next bytes, at most so many and at most a piece.
    pub fn piece(&mut self, most: u64) -> Result<Vec<u8>, Stop<E>> {
        let have = self.peek(1)?;
        let length = have.len().min(most.min(PIECE) as usize);
        let bytes = have[..length].to_vec();
        self.skip(length as u64);
        Ok(bytes)
    }

    /// Exactly so many of the next bytes.
    pub fn bytes(&mut self, length: u64) -> Result<Vec<u8>, Stop<E>> {
        if length > self.left() {
            return Err("unexpected end".to_string().into());
        }
        let bytes = self.peek(length)?[..length as usize].to_vec();
        self.skip(length);
        Ok(bytes)
    }
}
