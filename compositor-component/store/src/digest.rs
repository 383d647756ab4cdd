//! A sha-256 digest, checked once and then a type.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::error::{Error, ErrorCode};

/// A sha-256 digest. Printed as `sha256:<64 hex>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl AsRef<[u8]> for Digest {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Digest {
    /// Checks that an argument is one.
    ///
    /// # Errors
    /// `emit-invalid-digest` when it has not 32 bytes.
    pub fn new(bytes: &[u8]) -> Result<Self, Error> {
        match bytes.try_into() {
            Ok(bytes) => Ok(Self(bytes)),
            Err(_) => Err(Error {
                code: ErrorCode::EmitInvalidDigest,
                message: format!("{} bytes, where a sha-256 digest has 32", bytes.len()),
                context: None,
            }),
        }
    }

    /// The digest of what was hashed.
    pub(crate) fn of(hash: Sha256) -> Self {
        Self(hash.finalize().into())
    }

    /// Its 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Its name as a file: 64 lower-case hexadecimal digits.
    pub fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Reads such a name; any other name is none, so that one digest has one
    /// file.
    pub fn from_hex(hex: &str) -> Option<Self> {
        let value = |digit: u8| match digit {
            b'0'..=b'9' => Some(digit - b'0'),
            b'a'..=b'f' => Some(digit - b'a' + 10),
            _ => None,
        };
        if hex.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().as_chunks::<2>().0) {
            *byte = value(pair[0])? << 4 | value(pair[1])?;
        }
        Some(Self(bytes))
    }
}

/// Sorted, and each once. They sort as their names do.
pub(crate) fn ascending(mut digests: Vec<Digest>) -> Vec<Digest> {
    digests.sort_unstable();
    digests.dedup();
    digests
}

impl From<[u8; 32]> for Digest {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.hex())
    }
}
