//! `canon wit-id`.

use compositor_diagnostic::Rule;
use serde_json::{Value, json};

use crate::answer::{Answer, Failure};
use crate::bindings::canon::wit::ids::{self, Kind};
use crate::bindings::canon::wit::text::{self, File};
use crate::finding::Finding;
use crate::input::Input;
use crate::invocation::Invocation;
use crate::{digest, escape, files, paths};

/// What of a component is read whole, and passed on whole.
const MOST_BYTES: u64 = 64 << 20;
/// What of texts is: as much as the part that reads them takes.
const MOST_TEXT: u64 = 4 << 20;
/// Files of a package and those that it uses.
const MOST_FILES: usize = 1_000;

/// Prints ids: of a package, its interfaces and worlds, or of a component.
pub fn wit_id(invocation: &Invocation) -> Result<Answer, Failure> {
    let path = &invocation.arguments[0];
    let binary = binary(path)?;
    let identified = ids::of_binary(&binary).map_err(|message| {
        Finding::error(Rule::InvalidWit, message)
            .about(path.as_str())
            .help("give a component, or a WIT package as text or in binary")
    })?;
    let mut lines = String::new();
    let mut objects = Vec::with_capacity(identified.len());
    for item in identified {
        let kind = match item.kind {
            Kind::Package => "package",
            Kind::Interface => "interface",
            Kind::World => "world",
            Kind::Component => "component",
        };
        let (name, id) = (item.name, digest::show(&item.id));
        // A line each: ids are to be pasted.
        lines.push_str(&format!("{kind} {}\n  {id}\n", escape::line(&name)));
        objects.push(json!({ "kind": kind, "name": name, "id": id }));
    }
    Ok(Answer::text(lines).field("ids", Value::Array(objects)))
}

/// What a file or a folder of WIT is in binary, or what is binary already: a package or
/// a component.
pub fn binary(path: &str) -> Result<Vec<u8>, Failure> {
    let mut texts = Texts { files: 0, bytes: 0 };
    let (main, dependencies) = if files::is_folder(&paths::resolve(path)?) {
        (texts.package(path)?, texts.dependencies(path)?)
    } else {
        let mut input = Input::open(path)?;
        if input.is_wasm()? {
            return input.read_all(MOST_BYTES)?.ok_or_else(|| {
                too_large(path, MOST_BYTES)
                    .help("a component's code does not count for its world: give one without it")
                    .into()
            });
        }
        (vec![texts.read(path, input)?], Vec::new())
    };
    let read = text::to_binary(&main, &dependencies).map_err(|problem| {
        Finding::error(Rule::InvalidWit, problem.message)
            .about(problem.at.as_deref().unwrap_or(path))
            .help("correct the WIT; a folder has the packages that it uses in `deps`")
    });
    Ok(read?)
}

/// How much of texts was read.
struct Texts {
    files: usize,
    bytes: u64,
}

impl Texts {
    /// The files of the package in a folder.
    fn package(&mut self, folder: &str) -> Result<Vec<File>, Failure> {
        let mut package = Vec::new();
        for name in files::list(folder)? {
            let path = paths::join(folder, &name);
            if name.ends_with(".wit") && !files::is_folder(&paths::resolve(&path)?) {
                package.push(self.file(&path)?);
            }
        }
        match package.is_empty() {
            true => Err(Finding::error(
                Rule::InvalidWit,
                format!("`{folder}` has no `*.wit` files"),
            )
            .help("name the folder that the package's files are in")
            .into()),
            false => Ok(package),
        }
    }

    /// The packages in the folder `deps` of a package: a file each, or a folder.
    fn dependencies(&mut self, folder: &str) -> Result<Vec<Vec<File>>, Failure> {
        let deps = paths::join(folder, "deps");
        let mut packages = Vec::new();
        if !files::is_folder(&paths::resolve(&deps)?) {
            return Ok(packages);
        }
        for name in files::entries(&deps)? {
            let path = paths::join(&deps, &name);
            if files::is_folder(&paths::resolve(&path)?) {
                packages.push(self.package(&path)?);
            } else if name.ends_with(".wit") {
                packages.push(vec![self.file(&path)?]);
            } else if name.ends_with(".wasm") {
                return Err(Finding::error(
                    Rule::InvalidWit,
                    format!("`{path}` is in binary, where dependencies are read as text"),
                )
                .help("`wasm-tools component wit FILE` prints it as text")
                .into());
            }
        }
        Ok(packages)
    }

    /// One more file.
    fn file(&mut self, path: &str) -> Result<File, Failure> {
        self.read(path, Input::open(path)?)
    }

    fn read(&mut self, path: &str, mut input: Input) -> Result<File, Failure> {
        self.files += 1;
        if self.files > MOST_FILES {
            return Err(Finding::error(
                Rule::InvalidWit,
                format!("there are more than {MOST_FILES} files of WIT"),
            )
            .about(path)
            .help("give the package alone, with those that it uses")
            .into());
        }
        let read = input.read_all(MOST_TEXT - self.bytes)?;
        let bytes = read.ok_or_else(|| {
            too_large(path, MOST_TEXT)
                .help("give a component, or a WIT package as text or in binary")
        })?;
        self.bytes += bytes.len() as u64;
        let contents = String::from_utf8(bytes).map_err(|error| {
            Finding::error(
                Rule::InvalidWit,
                format!(
                    "neither WebAssembly nor UTF-8, from byte {}",
                    error.utf8_error().valid_up_to()
                ),
            )
            .about(path)
            .help("give a component, or a WIT package as text or in binary")
        })?;
        let path = path.to_string();
        Ok(File { path, contents })
    }
}

/// Of all files together, where there are several.
fn too_large(path: &str, most: u64) -> Finding {
    Finding::error(Rule::FileTooLarge, format!("`{path}` is too large"))
        .expected(format!("at most {most} bytes"))
}
