//! From a path that the user gave to one of the folders that the host opened.

use std::cell::OnceCell;

use compositor_diagnostic::Rule;
use wasip2::cli::environment;
use wasip2::filesystem::preopens;
use wasip2::filesystem::types::Descriptor;

use crate::answer::Failure;
use crate::bindings::sys::compose::store;
use crate::finding::Finding;

thread_local! {
    static FOLDERS: OnceCell<&'static [(Descriptor, String)]> = const { OnceCell::new() };
    static VARIABLES: OnceCell<Vec<(String, String)>> = const { OnceCell::new() };
}

/// A path inside an opened folder.
pub struct Place {
    /// The opened folder.
    pub folder: &'static Descriptor,
    /// Its name.
    pub folder_name: &'static str,
    /// The path in it; `.` is the folder itself.
    pub path: String,
    /// The path as the user gave it.
    pub given: String,
}

/// Finds the opened folder that holds a path: the one whose own path covers
/// most of it.
pub fn resolve(path: &str) -> Result<Place, Failure> {
    let folders = folders();
    let names: Vec<&str> = folders.iter().map(|(_, name)| name.as_str()).collect();
    match choose(&names, cwd().as_deref(), path) {
        Some((index, inside)) => Ok(Place {
            folder: &folders[index].0,
            folder_name: &folders[index].1,
            path: inside,
            given: path.to_string(),
        }),
        None => Err(not_opened(path, &names)),
    }
}

/// The same for what is read, through links: as far as the host follows them, for who
/// started it; else inside the folder that covers least of the path, because a link
/// is followed in one folder alone.
pub fn follow(path: &str) -> Result<Place, Failure> {
    let given = |place: Place| Place {
        given: path.to_string(),
        ..place
    };
    if let Some(real) = store::follow(path) {
        return resolve(&real).map(given);
    }
    let far = match cwd() {
        Some(cwd) if !path.is_empty() => resolve(&join(&cwd, path)),
        _ => return resolve(path),
    };
    far.map(given).or_else(|_| resolve(path))
}

/// Whether the host opened a folder under exactly this name.
pub fn is_opened(name: &str) -> bool {
    folders().iter().any(|(_, opened)| opened == name)
}

/// A path for those who know no working folder: a relative one that is in no
/// folder opened under a relative name is made absolute, when the host says
/// what it starts from.
pub fn anchor(path: &str) -> String {
    let names: Vec<&str> = folders().iter().map(|(_, name)| name.as_str()).collect();
    match cwd() {
        Some(cwd) if find(&names, &clean(path)).is_none() => join(&cwd, path),
        _ => path.to_string(),
    }
}

/// The path of a file as seen from a folder, both as the user gave them; none
/// when that cannot be told.
pub fn relative(folder: &str, file: &str) -> Option<String> {
    relative_from(folder, file, cwd().as_deref())
}

/// The folder of a path.
pub fn parent(path: &str) -> &str {
    match path.trim_end_matches('/').rsplit_once('/') {
        Some(("", _)) => "/",
        Some((folder, _)) => folder,
        None => ".",
    }
}

/// The last name of a path.
pub fn name(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// A path as seen from a folder.
pub fn join(folder: &str, path: &str) -> String {
    match folder {
        _ if path.starts_with('/') => path.to_string(),
        "." => path.to_string(),
        _ if folder.ends_with('/') => format!("{folder}{path}"),
        _ => format!("{folder}/{path}"),
    }
}

/// A variable of the environment, if it says anything.
pub fn variable(name: &str) -> Option<String> {
    // Asked for each option, and the host copies all of them.
    VARIABLES.with(|variables| {
        let variables = variables.get_or_init(environment::get_environment);
        let found = variables.iter().find(|(key, _)| key == name);
        let value = found.map(|(_, value)| value.clone());
        value.filter(|value| !value.is_empty())
    })
}

fn folders() -> &'static [(Descriptor, String)] {
    // Opened once for the life of the program, as files point into them.
    FOLDERS.with(|folders| *folders.get_or_init(|| preopens::get_directories().leak()))
}

/// The folder that relative paths start from, if the host or the shell says.
fn cwd() -> Option<String> {
    let told = environment::initial_cwd().or_else(|| variable("PWD"));
    told.filter(|cwd| cwd.starts_with('/'))
}

fn not_opened(path: &str, opened: &[&str]) -> Failure {
    if path.is_empty() {
        return Finding::error(Rule::FileAccess, "a path is empty")
            .help("name a file or a folder; `.` is the current folder")
            .into();
    }
    let opened = match opened {
        [] => "none".to_string(),
        names => names
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", "),
    };
    let folder = parent(path);
    let message = format!("no opened folder holds `{path}`");
    Finding::error(Rule::PathNotOpened, message)
        .found(format!("opened folders: {opened}"))
        .help(format!(
            "open its folder, as in `wasmtime run --dir {folder} compositor.wasm …`"
        ))
        .into()
}

/// A path's names, without `.`, and with `x/..` taken away as written.
struct Clean<'a> {
    absolute: bool,
    names: Vec<&'a str>,
}

fn clean(path: &str) -> Clean<'_> {
    let absolute = path.starts_with('/');
    let mut names = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => match names.last() {
                None if absolute => {}
                None | Some(&"..") => names.push(".."),
                Some(_) => drop(names.pop()),
            },
            name => names.push(name),
        }
    }
    Clean { absolute, names }
}

