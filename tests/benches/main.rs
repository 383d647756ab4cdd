//! What composing and running take, against peers, in one run, in turn. Ratios are
//! medians; times are context. Nothing here fails because of a time.
//!
//! With names, only what has them; with `--write`, the documents as well.

mod chart;
mod code;
mod compose;
mod core;
mod cost;
mod equal;
mod host;
mod input;
mod report;
mod row;
mod run;

use std::fs;
use std::path::Path;

use compositor_tests::root;
use row::Row;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    // Cargo says `--bench` to every bench.
    let (options, names): (Vec<_>, Vec<_>) = args.iter().partition(|arg| arg.starts_with("--"));
    let known: Vec<&str> = compose::names().chain(["core", "host"]).collect();
    if let Some(name) = names.iter().find(|name| !known.contains(&name.as_str())) {
        eprintln!("there is no {name:?}: {}", known.join(", "));
        std::process::exit(2);
    }
    // Of cargo's own folder: a gigabyte may not fit where temporary files go.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let inputs = target.join("bench");
    let mut rows: Vec<Row> = Vec::new();
    for name in known {
        if !names.is_empty() && !names.iter().any(|wanted| *wanted == name) {
            continue;
        }
        let folder = inputs.join(name);
        let _ = fs::remove_dir_all(&folder);
        rows.extend(match name {
            "core" => core::rows(&folder),
            "host" => host::rows(&folder),
            name => compose::rows(name, &folder),
        });
        let _ = fs::remove_dir_all(&folder);
    }
    print!("{}", report::text(&rows));
    let folder = target.with_file_name("bench");
    let written = fs::create_dir_all(&folder);
    written.expect("a folder to write to");
    write(
        &folder.join("bench.json"),
        &format!("{:#}\n", report::json(&rows)),
    );
    if options.iter().any(|option| *option == "--write") {
        write(&root().join("docs/performance.svg"), &chart::svg(&rows));
        document(
            &root().join("docs/performance.md"),
            &report::markdown(&rows),
        );
    }
}

/// Puts the table into the document, in place of the one that is there.
fn document(path: &Path, table: &str) {
    let old = fs::read_to_string(path).expect("the document");
    let start = old.find("| what |").expect("a table in it");
    let length = old[start..]
        .find("\n\n")
        .map_or(old.len() - start, |end| end + 1);
    let new = format!("{}{table}{}", &old[..start], &old[start + length..]);
    write(path, &new);
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    eprintln!("wrote {}", path.display());
}
