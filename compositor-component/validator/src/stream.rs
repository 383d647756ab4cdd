//! A module's sections, as far as they have a part in validation, to the
//! validator.

use wasmparser::{BinaryReader, Chunk, Parser, Payload, ValidPayload, Validator, WasmFeatures};

use crate::data::without_data;
use crate::features::FEATURES;
use crate::functions::Bodies;
use crate::input::Input;
use crate::stop::Stop;
use crate::work;

const CUSTOM: u8 = 0;
const CODE: u8 = 10;
const DATA: u8 = 11;

/// Validates all of a module but the bodies of its functions, which go to
/// `check`; it ends early when that answers that one is invalid.
pub fn stream<R, E>(
    input: &mut Input<R>,
    features: WasmFeatures,
    check: &mut dyn FnMut(Bodies) -> bool,
) -> Result<(), Stop<E>>
where
    R: FnMut(u64, u64) -> Result<Vec<u8>, E>,
{
    let mut stream = Stream::new(features, check);
    let header = input.left().min(8);
    stream.push(&input.bytes(header)?)?;
    while input.left() > 0 && !stream.is_stopped {
        let (id, head, length) = section(input)?;
        match id {
            // Their names are the business of who reads them.
            CUSTOM => {
                input.skip(length);
                continue;
            }
            CODE => {
                stream.push(&head)?;
                let end = input.at() + length;
                while input.at() < end && !stream.is_stopped {
                    stream.push(&input.piece(end - input.at())?)?;
                }
            }
            DATA => {
                let emptied = without_data(input, length)?;
                stream.push(&[DATA])?;
                stream.push(&leb128(emptied.len()))?;
                stream.push(&emptied)?;
            }
            _ => {
                stream.push(&head)?;
                stream.push(&input.bytes(length)?)?;
            }
        }
    }
    stream.end()
}

/// Takes the head of a section: its id, its bytes, and the payload's length.
fn section<R, E>(input: &mut Input<R>) -> Result<(u8, Vec<u8>, u64), Stop<E>>
where
    R: FnMut(u64, u64) -> Result<Vec<u8>, E>,
{
    let mut reader = BinaryReader::new(input.peek(6)?, 0);
    let id = reader.read_u8()?;
    let length = u64::from(reader.read_var_u32()?);
    let head = reader.original_position();
    let head = input.bytes(head)?;
    match length <= input.left() {
        true => Ok((id, head, length)),
        false => Err("unexpected end".to_string().into()),
    }
}

fn leb128(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// Feeds the validator what the module's sections are worth to it.
struct Stream<'a> {
    parser: Parser,
    validator: Validator,
    check: &'a mut dyn FnMut(Bodies) -> bool,
    /// What is not parsed yet, and where that is in the stream.
    buffer: Vec<u8>,
    at: u64,
    is_stopped: bool,
    /// Whether an instruction may pop or push many values.
    is_wide: bool,
}

impl<'a> Stream<'a> {
    fn new(features: WasmFeatures, check: &'a mut dyn FnMut(Bodies) -> bool) -> Self {
        let mut parser = Parser::new(0);
        parser.set_features(FEATURES);
        Self {
            parser,
            validator: Validator::new_with_features(features),
            check,
            buffer: Vec::new(),
            at: 0,
            is_stopped: false,
            is_wide: false,
        }
    }

    fn push(&mut self, bytes: &[u8]) -> wasmparser::Result<()> {
        self.buffer.extend_from_slice(bytes);
        self.advance(false)
    }

    fn end<E>(&mut self) -> Result<(), Stop<E>> {
        match self.is_stopped {
            true => Ok(()),
            false => Ok(self.advance(true)?),
        }
    }

    fn advance(&mut self, is_end: bool) -> wasmparser::Result<()> {
        let mut done = 0;
        let mut functions = Vec::new();
        let advanced = loop {
            match self.parser.parse(&self.buffer[done..], is_end) {
                Ok(Chunk::NeedMoreData(_)) => break Ok(()),
                Ok(Chunk::Parsed { payload, consumed }) => {
                    done += consumed;
                    if let Payload::TypeSection(types) = &payload {
                        // What cannot be read is invalid, which the validator says.
                        let mut groups = types.clone().into_iter().flatten();
                        self.is_wide |= groups.any(|group| work::is_wide(&group));
                    }
                    match self.validator.payload(&payload) {
                        Ok(ValidPayload::Func(function, body)) => {
                            let range = body.range();
                            let start = (range.start - self.at) as usize;
                            let end = (range.end - self.at) as usize;
                            functions.push((function, start..end));
                        }
                        Ok(ValidPayload::End(_)) => break Ok(()),
                        Ok(ValidPayload::Ok | ValidPayload::Parser(_)) => {}
                        Err(error) => break Err(error),
                    }
                }
                Err(error) => break Err(error),
            }
        };
        let rest = self.buffer.split_off(done);
        let bytes = std::mem::replace(&mut self.buffer, rest);
        let at = self.at;
        self.at += done as u64;
        if !functions.is_empty() {
            let bodies = Bodies {
                bytes,
                at,
                functions,
                is_wide: self.is_wide,
            };
            self.is_stopped |= !(self.check)(bodies);
        }
        advanced
    }
}
