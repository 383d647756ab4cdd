//! WIT as text that is small to write and large to read, that turns in circles,
//! steers a terminal, or is no file.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use compositor_tests::{Output, Temp, run};

use super::row::{Folder, SANDBOX, bounded, calm, held};

/// Holds a text to be refused, with these words.
#[track_caller]
fn refused(name: &str, text: impl AsRef<[u8]>, words: &str) {
    let folder = Folder::new();
    folder.0.write("a.wit", text);
    refused_in(&folder, name, "a.wit", words);
}

/// Holds a path to be refused with these words, natively and in the sandbox.
#[track_caller]
fn refused_in(folder: &Folder, name: &str, path: &str, words: &str) {
    let output = held(name, folder.run(&["canon", "wit-id", path]));
    says(name, &output, words);
    let ended = folder.sandboxed(&["canon", "wit-id", path]);
    assert_eq!(ended.trap, None, "{name}");
    assert!(ended.memory <= SANDBOX, "{name}: {} bytes", ended.memory);
    calm(name, &ended.output);
    says(name, &ended.output, words);
}

#[track_caller]
fn says(name: &str, output: &Output, words: &str) {
    let said = &output.stderr;
    let is_said = said.contains("error[InvalidInput/") && said.contains(words);
    assert!(
        is_said,
        "{name}: {}",
        said.chars().take(2000).collect::<String>()
    );
    assert_eq!(output.stdout, "", "{name}");
}

/// Holds a text to be taken.
#[track_caller]
fn taken(name: &str, text: &str) {
    let folder = Folder::new();
    folder.0.write("a.wit", text);
    taken_in(&folder, name, "a.wit");
}

/// Holds a path to be taken, natively and in the sandbox.
#[track_caller]
fn taken_in(folder: &Folder, name: &str, path: &str) {
    let args = ["canon", "wit-id", path];
    let output = bounded(name, folder.run(&args));
    assert_eq!(output.status, 0, "{name}: {}", output.stderr);
    let ended = folder.sandboxed(&args);
    assert_eq!(ended.trap, None, "{name}");
    assert_eq!(ended.output.stdout, output.stdout, "{name}");
}

/// A package of these items.
fn package(items: &str) -> String {
    format!("package a:b;\n{items}\n")
}

/// An interface of these items.
fn interface(items: &str) -> String {
    package(&format!("interface i {{ {items} }}"))
}

/// So many items, each made of its number.
fn many(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect()
}

#[test]
fn depth() {
    let nested = |open: &str, count: usize| {
        let close = ">".repeat(count);
        interface(&format!("type t = {}u8{close};", open.repeat(count)))
    };
    taken("lists of lists", &nested("list<", 90));
    refused("a list more", nested("list<", 100), "too deep");
    refused(
        "lists in lists",
        nested("list<", 100_000),
        "more than 20000",
    );
    refused("options", nested("option</* ; */", 5000), "too deep");
    let named = |count: usize, ty: &str| {
        let next =
            |at: usize| format!("type t{at} = {};", ty.replace('_', &format!("t{}", at + 1)));
        interface(&format!("{} type t{count} = u8;", many(count, next)))
    };
    taken("names of names", &named(9000, "_"));
    taken("a chain of lists", &named(90, "list<_>"));
    refused("lists by name", named(6000, "list<_>"), "too deep");
    refused("pairs of pairs", named(90, "tuple<_, _>"), "size");
    refused(
        "packages",
        package(&"package a:c {".repeat(9000)),
        "too deep",
    );
    refused(
        "packages in packages",
        package(&"package a:c {".repeat(100_000)),
        "more than 20000",
    );
    refused(
        "interfaces in worlds",
        package(&"world w { import x: interface {".repeat(5000)),
        "expected",
    );
    refused(
        "parentheses",
        interface(&"f: func(".repeat(100_000)),
        "expected",
    );
    refused("comments", package(&"/*".repeat(1_000_000)), "unterminated");
    taken(
        "comments in comments",
        &format!(
            "{}{}{}",
            "/*".repeat(500_000),
            "*/".repeat(500_000),
            interface("")
        ),
    );
}

