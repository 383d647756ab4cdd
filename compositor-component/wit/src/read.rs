//! Reading packages of text, and writing one of them in binary.

use wit_parser::{Resolve, SourceMap, UnresolvedPackageGroup};

use crate::limits;

/// A file of WIT.
#[derive(Clone, Debug)]
pub struct File {
    /// What it is called in messages.
    pub path: String,
    /// Its text.
    pub contents: String,
}

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, the line and the column, where they are known.
    pub at: Option<String>,
    /// A sentence for people.
    pub message: String,
}

impl Problem {
    fn of(message: impl Into<String>) -> Self {
        let message = message.into();
        Self { at: None, message }
    }
}

/// The binary form of a package whose files are `main`. Each dependency is
/// the files of one package.
pub fn to_binary(main: Vec<File>, dependencies: Vec<Vec<File>>) -> Result<Vec<u8>, Problem> {
    let files = || main.iter().chain(dependencies.iter().flatten());
    let bytes: usize = files().map(|file| file.contents.len()).sum();
    if bytes > limits::BYTES {
        let most = limits::BYTES;
        return Err(Problem::of(format!(
            "{bytes} bytes of WIT, at most {most} are read"
        )));
    }
    if let Some(file) = files().find(|file| nesting(&file.contents) > limits::NESTING) {
        return Err(Problem {
            at: Some(file.path.clone()),
            message: format!("types nest more than {} deep", limits::NESTING),
        });
    }
    let main = group(main)?;
    let dependencies: Vec<UnresolvedPackageGroup> = dependencies
        .into_iter()
        .map(group)
        .collect::<Result<_, _>>()?;
    let groups = || std::iter::once(&main).chain(&dependencies);
    let packages = groups().flat_map(|group| std::iter::once(&group.main).chain(&group.nested));
    let items: usize = packages
        .map(|package| package.interfaces.len() + package.worlds.len())
        .sum();
    if items > limits::ITEMS {
        let most = limits::ITEMS;
        let message = format!("{items} interfaces and worlds, at most {most} are read");
        return Err(Problem::of(message));
    }
    let mut resolve = Resolve::new();
    let package = resolve
        .push_groups(main, dependencies)
        .map_err(|error| Problem {
            at: known(resolve.render_location(error.kind().span())),
            message: error.kind().to_string(),
        })?;
    let found = &resolve.packages[package];
    if found.interfaces.is_empty() && found.worlds.is_empty() {
        let name = &found.name;
        let message = format!("the package {name} has no interfaces and no worlds");
        return Err(Problem::of(message));
    }
    wit_component::encode(&resolve, package).map_err(|error| Problem::of(format!("{error:#}")))
}

fn group(files: Vec<File>) -> Result<UnresolvedPackageGroup, Problem> {
    let mut map = SourceMap::new();
    for file in files {
        map.push_str(&file.path, file.contents);
    }
    map.parse().map_err(|(map, error)| Problem {
        at: known(map.render_location(error.kind().span())),
        message: error.kind().to_string(),
    })
}

/// A place, when the parser knows it.
fn known(place: String) -> Option<String> {
    Some(place).filter(|place| place != "<unknown>")
}

/// How deep `<` nests: the parser calls itself for each. Comments may hold
/// them too, and are not that deep.
fn nesting(text: &str) -> usize {
    let (mut depth, mut most) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'<' => depth += 1,
            b'>' => depth = depth.saturating_sub(1),
            b';' | b'{' | b'}' => depth = 0,
            _ => {}
        }
        most = most.max(depth);
    }
    most
}
