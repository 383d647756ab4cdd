//! Ids follow from structure alone: from all of it, and from nothing else.

use std::collections::BTreeMap;

use compositor_core::canon_wit::{Kind, ids};
use compositor_core::limits::Limits;
use compositor_wit::{File, to_binary};
use wit_component::{DecodedWasm, WitPrinter};

const SHOP: &str = r#"
package acme:shop@1.2.0;

interface types {
  record item { name: string, price: u32, tags: list<string> }
  variant payment { cash, card(string), voucher(u64) }
  enum size { small, large }
  flags options { gift, express }
  resource cart {
    constructor(owner: string);
    add: func(item: item) -> result<u32, payment-error>;
    merge: static func(a: cart, b: borrow<cart>) -> cart;
  }
  type payment-error = tuple<payment, option<size>>;
  type same = item;
}

interface checkout {
  use types.{cart, payment as means};
  pay: func(cart: cart, means: means) -> result<_, string>;
  watch: async func(every: stream<means>) -> future<u8>;
}

world shop {
  import log: func(line: string);
  import audit: interface { note: func(what: string); }
  use types.{size};
  import measure: func(size: size) -> u32;
  export checkout;
}
"#;

fn file(path: &str, contents: &str) -> File {
    File {
        path: path.to_string(),
        contents: contents.to_string(),
    }
}

fn of_files(main: Vec<File>, deps: Vec<Vec<File>>) -> BTreeMap<String, String> {
    let binary = to_binary(main, deps).unwrap_or_else(|problem| panic!("{problem:?}"));
    let found = ids(&binary, &Limits::default()).unwrap_or_else(|error| panic!("{error}"));
    let found = found.into_iter();
    let pair = |item: compositor_core::canon_wit::Identified| {
        (
            format!("{:?} {}", item.kind, item.name),
            item.id.to_string(),
        )
    };
    found.map(pair).collect()
}

fn of(text: &str) -> BTreeMap<String, String> {
    of_files(vec![file("a.wit", text)], Vec::new())
}

#[test]
fn names_everything() {
    let found = of(SHOP);
    let names: Vec<&str> = found.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "Interface acme:shop/checkout@1.2.0",
            "Interface acme:shop/types@1.2.0",
            "Package acme:shop@1.2.0",
            "World acme:shop/shop@1.2.0",
        ]
    );
    let distinct: std::collections::BTreeSet<_> = found.values().collect();
    assert_eq!(distinct.len(), found.len());
}

#[test]
fn formatting_comments_order_and_files_change_nothing() {
    let found = of(SHOP);
    let dense: String = SHOP
        .lines()
        .map(|line| format!("{} ", line.trim()))
        .collect();
    assert_eq!(of(&dense), found);
    let noted = SHOP.replace(
        "  record",
        "  /// Something.\n  // <<<\n /* { /* } */ */ record",
    );
    assert_eq!(of(&noted), found);
    let escaped = SHOP.replace("record item {", "record %item {");
    assert_eq!(of(&escaped), found);
    // Definitions, functions and the items of worlds in another order.
    let part = |from: &str, to: &str| {
        let start = SHOP.find(from).expect("a part starts");
        let end = SHOP[start..].find(to).expect("a part ends") + start + to.len();
        SHOP[start..end].to_string()
    };
    let moved = |what: &str, before: &str| {
        let without = SHOP.replacen(what, "", 1);
        assert!(without.contains(before));
        without.replacen(before, &format!("{what}\n{before}"), 1)
    };
    let later = "  type same = item;";
    for (what, before) in [
        (later, "  record item"),
        ("  enum size { small, large }", "  record item"),
        ("  use types.{cart, payment as means};\n", "\n  watch:"),
        ("  export checkout;", "  import log:"),
        (
            "  import measure: func(size: size) -> u32;",
            "  import log:",
        ),
    ] {
        // `use` may come after what it is for, as other definitions may.
        assert_eq!(of(&moved(what, before)), found, "{what}");
    }
    let header = "package acme:shop@1.2.0;\n";
    let types = part("interface types {", "type same = item;\n}");
    let checkout = part("interface checkout {", "future<u8>;\n}");
    let world = part("world shop {", "export checkout;\n}");
    let split = vec![
        file("z.wit", &format!("{header}{types}")),
        file("m.wit", &format!("{world}\n")),
        file("b.wit", &checkout),
    ];
    assert_eq!(of_files(split, Vec::new()), found);
}