#[test]
fn size() {
    refused("ten MB of spaces", " ".repeat(10_000_000), "too large");
    refused(
        "ten MB of a comment",
        package(&format!("// {}", "x".repeat(10_000_000))),
        "too large",
    );
    refused(
        "ten MB of functions",
        interface(&many(400_000, |at| format!("g{at}: func(a: u8);\n"))),
        "too large",
    );
    let comment = "/// x\n".repeat(600_000);
    taken(
        "much to say",
        &package(&format!("{comment}interface i {{}}")),
    );
    for (name, item) in [
        ("types", "type a# = u8;"),
        ("resources", "resource a#;"),
        ("functions", "a#: func();"),
        ("records", "record a# { x: u8 }"),
    ] {
        let items = |count: usize| interface(&many(count, |at| item.replace('#', &at.to_string())));
        taken(name, &items(19_000 / item.matches([';', '{']).count()));
        refused(name, items(100_000), "more than 20000");
    }
    let parameters = |count: usize| {
        interface(&format!(
            "f: func({});",
            many(count, |at| format!("a{at}: u8,"))
        ))
    };
    taken("parameters", &parameters(1000));
    refused("a parameter more", parameters(1001), "parameters");
    refused("many parameters", parameters(19_000), "parameters");
    // What is in a comment or a string ends no parameters and begins none.
    let parted = |comment: &str| {
        let parameter = |at: usize| match (at + 1) % 1900 {
            0 => format!("a{at}: u8,{comment}"),
            _ => format!("a{at}: u8,"),
        };
        format!("f: func({});", many(19_000, parameter))
    };
    for comment in ["/*)*/", "/*(*/", "/*/**/)*/", "//)\n", "//(\n"] {
        let name = format!("many parameters and {comment:?}");
        refused(&name, interface(&parted(comment)), "parameters");
    }
    for text in ["/*", "//", "\\\"/*"] {
        let id = format!("@external-id(\"{text}\") ");
        let name = format!("many parameters behind {text:?}");
        refused(&name, interface(&(id + &parted(""))), "parameters");
    }
    let cases = |count: usize| {
        interface(&format!(
            "enum e {{ {} }}",
            many(count, |at| format!("a{at},"))
        ))
    };
    taken("cases", &cases(10_000));
    refused("a case more", cases(10_001), "cases");
    refused(
        "a long name",
        interface(&format!("{}: func();", "n".repeat(1_000_000))),
        "size",
    );
    refused(
        "a long version",
        format!("package a:b@{}.0.0;", "9".repeat(1_000_000)),
        "version",
    );
}

/// Each is short, and has all that the others have.
#[test]
fn growth() {
    let uses = |count: usize| {
        let next = |at: usize| format!("interface i{} {{ use i{at}.{{t}}; }}\n", at + 1);
        package(&format!(
            "interface i0 {{ type t = u8; }}\n{}",
            many(count, next)
        ))
    };
    taken("a chain of uses", &uses(90));
    refused("a long chain of uses", uses(900), "items in binary");
    refused("more interfaces", uses(5000), "more than 1000 interfaces");
    let each = |of: usize| {
        let used = many(of, |at| format!("use i{at}.{{t{at}}};"));
        format!("interface i{of} {{ {used} type t{of} = u8; }}\n")
    };
    refused(
        "everything uses everything",
        package(&many(130, each)),
        "items in binary",
    );
    let worlds = many(450, |at| format!("world w{at} {{ import i450; }}\n"));
    refused(
        "worlds of everything",
        uses(450) + &worlds,
        "fill up worlds",
    );
    let includes = |items: usize, count: usize| {
        let items = many(items, |at| format!("import x{at}: func();"));
        let next = |at: usize| format!("world w{} {{ include w{at}; }}\n", at + 1);
        package(&format!("world w0 {{ {items} }}\n{}", many(count, next)))
    };
    taken("worlds in worlds", &includes(50, 200));
    refused(
        "worlds in large worlds",
        includes(15_000, 900),
        "fill up worlds",
    );
    let renamed = |count: usize| {
        let names = many(count, |at| format!("x{at} as y{at},"));
        includes(count, 0) + &format!("world w {{ include w0 with {{ {names} }} }}")
    };
    taken("new names", &renamed(150));
    refused("many new names", renamed(9000), "fill up worlds");
}

