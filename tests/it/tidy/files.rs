//! The files of the checkout, without what was built.

use std::fs;
use std::path::{Path, PathBuf};

use compositor_tests::{read, root};

/// Names of folders that hold nothing of ours.
const FOREIGN: [&str; 5] = [".git", "target", "dist", "node_modules", ".compose"];

/// A file of ours.
pub struct File {
    /// Its path from the checkout's folder, with `/`.
    pub path: String,
    /// Its text; empty when it is not UTF-8.
    pub text: String,
}

/// The files whose names end so.
pub fn ending(end: &str) -> Vec<File> {
    let mut paths = Vec::new();
    walk(root(), &mut paths);
    let wanted = paths
        .iter()
        .filter(|path| path.to_string_lossy().ends_with(end));
    let mut files: Vec<File> = wanted.map(|path| file(path)).collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!files.is_empty(), "no file ends in {end}");
    files
}

/// All of them.
pub fn all() -> Vec<File> {
    let mut paths = Vec::new();
    walk(root(), &mut paths);
    paths.iter().map(|path| file(path)).collect()
}

/// One of them.
pub fn text(path: &str) -> String {
    file(&root().join(path)).text
}

fn file(path: &Path) -> File {
    let inside = path.strip_prefix(root()).expect("it is in the checkout");
    File {
        path: inside.to_string_lossy().replace('\\', "/"),
        text: String::from_utf8(read(path)).unwrap_or_default(),
    }
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of the checkout") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("it has a name").to_string_lossy();
        // The contents of the example store are not in the repository.
        let blob = path.starts_with(root().join("blobs")) && !name.ends_with(".md");
        // A module may have the name of what cargo builds into.
        let is_module = folder.ends_with("src");
        let is_foreign = FOREIGN.contains(&&*name) && !is_module;
        if path.is_dir() && !is_foreign && !blob {
            walk(&path, paths);
        } else if path.is_file() && !blob {
            paths.push(path);
        }
    }
}
