//! Texts that are no JSON, or JSON that is no plan.

use super::row::{ABSENT, Folder, plan_of};

const SCHEMA: &str = "Plan.InvalidSchema";

/// A text of so many items.
fn repeated(start: &str, count: usize, item: impl Fn(usize) -> String, end: &str) -> String {
    let items: Vec<String> = (0..count).map(item).collect();
    let text = format!("{start}{}{end}", items.join(","));
    assert!(
        text.len() <= 8 << 20,
        "{} bytes are refused unread",
        text.len()
    );
    text
}

#[test]
fn no_json() {
    let plan = plan_of(ABSENT);
    let with = |value: &str| format!(r#"{{"version":{value}}}"#).into_bytes();
    let utf16 = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let units = "\u{feff}".encode_utf16().chain(plan.encode_utf16());
        units.flat_map(order).collect()
    };
    let mut rows: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", Vec::new()),
        ("spaces", vec![b' '; 100_000]),
        ("arrays in arrays", vec![b'['; 200_000]),
        ("objects in objects", "{\"a\":".repeat(40_000).into()),
        ("a number too large", with("1e999999")),
        ("a number of a million digits", with(&"9".repeat(1_000_000))),
        (
            "a fraction of a million digits",
            with(&format!("0.{}", "9".repeat(1_000_000))),
        ),
        (
            "an exponent of a million digits",
            with(&format!("1e-{}", "9".repeat(1_000_000))),
        ),
        ("a high surrogate", with(r#""\ud800""#)),
        ("a low surrogate", with(r#""\udc00""#)),
        ("surrogates the wrong way round", with(r#""\udc00\ud800""#)),
        ("a surrogate in a key", br#"{"\ud800":1}"#.to_vec()),
        (
            "a byte order mark",
            [b"\xef\xbb\xbf", plan.as_bytes()].concat(),
        ),
        ("UTF-16, little end first", utf16(u16::to_le_bytes)),
        ("UTF-16, big end first", utf16(u16::to_be_bytes)),
        (
            "UTF-16 without a mark",
            plan.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        ),
        ("Latin-1", b"{\"version\":\"\xe9\"}".to_vec()),
        ("an overlong slash", b"{\"version\":\"\xc0\xaf\"}".to_vec()),
        (
            "a surrogate in UTF-8",
            b"{\"version\":\"\xed\xa0\x80\"}".to_vec(),
        ),
        ("a raw NUL", b"{\"version\":\"\0\"}".to_vec()),
        ("a raw line end in a text", b"{\"version\":\"\n\"}".to_vec()),
        ("an open text", b"{\"version\":\"1".to_vec()),
        ("an escape at the end", b"{\"version\":\"\\".to_vec()),
        ("half an escape", b"{\"version\":\"\\u12".to_vec()),
        ("two plans", plan.repeat(2).into()),
        ("a NUL behind it", format!("{plan}\0").into()),
    ];
    for word in [
        "NaN",
        "Infinity",
        "-Infinity",
        "0x1",
        "01",
        "+1",
        ".5",
        "1.",
        "1e",
        "--1",
        "'1'",
        "undefined",
        "1 // one",
        "/* one */ 1",
        "[1,]",
        "{a:1}",
        "True",
        "\"\\x41\"",
        "\"\\'\"",
    ] {
        rows.push((word, with(word)));
    }
    for (name, bytes) in rows {
        Folder::of(bytes).refused(name, SCHEMA);
    }
}

#[test]
fn no_plan() {
    let rows = [
        ("a number", "1".to_string()),
        ("a text", "\"plan\"".to_string()),
        ("null", "null".to_string()),
        ("a list", "[]".to_string()),
        ("a version that is a number", r#"{"version":1}"#.to_string()),
        (
            "a version that is a large number",
            r#"{"version":1e308}"#.to_string(),
        ),
        (
            "a key twice",
            r#"{"version":"1","version":"1"}"#.to_string(),
        ),
        (
            "a key twice, escaped",
            r#"{"version":"1","\u0076ersion":"1"}"#.to_string(),
        ),
        ("an empty key", r#"{"":""}"#.to_string()),
        (
            "a key of objects",
            r#"{"__proto__":{"version":"1"}}"#.to_string(),
        ),
        (
            "a key that is a pointer",
            format!(r#"{{"{}":1}}"#, "~1/~0".repeat(40)),
        ),
        (
            "a key of millions",
            format!(r#"{{"{}":1}}"#, "~/".repeat(2_000_000)),
        ),
        (
            "a text of millions",
            format!(r#"{{"root":"{}"}}"#, "a".repeat(8_000_000)),
        ),
        (
            "escapes by the million",
            format!(r#"{{"root":"{}"}}"#, "\\u0041".repeat(1_300_000)),
        ),
        // As many values as are read, and more.
        (
            "a key half a million times",
            repeated("{", 499_990, |_| "\"a\":1".to_string(), "}"),
        ),
        (
            "a key a million times",
            repeated("{", 1_000_000, |_| "\"a\":1".to_string(), "}"),
        ),
        (
            "half a million keys",
            repeated("{", 499_990, |i| format!("\"{i:x}\":1"), "}"),
        ),
        (
            "lists by the hundred thousand",
            repeated("[", 249_990, |_| "[]".to_string(), "]"),
        ),
        (
            "texts by the hundred thousand",
            repeated("[", 499_900, |_| "\"aaaaaaaaaaaa\"".to_string(), "]"),
        ),
        (
            "lists in lists",
            repeated("[", 45_000, |_| "[[[[[[[[[[]]]]]]]]]]".to_string(), "]"),
        ),
        (
            "numbers",
            repeated("{\"components\":[", 499_900, |_| "0".to_string(), "]}"),
        ),
        (
            "bindings",
            repeated("{\"bindings\":[", 249_900, |_| "{}".to_string(), "]}"),
        ),
        (
            "objects",
            repeated(
                "{\"components\":[",
                249_900,
                |_| "{\"a\":1}".to_string(),
                "]}",
            ),
        ),
    ];
    for (name, text) in rows {
        Folder::of(text).refused(name, SCHEMA);
    }
    let start = "{\"components\":[{\"id\":\"a\",\"digest\":[";
    let digest = repeated(start, 499_000, |_| "0".to_string(), "]}]}");
    Folder::of(digest).refused("a digest of half a million", "Emit.InvalidDigest");
}

/// A file that is too large is not read to its end.
#[test]
fn too_large() {
    let folder = Folder::of(vec![b' '; (8 << 20) + 1]);
    folder.refused("a byte too many", "InvalidInput");
    let sparse = Folder::new();
    let file = std::fs::File::create(sparse.0.join("plan.json")).expect("a file");
    file.set_len(1 << 40).expect("a sparse file");
    let text = sparse.run(&["plan", "validate", "plan.json"]);
    let output = super::row::held("a file of a terabyte", text);
    assert!(output.stderr.contains("plan-bytes"), "{}", output.stderr);
}