/// Each change of a part of the text, and what has other ids then.
#[test]
fn each_change_of_structure_changes_ids() {
    const CHANGES: &[(&str, &str)] = &[
        ("@1.2.0", "@1.2.1"),
        ("@1.2.0", ""),
        ("acme:shop@", "acme:store@"),
        ("acme:shop@", "other:shop@"),
        ("name: string, price: u32", "price: u32, name: string"),
        ("price: u32", "cost: u32"),
        ("price: u32", "price: u64"),
        ("price: u32", "price: s32"),
        ("price: u32", "price: f32"),
        ("price: u32, ", ""),
        ("price: u32", "price: option<u32>"),
        ("tags: list<string>", "tags: list<string, 4>"),
        ("tags: list<string>", "tags: string"),
        ("cash, card", "card"),
        ("card(string)", "card"),
        ("cash, ", "cash, debt, "),
        ("cash, card(string)", "card(string), cash"),
        ("small, large", "large, small"),
        ("small, large", "small, large, huge"),
        ("small, large", "tiny, large"),
        ("gift, express", "express, gift"),
        ("gift, express", "gift"),
        ("enum size", "flags size"),
        ("constructor(owner: string);", ""),
        ("constructor(owner: string)", "constructor(name: string)"),
        (
            "constructor(owner: string)",
            "constructor(owner: string) -> result<cart>",
        ),
        ("add: func", "put: func"),
        ("add: func(item", "add: func(thing"),
        ("add: func", "add: async func"),
        ("add: func", "add: static func"),
        ("b: borrow<cart>", "b: cart"),
        ("a: cart, b: borrow<cart>", "b: cart, a: borrow<cart>"),
        ("-> result<u32, payment-error>", "-> result<u32>"),
        ("-> result<u32, payment-error>", ""),
        (
            "tuple<payment, option<size>>",
            "tuple<option<size>, payment>",
        ),
        ("tuple<payment, option<size>>", "tuple<payment>"),
        ("type same = item", "type other = item"),
        ("type same = item", "type same = size"),
        ("type same = item;", ""),
        (
            "interface types {\n",
            "interface types {\n  resource unused;\n",
        ),
        ("result<_, string>", "result<string>"),
        ("payment as means", "payment as means, item"),
        (
            "async func(every: stream<means>)",
            "func(every: stream<means>)",
        ),
        ("stream<means>", "stream"),
        ("stream<means>", "stream<u8>"),
        ("future<u8>", "future"),
        ("import log: func(line: string);", ""),
        ("import log: func", "export log: func"),
        (
            "import log: func(line: string)",
            "import log: func(line: char)",
        ),
        ("import audit", "import record-of"),
        (
            "note: func(what: string)",
            "note: func(what: string, why: string)",
        ),
        ("use types.{size};", "use types.{size}; type width = u8;"),
        ("export checkout", "import checkout"),
        ("world shop", "world store"),
        ("interface checkout", "interface till"),
    ];
    let found = of(SHOP);
    let mut seen = BTreeMap::from([(found.clone(), "nothing")]);
    for (what, becomes) in CHANGES {
        assert!(SHOP.contains(what), "{what}");
        let mut text = SHOP.replacen(what, becomes, 1);
        if *what == "interface checkout" {
            text = text.replace("export checkout", "export till");
        }
        let changed = of(&text);
        assert_ne!(
            changed.iter().find(|(name, _)| name.starts_with("Package")),
            found.iter().find(|(name, _)| name.starts_with("Package")),
            "{what} -> {becomes}"
        );
        if let Some(other) = seen.insert(changed, becomes) {
            panic!("{what} -> {becomes} has the ids of {other}");
        }
    }
}

/// What an interface uses is a part of it; what stands beside that is not.
#[test]
fn ids_reach_as_far_as_uses() {
    let base = of(SHOP);
    let other = |text: &str| {
        of(text)["Interface acme:shop/checkout@1.2.0"] != base["Interface acme:shop/checkout@1.2.0"]
    };
    assert!(other(&SHOP.replace("voucher(u64)", "voucher(u32)")));
    assert!(!other(&SHOP.replace("price: u32", "price: u64")));
    assert!(!other(&SHOP.replace("small, large", "large, small")));
}

