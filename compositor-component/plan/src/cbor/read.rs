//! Bytes to items: the decoder of the profile, and of CBOR of any form.
//!
//! One file because reading and what it refuses are one table.

use half::f16;

use crate::nfc::{is_nfc, nfc};
use compositor_diagnostic::limits::Limits;

/// Where bytes leave the profile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at byte {offset}: {message} ({rule})")]
pub struct Violation {
    /// Byte offset of the offending item.
    pub offset: usize,
    /// The rule's short name.
    pub rule: &'static str,
    /// A sentence for people.
    pub message: &'static str,
}

/// An item and the bytes it takes.
#[derive(Clone, Debug)]
pub struct Item {
    /// Where its bytes start.
    pub start: usize,
    /// Where they end.
    pub end: usize,
    /// What it is.
    pub kind: Kind,
}

/// What an item is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A number from 0 to 2^64 - 1: major type 0.
    Unsigned(u64),
    /// The value is `-1 - n`.
    Negative(u64),
    /// Bytes: major type 2.
    Bytes(Vec<u8>),
    /// UTF-8: major type 3.
    Text(String),
    /// Items in order: major type 4.
    Array(Vec<Item>),
    /// Keys and their values, in order: major type 5.
    Map(Vec<(Item, Item)>),
    /// A tagged item: major type 6.
    Tag(u64, Box<Item>),
    /// `false` or `true`.
    Bool(bool),
    /// `null`.
    Null,
    /// `undefined`.
    Undefined,
    /// Another simple value.
    Simple(u8),
    /// A number in floating point, of whatever width.
    Float(f64),
}

/// Checks that the bytes are one canonical item.
pub fn check(bytes: &[u8], limits: &Limits) -> Result<(), Violation> {
    decode(bytes, limits).map(drop)
}

/// Decodes one canonical item that fills the bytes.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Item, Violation> {
    decode_as(Form::Canonical, bytes, limits)
}

/// Decodes one well-formed item that fills the bytes, canonical or not. Text is
/// put in normalization form C; keys may stand in any order, and twice.
pub fn decode_any(bytes: &[u8], limits: &Limits) -> Result<Item, Violation> {
    decode_as(Form::Any, bytes, limits)
}

/// Which of the encodings of a value are accepted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Canonical,
    Any,
}

fn decode_as(form: Form, bytes: &[u8], limits: &Limits) -> Result<Item, Violation> {
    let mut decoder = Decoder {
        bytes,
        at: 0,
        items: 0,
        limits,
        form,
    };
    let item = decoder.item(0)?;
    if decoder.at < bytes.len() {
        return Err(Violation {
            offset: decoder.at,
            rule: "trailing-bytes",
            message: "bytes follow the end of the item",
        });
    }
    Ok(item)
}

struct Decoder<'a> {
    bytes: &'a [u8],
    at: usize,
    items: usize,
    limits: &'a Limits,
    form: Form,
}