/// Which of the opened folders, and the path in it.
fn choose(opened: &[&str], cwd: Option<&str>, path: &str) -> Option<(usize, String)> {
    if path.is_empty() {
        return None;
    }
    let direct = clean(path);
    find(opened, &direct).or_else(|| {
        if !direct.absolute {
            // They mean the root where the host does not say what else.
            let cwd = cwd.unwrap_or("/");
            return find(opened, &clean(&format!("{cwd}/{path}")));
        }
        // A folder that was opened as `.` has an absolute name only where the
        // host says which.
        let inside = direct.names.strip_prefix(clean(cwd?).names.as_slice())?;
        find(
            opened,
            &Clean {
                absolute: false,
                names: inside.to_vec(),
            },
        )
    })
}

/// The deepest folder that covers a path, the first of several.
fn find(opened: &[&str], wanted: &Clean) -> Option<(usize, String)> {
    let covers = opened.iter().enumerate().filter_map(|(index, name)| {
        let name = clean(name);
        let inside = wanted.names.strip_prefix(name.names.as_slice())?;
        let covers = name.absolute == wanted.absolute && inside.first() != Some(&"..");
        covers.then(|| (name.names.len(), index, shown(inside)))
    });
    // `max_by_key` takes the last.
    let deepest = covers.rev().max_by_key(|(depth, _, _)| *depth);
    deepest.map(|(_, index, inside)| (index, inside))
}

fn shown(names: &[&str]) -> String {
    match names {
        [] => ".".to_string(),
        names => names.join("/"),
    }
}

fn relative_from(folder: &str, file: &str, cwd: Option<&str>) -> Option<String> {
    let (folder_text, file_text);
    let (mut from, mut to) = (clean(folder), clean(file));
    if from.absolute != to.absolute || from.names.first() == Some(&"..") {
        let cwd = cwd?;
        (folder_text, file_text) = (join(cwd, folder), join(cwd, file));
        (from, to) = (clean(&folder_text), clean(&file_text));
    }
    let shared = from
        .names
        .iter()
        .zip(&to.names)
        .take_while(|(a, b)| a == b)
        .count();
    let up = from.names.len() - shared;
    let names: Vec<&str> = std::iter::repeat_n("..", up)
        .chain(to.names[shared..].iter().copied())
        .collect();
    Some(shown(&names))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(opened: &[&str], cwd: Option<&str>, path: &str) -> Option<(usize, String)> {
        choose(opened, cwd, path)
    }

    fn at(index: usize, path: &str) -> Option<(usize, String)> {
        Some((index, path.to_string()))
    }

    #[test]
    fn the_deepest_folder_wins() {
        let opened = [".", "/", "/data", "sub", ".."];
        assert_eq!(chosen(&opened, None, "plan.json"), at(0, "plan.json"));
        assert_eq!(chosen(&opened, None, "./a//b/../c"), at(0, "a/c"));
        assert_eq!(chosen(&opened, None, "sub/x"), at(3, "x"));
        assert_eq!(chosen(&opened, None, "subway/x"), at(0, "subway/x"));
        assert_eq!(chosen(&opened, None, "/data/x"), at(2, "x"));
        assert_eq!(chosen(&opened, None, "/database"), at(1, "database"));
        assert_eq!(chosen(&opened, None, "../x"), at(4, "x"));
        assert_eq!(chosen(&opened, None, "."), at(0, "."));
    }

    #[test]
    fn the_working_folder_helps_out() {
        assert_eq!(chosen(&["."], None, "../x"), None);
        assert_eq!(chosen(&["."], None, "/x"), None);
        assert_eq!(chosen(&["."], Some("/home/me"), "/x"), None);
        assert_eq!(chosen(&["."], Some("/home/me"), "/home/me/x"), at(0, "x"));
        assert_eq!(
            chosen(&[".", "/home"], Some("/home/me"), "../x"),
            at(1, "x")
        );
        assert_eq!(chosen(&["/"], Some("/home/me"), "x"), at(0, "home/me/x"));
        assert_eq!(chosen(&["/"], None, "x"), at(0, "x"));
        assert_eq!(chosen(&[], None, "x"), None);
        assert_eq!(chosen(&["."], None, ""), None);
    }

    #[test]
    fn sources_as_seen_from_the_plan() {
        let seen = |folder, file| relative_from(folder, file, None);
        assert_eq!(seen(".", "a/b.wasm").as_deref(), Some("a/b.wasm"));
        assert_eq!(
            seen("plans/x", "a/b.wasm").as_deref(),
            Some("../../a/b.wasm")
        );
        assert_eq!(seen("plans", "plans/b.wasm").as_deref(), Some("b.wasm"));
        assert_eq!(seen("..", "b.wasm"), None);
        assert_eq!(
            relative_from("..", "b.wasm", Some("/a/b")).as_deref(),
            Some("b/b.wasm")
        );
        assert_eq!(seen("/p", "b.wasm"), None);
    }

    #[test]
    fn parents_and_names() {
        assert_eq!((parent("a/b"), name("a/b")), ("a", "b"));
        assert_eq!((parent("b"), name("b")), (".", "b"));
        assert_eq!((parent("/b"), name("/b/")), ("/", "b"));
    }
}
