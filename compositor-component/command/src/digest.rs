//! Digests as people write them.

use compositor_diagnostic::Rule;

use crate::answer::Failure;
use crate::bindings::sys::compose::types::Digest;
use crate::finding::Finding;

/// `sha256:<hex>` of a digest.
pub fn show(digest: &[u8]) -> String {
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// Reads `sha256:<64 hex>` or `<64 hex>`, lower case.
pub fn parse(text: &str) -> Result<Digest, Failure> {
    match text.parse::<compositor_diagnostic::Digest>() {
        Ok(digest) => Ok(digest.as_bytes().to_vec()),
        Err(_) => Err(Finding::error(
            Rule::NotADigest,
            format!("`{text}` is not a sha-256 digest"),
        )
        .expected("`sha256:` and 64 lower-case hexadecimal digits, or the digits alone")
        .help("`blob list` and `plan info PLAN` print digests")
        .into()),
    }
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
        let digest = parse(&hex).expect("hex");
        assert_eq!(digest, [15; 32]);
        assert_eq!(show(&digest), format!("sha256:{hex}"));
        assert_eq!(parse(&show(&digest)).expect("printed"), digest);
        for bad in [
            "",
            "sha256:",
            "0F",
            &"0F".repeat(32),
            &"0g".repeat(32),
            "sha512:00",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