impl Decoder<'_> {
    fn item(&mut self, depth: usize) -> Result<Item, Violation> {
        let start = self.at;
        let fail = |rule, message| {
            Err(Violation {
                offset: start,
                rule,
                message,
            })
        };
        // Checked before recursing: the input decides how deep this goes.
        if depth > self.limits.nesting {
            return fail("nesting", "items nest deeper than the limit `nesting`");
        }
        self.items += 1;
        if self.items > self.limits.values {
            return fail("values", "there are more items than the limit `values`");
        }
        let initial = self.take(1, start)?[0];
        let (major, info) = (initial >> 5, initial & 0x1f);
        if info == 31 {
            return match (major, self.form) {
                (7, _) => fail("break", "a break stands outside an indefinite item"),
                (2..=5, Form::Any) => {
                    let kind = self.indefinite(major, depth, start)?;
                    Ok(Item {
                        start,
                        end: self.at,
                        kind,
                    })
                }
                _ => fail("definite-length", "the length is indefinite"),
            };
        }
        if (28..31).contains(&info) {
            return fail("reserved", "the additional information is reserved");
        }
        if major == 7 {
            let kind = self.simple(info, start)?;
            return Ok(Item {
                start,
                end: self.at,
                kind,
            });
        }
        let argument = self.argument(info, start)?;
        let kind = match major {
            0 => Kind::Unsigned(argument),
            1 => Kind::Negative(argument),
            2 => Kind::Bytes(self.take(argument, start)?.to_vec()),
            3 => {
                let bytes = self.take(argument, start)?.to_vec();
                Kind::Text(self.text(bytes, start)?)
            }
            4 => {
                self.room(argument, start)?;
                let items = (0..argument).map(|_| self.item(depth + 1));
                Kind::Array(items.collect::<Result<_, _>>()?)
            }
            5 => {
                self.room(argument.saturating_mul(2), start)?;
                Kind::Map(self.map(argument, depth)?)
            }
            _ => {
                let content = self.item(depth + 1)?;
                // Section 3.4.3: what fits into an integer is no bignum, and a
                // bignum has no leading zeros.
                if let (2 | 3, Kind::Bytes(bytes)) = (argument, &content.kind)
                    && (bytes.len() <= 8 || bytes[0] == 0)
                    && self.form == Form::Canonical
                {
                    return fail("shortest-int", "the bignum is not in its shortest form");
                }
                Kind::Tag(argument, Box::new(content))
            }
        };
        Ok(Item {
            start,
            end: self.at,
            kind,
        })
    }

    fn text(&self, bytes: Vec<u8>, start: usize) -> Result<String, Violation> {
        let fail = |rule, message| {
            Err(Violation {
                offset: start,
                rule,
                message,
            })
        };
        match String::from_utf8(bytes) {
            Err(_) => fail("utf8", "the text is not UTF-8"),
            Ok(text) if self.form == Form::Any => Ok(nfc(text)),
            Ok(text) if !is_nfc(&text) => {
                fail("nfc", "the text is not in Unicode normalization form C")
            }
            Ok(text) => Ok(text),
        }
    }

    /// What has no length, and ends with a break.
    fn indefinite(&mut self, major: u8, depth: usize, start: usize) -> Result<Kind, Violation> {
        let (mut items, mut bytes) = (Vec::new(), Vec::new());
        while self.bytes.get(self.at) != Some(&0xff) {
            let item = self.item(depth + 1)?;
            match (major, item.kind) {
                (2, Kind::Bytes(part)) => bytes.extend(part),
                (3, Kind::Text(part)) => bytes.extend(part.into_bytes()),
                (2 | 3, _) => {
                    return Err(Violation {
                        offset: item.start,
                        rule: "definite-length",
                        message: "a part of an indefinite string is no string of its kind",
                    });
                }
                (_, kind) => items.push(Item { kind, ..item }),
            }
        }
        // The break.
        self.take(1, start)?;
        match major {
            2 => Ok(Kind::Bytes(bytes)),
            3 => Ok(Kind::Text(self.text(bytes, start)?)),
            4 => Ok(Kind::Array(items)),
            _ if items.len() % 2 == 1 => Err(truncated(start)),
            _ => {
                let mut items = items.into_iter();
                let pairs = std::iter::from_fn(|| Some((items.next()?, items.next()?)));
                Ok(Kind::Map(pairs.collect()))
            }
        }
    }

    fn map(&mut self, pairs: u64, depth: usize) -> Result<Vec<(Item, Item)>, Violation> {
        let mut map: Vec<(Item, Item)> = Vec::new();
        for _ in 0..pairs {
            let key = self.item(depth + 1)?;
            if let Some((before, _)) = map.last()
                && self.form == Form::Canonical
            {
                let fail = |rule, message| {
                    Err(Violation {
                        offset: key.start,
                        rule,
                        message,
                    })
                };
                let (before, this) = (
                    &self.bytes[before.start..before.end],
                    &self.bytes[key.start..key.end],
                );
                if before == this {
                    return fail("duplicate-key", "the map has this key twice");
                }
                if before > this {
                    return fail("key-order", "the map's keys are not in bytewise order");
                }
            }
            let value = self.item(depth + 1)?;
            map.push((key, value));
        }
        Ok(map)
    }

    fn argument(&mut self, info: u8, start: usize) -> Result<u64, Violation> {
        let (value, least) = match info {
            0..24 => return Ok(info.into()),
            24 => (self.uint(1, start)?, 24),
            25 => (self.uint(2, start)?, 1 << 8),
            26 => (self.uint(4, start)?, 1 << 16),
            _ => (self.uint(8, start)?, 1 << 32),
        };
        if value < least && self.form == Form::Canonical {
            return Err(Violation {
                offset: start,
                rule: "shortest-int",
                message: "the number or length is not in its shortest form",
            });
        }
        Ok(value)
    }

    fn simple(&mut self, info: u8, start: usize) -> Result<Kind, Violation> {
        let fail = |rule, message| {
            Err(Violation {
                offset: start,
                rule,
                message,
            })
        };
        let value = match info {
            20 | 21 => return Ok(Kind::Bool(info == 21)),
            22 => return Ok(Kind::Null),
            23 => return Ok(Kind::Undefined),
            0..20 => return Ok(Kind::Simple(info)),
            24 => {
                let value = self.uint(1, start)? as u8;
                return match value {
                    0..32 if self.form == Form::Canonical => {
                        fail("simple", "the simple value is not in its shortest form")
                    }
                    _ => Ok(Kind::Simple(value)),
                };
            }
            25 => f16::from_bits(self.uint(2, start)? as u16).to_f64(),
            26 => f64::from(f32::from_bits(self.uint(4, start)? as u32)),
            _ => f64::from_bits(self.uint(8, start)?),
        };
        if self.form == Form::Any {
            return Ok(Kind::Float(value));
        }
        if value.is_nan() {
            return match &self.bytes[start..self.at] {
                [0xf9, 0x7e, 0x00] => Ok(Kind::Float(value)),
                _ => fail("nan", "the only NaN is f97e00"),
            };
        }
        let fits_single = f64::from(value as f32).to_bits() == value.to_bits();
        let fits_half = f16::from_f64(value).to_f64().to_bits() == value.to_bits();
        if (info == 27 && fits_single) || (info == 26 && fits_half) {
            return fail("shortest-float", "the float is not in its shortest form");
        }
        Ok(Kind::Float(value))
    }

    fn uint(&mut self, width: usize, start: usize) -> Result<u64, Violation> {
        let bytes = self.take(width as u64, start)?;
        Ok(bytes
            .iter()
            .fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    /// Refuses a count that the remaining bytes cannot hold, before anything
    /// is allocated for it.
    fn room(&self, items: u64, start: usize) -> Result<(), Violation> {
        if items > (self.bytes.len() - self.at) as u64 {
            return Err(truncated(start));
        }
        Ok(())
    }

    fn take(&mut self, count: u64, start: usize) -> Result<&[u8], Violation> {
        self.room(count, start)?;
        let taken = &self.bytes[self.at..self.at + count as usize];
        self.at += taken.len();
        Ok(taken)
    }
}

fn truncated(offset: usize) -> Violation {
    Violation {
        offset,
        rule: "truncated",
        message: "the bytes end inside the item",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(bytes: &[u8]) -> &'static str {
        decode(bytes, &Limits::default()).map_or_else(|violation| violation.rule, |_| "ok")
    }

    #[test]
    fn rules() {
        assert_eq!(rule(&[0x18, 0x17]), "shortest-int");
        assert_eq!(rule(&[0x9f, 0xff]), "definite-length");
        assert_eq!(rule(&[0xa2, 0x01, 0x00, 0x01, 0x00]), "duplicate-key");
        assert_eq!(rule(&[0xa2, 0x02, 0x00, 0x01, 0x00]), "key-order");
        assert_eq!(rule(&[0x00, 0x00]), "trailing-bytes");
        assert_eq!(rule(&[0x65, 0x65, 0xcc, 0x81]), "truncated");
        assert_eq!(rule(&[0x63, 0x65, 0xcc, 0x81]), "nfc");
        assert_eq!(rule(&[0x61, 0xff]), "utf8");
        assert_eq!(rule(&[0xfb, 0, 0, 0, 0, 0, 0, 0, 0]), "shortest-float");
        assert_eq!(rule(&[0xfa, 0x7f, 0xc0, 0, 0]), "nan");
        assert_eq!(rule(&[0x1c]), "reserved");
        assert_eq!(rule(&[0xff]), "break");
        assert_eq!(rule(&[0xf8, 0x1f]), "simple");
        assert_eq!(rule(&[0xc2, 0x41, 0x01]), "shortest-int");
        assert_eq!(rule(&[0xc2, 0x48, 1, 0, 0, 0, 0, 0, 0, 0]), "shortest-int");
        assert_eq!(
            rule(&[0xc3, 0x49, 0, 1, 0, 0, 0, 0, 0, 0, 0]),
            "shortest-int"
        );
        assert_eq!(rule(&[0xc2, 0x49, 1, 0, 0, 0, 0, 0, 0, 0, 0]), "ok");
        assert_eq!(rule(&[0x9b, 0x80, 0, 0, 0, 0, 0, 0, 0]), "truncated");
        assert_eq!(rule(&vec![0x81; 200_000]), "nesting");
        let zeros =
            |count: usize| [&[0x9a][..], &(count as u32).to_be_bytes(), &vec![0; count]].concat();
        assert_eq!(rule(&zeros(Limits::default().values - 1)), "ok");
        assert_eq!(rule(&zeros(Limits::default().values)), "values");
        assert_eq!(
            rule(&[0xfb, 0x3f, 0xf1, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a]),
            "ok"
        );
        assert_eq!(rule(&[0xf9, 0x00, 0x01]), "ok");
        assert_eq!(rule(&[0xfa, 0x33, 0x80, 0x00, 0x00]), "shortest-float");
    }

    /// Each half is the shortest form of its value, and the longer forms of it are not.
    #[test]
    fn floats_are_as_short_as_they_can_be() {
        for bits in (0..=u16::MAX).filter(|bits| !f16::from_bits(*bits).is_nan()) {
            let value = f16::from_bits(bits);
            let of = |initial: u8, bytes: &[u8]| rule(&[&[initial], bytes].concat());
            assert_eq!(of(0xf9, &bits.to_be_bytes()), "ok", "{value}");
            let single = of(0xfa, &value.to_f32().to_be_bytes());
            assert_eq!(single, "shortest-float", "{value}");
            let double = of(0xfb, &value.to_f64().to_be_bytes());
            assert_eq!(double, "shortest-float", "{value}");
        }
        // Between two halves, and below the least.
        for value in [
            1.0 + f32::EPSILON,
            65_520.0,
            2f32.powi(-25),
            f32::MIN_POSITIVE,
        ] {
            assert_eq!(rule(&[&[0xfa][..], &value.to_be_bytes()].concat()), "ok");
        }
    }
}
