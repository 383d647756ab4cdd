//! Where the files of packages are, as `wac` lays them out: `DIR/ns/name.wasm`, and
//! `DIR/ns/name/1.0.0.wasm` of what is named with a version.

use std::collections::BTreeMap;

use crate::answer::Failure;
use crate::invocation::Invocation;
use crate::{files, paths};

/// Whether there is something at a path, also where links lead.
pub fn is_there(path: &str) -> bool {
    paths::follow(path).is_ok_and(|place| files::exists(&place))
}

/// The folder of `--deps` and the files of `--dep`.
pub struct Packages {
    folder: String,
    given: BTreeMap<String, String>,
}

/// What there is of a package.
pub enum Package {
    /// A file, which is to be a component.
    File(String),
    /// A folder of WIT.
    Wit(String),
    /// Nothing; a file would be looked for here.
    Absent(String),
}

impl Packages {
    /// As the command line has them.
    pub fn of(invocation: &Invocation) -> Result<Self, Failure> {
        let mut given = BTreeMap::new();
        for dep in invocation.values("dep") {
            let named = dep.split_once('=').filter(|(name, _)| !name.is_empty());
            let Some((name, path)) = named else {
                return Err(invocation.misuse(format!("`--dep {dep}` is not `--dep NAME=FILE`")));
            };
            if given.insert(name.to_string(), path.to_string()).is_some() {
                return Err(invocation.misuse(format!("`--dep {name}=…` is given twice")));
            }
        }
        Ok(Self {
            folder: invocation.value("deps").unwrap_or("deps").to_string(),
            given,
        })
    }

    /// The file that the command line gives for a name.
    pub fn given(&self, name: &str) -> Option<&str> {
        self.given.get(name).map(String::as_str)
    }

    /// Finds a package such as `ns:name`, perhaps of a version.
    pub fn find(&self, name: &str, version: Option<&str>) -> Package {
        let full = match version {
            Some(version) => format!("{name}@{version}"),
            None => name.to_string(),
        };
        if let Some(path) = self.given(&full) {
            return Package::File(path.to_string());
        }
        let mut path = name.split(':').fold(self.folder.clone(), |folder, part| {
            paths::join(&folder, part)
        });
        if let Some(version) = version {
            path = paths::join(&path, version);
        }
        if paths::follow(&path).is_ok_and(|place| files::is_folder(&place)) {
            return Package::Wit(path);
        }
        path += ".wasm";
        match is_there(&path) {
            true => Package::File(path),
            false => Package::Absent(path),
        }
    }
}
