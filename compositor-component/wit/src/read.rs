//! Reading packages of text, and writing one of them in binary.

use wit_parser::{Resolve, SourceMap, UnresolvedPackageGroup};

use crate::limits;
use crate::written::{filled, written};

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
    at_most("bytes of WIT", bytes, limits::BYTES)?;
    let is_mark = |byte: &u8| b",;{<@".contains(byte);
    let marks = files().map(|file| file.contents.bytes().filter(|byte| is_mark(byte)).count());
    at_most("`,`, `;`, `{`, `<` and `@`", marks.sum(), limits::MARKS)?;
    let most = files().map(|file| parameters(&file.contents)).max();
    let commas = "commas between the parameters of one function";
    at_most(commas, most.unwrap_or_default(), limits::PARAMETERS)?;
    let main = group(main)?;
    let dependencies: Vec<UnresolvedPackageGroup> = dependencies
        .into_iter()
        .map(group)
        .collect::<Result<_, _>>()?;
    let groups = || std::iter::once(&main).chain(&dependencies);
    let packages = || groups().flat_map(|group| std::iter::once(&group.main).chain(&group.nested));
    let items: usize = packages()
        .map(|package| package.interfaces.len() + package.worlds.len())
        .sum();
    at_most("interfaces and worlds", items, limits::ITEMS)?;
    let items = filled(packages());
    at_most("items to fill up worlds with", items, limits::WRITTEN)?;
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
    let items = written(&resolve, package, limits::WRITTEN);
    at_most("items in binary, with those used", items, limits::WRITTEN)?;
    wit_component::encode(&resolve, package, false)
        .map_err(|error| Problem::of(format!("{error:#}")))
}

/// The most commas that there are in one pair of parentheses. What is in comments
/// and strings is no mark: it would end a pair that the parser goes on with.
fn parameters(text: &str) -> usize {
    let (mut most, mut inside) = (0, None);
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = match (byte, after) {
            (b'/', [b'/', comment @ ..]) => behind_line(comment),
            (b'/', [b'*', comment @ ..]) => behind_block(comment),
            (b'"', string) => behind_string(string),
            _ => after,
        };
        match (byte, &mut inside) {
            (b'(', _) => inside = Some(0),
            (b')', _) => inside = None,
            (b',', Some(count)) => {
                *count += 1;
                most = most.max(*count);
            }
            _ => {}
        }
    }
    most
}

/// What follows the rest of a comment that ends with its line.
fn behind_line(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| *byte == b'\n');
    &text[end.unwrap_or(text.len())..]
}

/// What follows the rest of a block comment; they nest.
fn behind_block(mut text: &[u8]) -> &[u8] {
    let mut depth = 1;
    while depth > 0 {
        text = match text {
            [b'/', b'*', rest @ ..] => {
                depth += 1;
                rest
            }
            [b'*', b'/', rest @ ..] => {
                depth -= 1;
                rest
            }
            [_, rest @ ..] => rest,
            [] => break,
        };
    }
    text
}

/// What follows the rest of a string.
fn behind_string(mut text: &[u8]) -> &[u8] {
    loop {
        text = match text {
            [b'\\', _, rest @ ..] => rest,
            [b'"', rest @ ..] => return rest,
            [_, rest @ ..] => rest,
            [] => return text,
        };
    }
}

fn at_most(what: &str, count: usize, most: usize) -> Result<(), Problem> {
    match count <= most {
        true => Ok(()),
        false => Err(Problem::of(format!("there are more than {most} {what}"))),
    }
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
