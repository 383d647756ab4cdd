//! Digests that are none, of another kind, or of other bytes.

use serde_json::{Value, json};

use super::row::{Folder, plan_of};

const HEX: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

#[test]
fn that_are_none() {
    let rows: Vec<(&str, Value)> = vec![
        ("nothing", json!("")),
        ("63 digits", json!(format!("sha256:{}", &HEX[1..]))),
        ("65 digits", json!(format!("sha256:{HEX}a"))),
        ("half of it", json!(format!("sha256:{}", &HEX[32..]))),
        (
            "upper case",
            json!(format!("sha256:{}", HEX.to_uppercase())),
        ),
        ("an algorithm in upper case", json!(format!("SHA256:{HEX}"))),
        ("another algorithm", json!(format!("sha512:{HEX}{HEX}"))),
        ("another one of this size", json!(format!("blake3:{HEX}"))),
        ("an old one", json!("md5:d41d8cd98f00b204e9800998ecf8427e")),
        ("two algorithms", json!(format!("sha256:sha256:{HEX}"))),
        ("a space before", json!(format!("sha256: {}", &HEX[1..]))),
        ("a line end behind", json!(format!("sha256:{HEX}\n"))),
        (
            "a letter that is no digit",
            json!(format!("sha256:g{}", &HEX[1..])),
        ),
        (
            "letters of full width",
            json!(format!("sha256:{}", "\u{ff41}".repeat(64))),
        ),
        ("a path", json!(format!("sha256:../../{}", &HEX[6..]))),
        (
            "a megabyte",
            json!(format!("sha256:{}", "a".repeat(1 << 20))),
        ),
        ("31 bytes", json!(vec![1; 31])),
        ("33 bytes", json!(vec![1; 33])),
        ("a byte of 256", json!([vec![1; 31], vec![256]].concat())),
        ("a byte of -1", json!([vec![1; 31], vec![-1]].concat())),
        ("a byte of 1.5", json!([vec![1.0; 31], vec![1.5]].concat())),
        ("a number", json!(1)),
    ];
    for (name, digest) in rows {
        let component = json!({ "id": "a", "digest": digest });
        let plan = json!({ "version": "1", "root": "a", "components": [component] });
        Folder::of(plan.to_string()).refused(name, "Emit.InvalidDigest");
    }
}

#[test]
fn of_other_bytes() {
    let component = wat::parse_str("(component)").expect("sound WAT");
    let folder = Folder::of_component(&component);
    let digest = compositor_core::Digest::of(&component).to_string();
    for (name, bytes) in [
        (
            "another component",
            wat::parse_str("(component (component))").expect("sound WAT"),
        ),
        ("a bit of it", {
            let mut bytes = component.clone();
            bytes[6] ^= 1;
            bytes
        }),
        ("a byte less", component[1..].to_vec()),
        ("nothing", Vec::new()),
        ("a megabyte of it", component.repeat(1 << 17)),
    ] {
        std::fs::write(folder.blob(&digest), bytes).expect("it is written");
        folder.refused(name, "Blob.DigestMismatch");
    }
    Folder::of(plan_of(super::row::ABSENT)).refused("no bytes", "Emit.MissingBlob");
}
