//! What composing and running take, against peers, in one run, in turn. Ratios are
//! medians; times are context. Nothing here fails because of a time.
//!
//! With names, only what has them; with `--write`, the documents as well.

mod chart;
mod code;
mod compose;
mod core;
mod cost;
mod draft;
mod equal;
mod growth;
mod growth_chart;
mod host;
mod input;
mod languages;
mod report;
mod row;
mod run;
mod serve;

use std::fs;
use std::path::Path;

use compositor_tests::root;
use growth::Line;
use row::Row;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    // Cargo says `--bench` to every bench.
    let (options, names): (Vec<_>, Vec<_>) = args.iter().partition(|arg| arg.starts_with("--"));
    let mut known: Vec<&str> = compose::names();
    known.extend(["core", "host", "serve", "growth"]);
    if let Some(name) = names.iter().find(|name| !known.contains(&name.as_str())) {
        eprintln!("there is no {name:?}: {}", known.join(", "));
        std::process::exit(2);
    }
    // Of cargo's own folder: a gigabyte may not fit where temporary files go.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let inputs = target.join("bench");
    let (mut rows, mut lines): (Vec<Row>, Vec<Line>) = Default::default();
    for name in known {
        if !names.is_empty() && !names.iter().any(|wanted| *wanted == name) {
            continue;
        }
        let folder = inputs.join(name);
        let _ = fs::remove_dir_all(&folder);
        match name {
            "core" => rows.extend(core::rows(&folder)),
            "host" => rows.extend(host::rows(&folder)),
            "serve" => rows.extend(serve::rows(&folder)),
            "growth" => lines.extend(growth::lines(&folder)),
            name => rows.extend(compose::rows(name, &folder)),
        }
        let _ = fs::remove_dir_all(&folder);
    }
    if !rows.is_empty() {
        print!("{}", report::text(&rows));
    }
    if !lines.is_empty() {
        print!("{}", growth::markdown(&lines));
    }
    let folder = target.with_file_name("bench");
    let written = fs::create_dir_all(&folder);
    written.expect("a folder to write to");
    let mut json = report::json(&rows);
    json["growth"] = growth::json(&lines);
    write(&folder.join("bench.json"), &format!("{json:#}\n"));
    if options.iter().any(|option| *option == "--write") {
        documents(&rows, &lines);
    }
}

/// Writes the pictures and the tables of what was measured.
fn documents(rows: &[Row], lines: &[Line]) {
    let docs = root().join("docs");
    if !rows.is_empty() {
        write(&docs.join("performance.svg"), &chart::svg(rows));
        table(&docs, "| what |", &report::markdown(rows));
    }
    if !lines.is_empty() {
        write(&docs.join("growth.svg"), &growth_chart::svg(lines));
        table(&docs, "| growth of |", &growth::markdown(lines));
    }
}

/// Puts a table into the document, in place of the one that starts so.
fn table(docs: &Path, start: &str, table: &str) {
    let path = docs.join("performance.md");
    let old = fs::read_to_string(&path).expect("the document");
    let start = old.find(start).expect("a table in it");
    let length = old[start..]
        .find("\n\n")
        .map_or(old.len() - start, |end| end + 1);
    let new = format!("{}{table}{}", &old[..start], &old[start + length..]);
    write(&path, &new);
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    eprintln!("wrote {}", path.display());
}
