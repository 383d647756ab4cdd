//! `canon`.

use compositor_tests::Temp;

use super::fixture::{bad, good, json};

#[test]
fn encodes_and_checks() {
    let folder = Temp::new();
    folder.write("a.json", r#"{"b": 1, "a": [true, "x"]}"#);
    good(&folder, &["canon", "cbor", "a.json", "-o", "a.cbor"]);
    let bytes = std::fs::read(folder.join("a.cbor")).expect("a.cbor");
    assert_eq!(
        bytes,
        [0xa2, 0x61, b'a', 0x82, 0xf5, 0x61, b'x', 0x61, b'b', 0x01]
    );
    let said = good(&folder, &["canon", "cbor-check", "a.cbor"]);
    assert_eq!(said, "a.cbor is canonical (10 bytes)\n");
    let said = json(&folder, 0, &["canon", "cbor", "a.json"]);
    assert_eq!(said["hex"], "a2616182f56178616201");
}

#[test]
fn names_the_byte_and_the_rule() {
    let folder = Temp::new();
    folder.write("long.cbor", [0x82, 0x01, 0x18, 0x01]);
    let said = bad(&folder, 1, &["canon", "cbor-check", "long.cbor"]);
    assert!(
        said.contains("byte 2") && said.contains("long.cbor"),
        "{said}"
    );
    let said = json(&folder, 1, &["canon", "cbor-check", "long.cbor"]);
    assert_eq!(said["errors"][0]["offset"], 2);
    assert_eq!(said["errors"][0]["context"], "long.cbor");
}
