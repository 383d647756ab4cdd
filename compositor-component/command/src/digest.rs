//! Digests as people write them.

use compositor_diagnostic::Rule;

use crate::answer::Failure;
use crate::bindings::sys::compose::types::Digest;
use crate::finding::Finding;
use crate::wrap::filled;
use crate::{escape, files, paths, shell};

/// `sha256:<hex>` of a digest.
pub fn show(digest: &[u8]) -> String {
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// Enough of it to tell it from others in a table: `sha256:` and twelve digits.
pub fn short(digest: &[u8]) -> String {
    let mut shown = show(digest);
    shown.truncate("sha256:".len() + 12);
    shown
}

/// A line for a component whose digest was set, and what is said behind that. The plan and
/// the answer for programs have the digest in full.
pub fn line(id: &str, digest: &[u8], rest: &str) -> String {
    let is = short(digest) + rest;
    let id = format!("  {}", escape::line(id));
    filled([&id[..], ""].into_iter().chain(is.split(' ')), 4) + "\n"
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

/// Reads one, if it is one.
pub fn read(text: &str) -> Option<Digest> {
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
        assert_eq!(short(&digest), "sha256:0f0f0f0f0f0f");
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