#[test]
fn packages_that_are_used_come_from_elsewhere() {
    let main = "package a:app@1.0.0;\ninterface app { use b:lib/kinds@0.1.0.{kind}; get: func() -> kind; }";
    let lib = "package b:lib@0.1.0;\ninterface kinds { use c:base/base.{number}; record kind { n: number } type other = u8; }";
    let base = "package c:base;\ninterface base { type number = u32; type more = u8; }";
    let read = |lib: &str, base: &str| {
        let deps = vec![
            vec![file("deps/lib.wit", lib)],
            vec![file("deps/base.wit", base)],
        ];
        of_files(vec![file("app.wit", main)], deps)
    };
    let found = read(lib, base);
    assert_eq!(found.len(), 2, "{found:?}");
    // Through two packages.
    assert_ne!(read(lib, &base.replace("u32", "u64")), found);
    assert_ne!(read(&lib.replace("n: number", "m: number"), base), found);
    // Beside what is used.
    assert_eq!(
        read(&lib.replace("u8", "u16"), &base.replace("u8", "u16")),
        found
    );
    // In one file.
    let nested = |text: &str| {
        let (name, rest) = text.split_once(';').expect("a package's name");
        format!("{name} {{ {rest} }}\n")
    };
    let one = format!("{main}\n{}{}", nested(base), nested(lib));
    assert_eq!(of(&one), found);
}

/// A component's own world is what tools print of it.
#[test]
fn a_component_has_the_id_of_its_wit() {
    for text in [SHOP, "package a:b; world w { import f: func() -> string; }"] {
        let mut resolve = wit_parser::Resolve::new();
        let package = resolve.push_source("a.wit", text).expect("it parses");
        let world = resolve.select_world(&[package], None).expect("one world");
        let module =
            wit_component::dummy_module(&resolve, world, wit_parser::ManglingAndAbi::Standard32);
        let mut module = module;
        let encoding = wit_component::StringEncoding::UTF8;
        wit_component::embed_component_metadata(&mut module, &resolve, world, encoding, false)
            .expect("it embeds");
        let component = wit_component::ComponentEncoder::default()
            .module(&module)
            .and_then(|encoder| encoder.encode())
            .expect("it is a component");
        let DecodedWasm::Component(resolve, world) =
            wit_component::decode(&component).expect("it decodes")
        else {
            panic!("not a component");
        };
        let package = resolve.worlds[world].package.expect("a package");
        let mut printer = WitPrinter::default();
        let nested: Vec<_> = resolve
            .packages
            .iter()
            .map(|(id, _)| id)
            .filter(|id| *id != package)
            .collect();
        printer
            .print(&resolve, package, &nested)
            .expect("it prints");
        let printed = printer.output.to_string();
        let own = ids(&component, &Limits::default()).expect("it has an id");
        assert_eq!(own.len(), 1);
        assert_eq!(own[0].kind, Kind::Component);
        assert_eq!(own[0].name, "root:component/root");
        assert_eq!(
            of(&printed)["World root:component/root"],
            own[0].id.to_string(),
            "{printed}"
        );
    }
}

#[test]
fn texts_that_are_wrong_are_refused_with_their_place() {
    let refused = |text: &str| {
        let refused = to_binary(vec![file("a.wit", text)], Vec::new());
        let problem = refused.expect_err("it is refused");
        (problem.at.unwrap_or_default(), problem.message)
    };
    assert_eq!(
        refused("package a:b;\ninterface x { f: func( }").0,
        "a.wit:2:24"
    );
    assert_eq!(
        refused("package a:b;\ninterface x { f: func(a: no); }").0,
        "a.wit:2:26"
    );
    assert_eq!(
        refused("package a:b;\ninterface x { use c:d/e.{f}; }").0,
        "a.wit:2:19"
    );
    let deep = format!(
        "package a:b; interface x {{ type t = {}u8{}; }}",
        "list<".repeat(9_000),
        ">".repeat(9_000)
    );
    assert!(refused(&deep).1.contains("nesting too deep"));
    let mut many = String::from("package a:b;\n");
    for n in 0..3_000 {
        many.push_str(&format!("interface i{n} {{ type t = u8; }}\n"));
    }
    assert!(refused(&many).1.contains("more than 1000 interfaces"));
}

/// `type b = tuple<a, a>` doubles with each step: by names it does not.
#[test]
fn types_that_double_are_written_once() {
    let mut text = String::from("package a:b;\ninterface x {\ntype t0 = u8;\n");
    for n in 1..18 {
        text.push_str(&format!("type t{n} = tuple<t{}, t{}>;\n", n - 1, n - 1));
    }
    text.push('}');
    let found = of(&text);
    assert_eq!(found.len(), 2);
}
