//! Files that say of themselves that they are artifacts.

use super::row::{Folder, held};

/// A component whose first section is that of an artifact, with such content.
fn artifact(size: usize, content: &[u8]) -> Vec<u8> {
    const NAME: &str = "sys:compose/provenance";
    let length = 1 + NAME.len() + size;
    let mut bytes = b"\0asm\x0d\0\x01\0\0".to_vec();
    let digits = (0..5).map(|digit| (length >> (7 * digit)) as u8 & 0x7f | 0x80);
    bytes.extend(digits);
    // The last digit of a number.
    bytes[13] &= 0x7f;
    bytes.push(NAME.len() as u8);
    bytes.extend(NAME.as_bytes());
    bytes.extend(content);
    bytes
}

#[test]
fn that_lie() {
    const MIB: usize = 1 << 20;
    let wide = [&[0x9a, 0, 0xf0, 0, 0][..], &vec![0; 0xf0_0000]].concat();
    let nested = vec![0x81; 15 * MIB];
    let long = vec![0; 15 * MIB];
    for (name, bytes) in [
        ("nothing", artifact(0, b"")),
        ("less than is said", artifact(10 * MIB, b"\x86")),
        ("two gigabytes", artifact(2047 * MIB, b"\x86")),
        ("numbers by the million", artifact(wide.len(), &wide)),
        ("lists in lists", artifact(nested.len(), &nested)),
        ("more than one", artifact(long.len(), &long)),
        ("a list of 2^63", artifact(9, b"\x9b\x80\0\0\0\0\0\0\0")),
        (
            "a hundred megabytes",
            artifact(100 * MIB, &vec![0; 100 * MIB]),
        ),
    ] {
        let folder = Folder::new();
        folder.0.write("a.wasm", bytes);
        for format in ["text", "json"] {
            held(
                name,
                folder.run(&["plan", "info", "a.wasm", "--format", format]),
            );
        }
        let ended = folder.sandboxed(&["plan", "info", "a.wasm"]);
        assert_eq!(ended.trap, None, "{name}");
        assert_eq!(ended.output.status, 1, "{name}: {:?}", ended.output);
    }
}
