//! Digests as people write them.

use compositor_diagnostic::Rule;

use crate::answer::Failure;
use crate::bindings::sys::compose::types::Digest;
use crate::finding::Finding;
use crate::{files, paths, shell};

/// `sha256:<hex>` of a digest.
pub fn show(digest: &[u8]) -> String {
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// Reads `sha256:<64 hex>` or `<64 hex>`, lower case.
pub fn parse(text: &str) -> Result<Digest, Failure> {
    read(text).ok_or_else(|| {
        let message = format!("`{text}` is not a sha-256 digest");
        let is_file = paths::resolve(text).is_ok_and(|place| files::exists(&place));
        let help = match is_file {
            true => format!(
                "`blob put {}` prints the digest of a file",
                shell::word(text)
            ),
            false => "`blob list` and `plan info PLAN` print digests".to_string(),
        };
        let finding = Finding::error(Rule::NotADigest, message)
            .expected("`sha256:` and 64 lower-case hexadecimal digits, or the digits alone");
        finding.help(help).into()
    })
}

fn read(text: &str) -> Option<Digest> {
    let digest = text.parse::<compositor_diagnostic::Digest>().ok()?;
    Some(digest.as_bytes().to_vec())
}

/// Reads several.
pub fn parse_all(texts: &[String]) -> Result<Vec<Digest>, Failure> {
    texts.iter().map(|text| parse(text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        let hex = "0f".repeat(32);
        let digest = read(&hex).expect("hex");
        assert_eq!(digest, [15; 32]);
        assert_eq!(show(&digest), format!("sha256:{hex}"));
        assert_eq!(read(&show(&digest)).expect("printed"), digest);
        for bad in [
            "",
            "sha256:",
            "0F",
            &"0F".repeat(32),
            &"0g".repeat(32),
            "sha512:00",
        ] {
            assert!(read(bad).is_none(), "{bad}");
        }
    }
}
