//! Bytes that are no canonical CBOR, or CBOR that is no plan.

use super::row::Folder;

/// A plan's bytes, with something in place of its version.
fn with_version(version: &[u8]) -> Vec<u8> {
    let component = [&[0xa2, 0, 0x61, b'a', 1, 0x58, 32][..], &[0; 32]].concat();
    [
        &[0xa5, 0][..],
        version,
        &[1, 0x61, b'a', 2, 0x81],
        &component,
        &[3, 0x80, 4, 0x80],
    ]
    .concat()
}

const ONE: &[u8] = &[0x61, b'1'];

#[test]
fn not_canonical() {
    let sound = with_version(ONE);
    // It is the component that is missing.
    Folder::of(&sound).refused("sound", "Emit.MissingBlob");
    let head = |initial: u8, length: u64| [&[initial][..], &length.to_be_bytes()].concat();
    let rows: Vec<(&str, Vec<u8>, &str)> = vec![
        ("arrays in arrays", vec![0x81; 200_000], "nesting"),
        ("maps in maps", [0xa1, 0].repeat(100_000), "nesting"),
        ("tags in tags", vec![0xc1; 200_000], "nesting"),
        ("a list of 2^63", head(0x9b, 1 << 63), "truncated"),
        ("a map of 2^63", head(0xbb, 1 << 63), "truncated"),
        ("a map of 2^64 - 1", head(0xbb, u64::MAX), "truncated"),
        (
            "a text of 2^63",
            with_version(&head(0x7b, 1 << 63)),
            "truncated",
        ),
        (
            "bytes of 2^64 - 1",
            with_version(&head(0x5b, u64::MAX)),
            "truncated",
        ),
        (
            "a list of a billion",
            [0x9a, 0x3b, 0x9a, 0xca, 0].to_vec(),
            "truncated",
        ),
        (
            "a key twice",
            [0xa2, 0, 0x61, b'1', 0, 0x61, b'1'].to_vec(),
            "duplicate-key",
        ),
        (
            "keys out of order",
            [0xa2, 1, 0, 0, 0].to_vec(),
            "key-order",
        ),
        ("a long zero", with_version(&[0x18, 0]), "shortest-int"),
        ("a longer one", with_version(&[0x19, 0, 1]), "shortest-int"),
        (
            "the longest one",
            with_version(&head(0x1b, 1)),
            "shortest-int",
        ),
        (
            "a long length",
            with_version(&[0x78, 1, b'1']),
            "shortest-int",
        ),
        (
            "a list without a length",
            with_version(&[0x9f, 0xff]),
            "definite-length",
        ),
        (
            "a map without a length",
            with_version(&[0xbf, 0xff]),
            "definite-length",
        ),
        (
            "a text without a length",
            with_version(&[0x7f, 0x61, b'1', 0xff]),
            "definite-length",
        ),
        (
            "bytes without a length",
            with_version(&[0x5f, 0xff]),
            "definite-length",
        ),
        ("a break", with_version(&[0xff]), "break"),
        (
            "bytes behind it",
            [&sound[..], &[0]].concat(),
            "trailing-bytes",
        ),
        ("a plan behind it", sound.repeat(2), "trailing-bytes"),
        ("NaN with a payload", with_version(&[0xf9, 0x7e, 1]), "nan"),
        ("NaN with a sign", with_version(&[0xf9, 0xfe, 0]), "nan"),
        ("a long NaN", with_version(&head(0xfb, 0x7ff8 << 48)), "nan"),
        (
            "a long float",
            with_version(&head(0xfb, 0)),
            "shortest-float",
        ),
        ("a reserved head", with_version(&[0x1c]), "reserved"),
        ("a long simple value", with_version(&[0xf8, 20]), "simple"),
        (
            "a text that is not UTF-8",
            with_version(&[0x61, 0xff]),
            "utf8",
        ),
        (
            "a text that is not in NFC",
            with_version(&[0x63, b'e', 0xcc, 0x81]),
            "nfc",
        ),
    ];
    for (name, bytes, rule) in rows {
        let refusal = Folder::of(bytes).refused(name, "Plan.InvalidCbor");
        assert!(refusal.text.contains(rule), "{name}: {}", refusal.text);
        assert!(
            refusal.json["errors"][0]["offset"].is_u64(),
            "{name}: {}",
            refusal.json
        );
    }
}

#[test]
fn canonical_but_no_plan() {
    for (name, bytes) in [
        ("a list", vec![0x80]),
        ("a tag", vec![0xc0, 0x60]),
        (
            "a key as a number and as a text",
            [&[0xa2, 0][..], ONE, &[0x61, b'0'], ONE].concat(),
        ),
        ("a negative key", [&[0xa1, 0x20][..], ONE].concat()),
        ("a large key", [&[0xa1, 0x1b][..], &[0xff; 8], ONE].concat()),
        ("a key that is a map", [&[0xa1, 0xa0][..], ONE].concat()),
        ("a version that is a float", with_version(&[0xf9, 0x3c, 0])),
        ("a version that is NaN", with_version(&[0xf9, 0x7e, 0])),
        ("a version that is nothing", with_version(&[0xf6])),
        ("a version that is a tag", with_version(&[0xc1, 1])),
        ("keys by the hundred thousand", {
            let count = 300_000u32;
            let keys = (0..count).flat_map(|key| {
                let mut bytes = vec![0x1a];
                bytes.extend((key + 65_536).to_be_bytes());
                bytes.push(0);
                bytes
            });
            [&[0xba][..], &count.to_be_bytes()]
                .concat()
                .into_iter()
                .chain(keys)
                .collect()
        }),
    ] {
        Folder::of(bytes).refused(name, "Plan.InvalidCbor");
    }
    Folder::of(with_version(&[1])).refused("a version that is a number", "Plan.InvalidSchema");
    // Neither a map nor the start of a text.
    Folder::of([0xf5]).refused("a truth", "Plan.InvalidCbor");
}
