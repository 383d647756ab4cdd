//! A sha-256 digest, checked once and then a type.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

/// A sha-256 digest. Printed as `sha256:<64 hex>`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of a domain-separated message, `sha256(domain || bytes)`.
    pub fn of_domain(domain: &str, bytes: &[u8]) -> Self {
        let mut hash = Sha256::new();
        hash.update(domain.as_bytes());
        hash.update(bytes);
        Self(hash.finalize().into())
    }

    /// Its 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Its 64 lower-case hexadecimal digits.
    pub fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Why something is not a digest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    /// Not 32 bytes.
    #[error("{found} bytes, where a sha-256 digest has 32")]
    Length {
        /// How many bytes there are.
        found: usize,
    },
    /// Another hash algorithm than sha-256.
    #[error("algorithm `{found}`, where plans use sha256")]
    Algorithm {
        /// The algorithm's name.
        found: String,
    },
    /// Not 64 lower-case hexadecimal digits.
    #[error("not 64 lower-case hexadecimal digits")]
    Hex,
}

impl TryFrom<&[u8]> for Digest {
    type Error = DigestError;

    fn try_from(bytes: &[u8]) -> Result<Self, DigestError> {
        match bytes.try_into() {
            Ok(bytes) => Ok(Self(bytes)),
            Err(_) => Err(DigestError::Length { found: bytes.len() }),
        }
    }
}

impl From<[u8; 32]> for Digest {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// Reads `sha256:<64 hex>` or `<64 hex>`; hexadecimal digits are lower case,
/// so that one digest has one spelling.
impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let hex = match text.split_once(':') {
            Some(("sha256", hex)) => hex,
            Some((algorithm, _)) => {
                let found = algorithm.to_string();
                return Err(DigestError::Algorithm { found });
            }
            None => text,
        };
        let digits = hex.as_bytes();
        if digits.len() != 64 {
            return Err(DigestError::Hex);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.as_chunks::<2>().0) {
            let value = |digit: u8| match digit {
                b'0'..=b'9' => Ok(digit - b'0'),
                b'a'..=b'f' => Ok(digit - b'a' + 10),
                _ => Err(DigestError::Hex),
            };
            *byte = value(pair[0])? << 4 | value(pair[1])?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        let digest = Digest::of(b"");
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert_eq!(digest.hex().parse(), Ok(digest));
        assert_eq!(Digest::try_from(&digest.as_bytes()[..]), Ok(digest));
        assert_eq!(
            digest.hex().to_uppercase().parse::<Digest>(),
            Err(DigestError::Hex)
        );
        assert_eq!("sha256:00".parse::<Digest>(), Err(DigestError::Hex));
        assert!(matches!(
            "sha512:00".parse::<Digest>(),
            Err(DigestError::Algorithm { .. })
        ));
        assert_eq!(
            Digest::try_from(&[0; 31][..]),
            Err(DigestError::Length { found: 31 })
        );
    }
}