#[test]
fn circles() {
    for (name, text) in [
        (
            "uses",
            "interface a { use b.{t}; } interface b { use a.{t}; }",
        ),
        ("a use of itself", "interface a { use a.{t}; }"),
        ("types", "interface a { type b = c; type c = b; }"),
        (
            "a record in itself",
            "interface a { record r { next: option<r> } }",
        ),
        ("includes", "world a { include b; } world b { include a; }"),
    ] {
        refused(name, package(text), "depends on itself");
    }
    let folder = Folder::new();
    folder
        .0
        .write("p/a.wit", "package a:a; interface x { use b:b/y.{t}; }");
    folder.0.write(
        "p/deps/b.wit",
        "package b:b; interface y { use a:a/x.{t}; }",
    );
    refused_in(&folder, "packages", "p", "cycle");
    symlink(".", folder.0.join("p/deps/again")).expect("a link");
    refused_in(&folder, "a folder in itself", "p", "");
}

/// What is quoted of a text or a path steers no terminal; `held` and `calm` see
/// to that.
#[test]
fn characters() {
    for hidden in [
        "\u{202e}",
        "\u{2066}",
        "\u{200b}",
        "\u{1b}[31m",
        "\u{7}",
        "\0",
        "\u{feff}",
    ] {
        refused(
            "in a name",
            interface(&format!("x{hidden}y: func();")),
            "a.wit:2:",
        );
        refused(
            "in a type",
            interface(&format!("f: func(a: {hidden}u8);")),
            "a.wit:2:",
        );
    }
    refused(
        "in a comment",
        package("// \u{202e}\ninterface i {}"),
        "a.wit:2:",
    );
    refused("not UTF-8", b"package a:b;\xff\xfe", "from byte 12");
    refused("UTF-16", b"\xff\xfep\0a\0", "from byte 0");
    let folder = Folder::new();
    let name = "a\u{1b}[31m\u{202e}.wit";
    folder.0.write(name, interface("f: func(a: none);"));
    refused_in(&folder, "a path", name, "`none`");
}

fn fifo(path: &std::path::Path) {
    run(Command::new("mkfifo").arg(path)).success();
}

#[test]
fn no_files() {
    let folder = Folder::new();
    fifo(&folder.0.join("a.wit"));
    refused_in(&folder, "a FIFO", "a.wit", "not a regular file");
    folder.0.write("p/a.wit", interface(""));
    fifo(&folder.0.join("p/b.wit"));
    refused_in(&folder, "a FIFO in a folder", "p", "not a regular file");
    fs::rename(folder.0.join("p/b.wit"), folder.0.join("p/b.txt")).expect("a FIFO");
    taken_in(&folder, "a FIFO that is not meant", "p");
    symlink("b.txt", folder.0.join("p/c.wit")).expect("a link");
    refused_in(&folder, "a link to a FIFO", "p", "not a regular file");
    symlink("d.wit", folder.0.join("d.wit")).expect("a link");
    refused_in(&folder, "a link to itself", "d.wit", "symbolic links");
    fs::create_dir(folder.0.join("e.wit")).expect("a folder");
    refused_in(&folder, "an empty folder", "e.wit", "has no `*.wit` files");
}

/// A folder of ten thousand.
fn crowd(folder: &Temp, name: impl Fn(usize) -> String, text: impl Fn(usize) -> String) {
    for at in 0..10_000 {
        folder.write(name(at), text(at));
    }
}

#[test]
fn crowds() {
    let folder = Folder::new();
    crowd(
        &folder.0,
        |at| format!("p/{at}.wit"),
        |at| package(&format!("interface i{at} {{}}")),
    );
    refused_in(&folder, "files", "p", "more than 1000 files");
    let folder = Folder::new();
    folder.0.write("p/a.wit", interface(""));
    crowd(
        &folder.0,
        |at| format!("p/deps/{at}/a.wit"),
        |at| format!("package a:d{at};"),
    );
    refused_in(&folder, "packages", "p", "more than 1000 files");
    let folder = Folder::new();
    folder.0.write("p/a.wit", interface(""));
    crowd(&folder.0, |at| format!("p/{at}.txt"), |_| String::new());
    taken_in(&folder, "other files", "p");
    let folder = Folder::new();
    for at in 0..10 {
        let mut text = package("");
        let _ = write!(text, "// {}", "x".repeat(900_000));
        folder.0.write(format!("p/{at}.wit"), text);
    }
    refused_in(&folder, "large files", "p", "too large");
}
