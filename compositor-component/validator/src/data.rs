//! Data sections without their data.

use wasmparser::{BinaryReader, ConstExpr};

use crate::input::Input;
use crate::stop::Stop;

/// The longest head of a segment: an offset expression may be long.
const HEAD: u64 = 1 << 20;

/// A data section of so many bytes with the same segments, each without its
/// bytes: their length and content have no part in validation, and they may be
/// gigabytes.
pub fn without_data<R, E>(input: &mut Input<R>, length: u64) -> Result<Vec<u8>, Stop<E>>
where
    R: FnMut(u64, u64) -> Result<Vec<u8>, E>,
{
    let end = input.at().saturating_add(length);
    let mut out = Vec::new();
    let (head, count) = item(input, end, |reader| reader.read_var_u32())?;
    out.extend(head);
    for _ in 0..count {
        let (head, ()) = item(input, end, |reader| {
            let flags = reader.read_var_u32()?;
            if flags == 2 {
                reader.read_var_u32()?;
            }
            if flags != 1 {
                reader.read::<ConstExpr<'_>>()?;
            }
            Ok(())
        })?;
        out.extend(head);
        let (_, length) = item(input, end, |reader| reader.read_var_u32())?;
        out.push(0);
        if u64::from(length) > end.saturating_sub(input.at()) {
            let what = format!("data segment at byte {}: unexpected end", input.at());
            return Err(Stop::from(what));
        }
        input.skip(length.into());
    }
    match input.at() == end {
        true => Ok(out),
        false => {
            let what = "data section: bytes follow its segments";
            Err(Stop::from(what.to_string()))
        }
    }
}

/// Reads an item before an end. Its size shows when it is read: most are small,
/// so what is looked at grows until the item fits.
fn item<R, E, T>(
    input: &mut Input<R>,
    end: u64,
    read: impl Fn(&mut BinaryReader<'_>) -> wasmparser::Result<T>,
) -> Result<(Vec<u8>, T), Stop<E>>
where
    R: FnMut(u64, u64) -> Result<Vec<u8>, E>,
{
    let most = end.saturating_sub(input.at()).min(HEAD);
    let mut least = most.min(4096);
    loop {
        let bytes = input.peek(least)?;
        let bytes = &bytes[..bytes.len().min(least as usize)];
        let mut reader = BinaryReader::new(bytes, 0);
        match read(&mut reader) {
            Ok(value) => {
                let taken = bytes[..reader.original_position() as usize].to_vec();
                input.skip(taken.len() as u64);
                return Ok((taken, value));
            }
            Err(_) if least < most => least = (least * 2).min(most),
            Err(error) => {
                let (at, message) = (input.at(), error.message());
                return Err(Stop::from(format!("data segment at byte {at}: {message}")));
            }
        }
    }
}
