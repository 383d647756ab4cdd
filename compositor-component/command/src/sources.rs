//! A plan's `file:` sources. What comes after `file:` is a path as it is,
//! without percent signs to decode; a relative one starts at the plan's folder.

use compositor_diagnostic::Rule;
use serde_json::Value;
use wasip2::filesystem::types::Descriptor;

use crate::answer::Failure;
use crate::bindings::sys::compose::plan::{self, Encoding};
use crate::files;
use crate::finding::Finding;
use crate::invocation::Invocation;
use crate::kind::{self, Kind};
use crate::own::Own;
use crate::paths::{self, Place};
use crate::plan_file::PlanFile;

/// The path of a source of a plan in a folder.
pub fn path(source: &str, folder: &str) -> Result<String, Failure> {
    match source.strip_prefix("file:") {
        Some(path) => {
            let path = match path.strip_prefix("//") {
                // An empty host, as in `file:///home/me/x.wasm`.
                Some(path) if path.starts_with('/') => path,
                _ => path,
            };
            Ok(paths::join(folder, path))
        }
        None => {
            let message =
                format!("cannot read the source `{source}`: only `file:` sources are read");
            let help = match is_path(source) {
                true => format!("did you mean `file:{source}`?"),
                false => "fetch it, and name the file with `file:` or put it with `blob put FILE` \
                          and write its digest into the plan"
                    .to_string(),
            };
            Err(Finding::error(Rule::UnreadableSource, message)
                .help(help)
                .into())
        }
    }
}

/// Whether a source that is none is the path of a file, and has no scheme.
fn is_path(source: &str) -> bool {
    let scheme = source.split_once(':').map_or("", |(scheme, _)| scheme);
    !source.is_empty() && (scheme.is_empty() || scheme.contains(['/', '.']))
}

/// The source of a file, for a plan in a folder; none when the way from there
/// cannot be told.
pub fn of_file(path: &str, folder: &str) -> Option<String> {
    Some(format!("file:{}", paths::relative(folder, path)?))
}

/// From where sources may be read: not from the store, and from nowhere outside
/// a folder, where the user names one.
pub struct Rules {
    own: Own,
    root: Option<Root>,
}

struct Root {
    given: String,
    folder: &'static Descriptor,
}

impl Rules {
    /// Those of a command.
    pub fn of(invocation: &Invocation) -> Result<Self, Failure> {
        let root = invocation.value("root").map(|given| {
            let folder: &_ = Box::leak(Box::new(files::open_folder(given)?));
            let given = given.to_string();
            Ok::<_, Failure>(Root { given, folder })
        });
        Ok(Self {
            own: Own::of(invocation),
            root: root.transpose()?,
        })
    }

    /// Where a path leads: links are followed as far as the host does, and
    /// inside the root, where there is one.
    fn place(&self, path: &str) -> Result<Place, Failure> {
        let Some(root) = &self.root else {
            return paths::follow(path);
        };
        let way = paths::relative(&root.given, path);
        match way.filter(|way| way != ".." && !way.starts_with("../")) {
            Some(path_inside) => Ok(Place {
                folder: root.folder,
                folder_name: "the root of sources",
                path: path_inside,
                given: path.to_string(),
            }),
            None => Err(Finding::error(
                Rule::RefusedSource,
                format!("cannot read `{path}`: it is not in `{}`", root.given),
            )
            .help("sources are read in the folder of `--root` alone: copy it there, or name a folder that holds both")
            .into()),
        }
    }
}

/// A source that is being read: a regular file that starts as a component does.
pub struct Source {
    file: files::Reader,
    start: Vec<u8>,
    /// What is left of the size that it had when it was opened.
    left: u64,
    /// The name of the folder that the host opened, and the path from there; none of
    /// what is read in a folder alone.
    place: Option<(&'static str, String)>,
}

/// Where a source is that is at hand, for who hashes it elsewhere: the name of a folder that
/// the host opened, and the path from there. None of what must not be read, and of what is
/// read in a folder alone, which links do not leave.
pub fn at_hand(source: &str, folder: &str, rules: &Rules) -> Option<(String, String)> {
    let place = rules.place(&path(source, folder).ok()?).ok()?;
    let is_anywhere = rules.root.is_none() && !rules.own.holds(&place);
    is_anywhere.then(|| (place.folder_name.to_string(), place.path))
}

impl Source {
    /// Opens the source of a component of a plan in a folder.
    pub fn open(source: &str, folder: &str, rules: &Rules) -> Result<Self, Failure> {
        Self::open_file(&path(source, folder)?, rules)
    }

    /// Opens a file that is to be a component.
    pub fn open_file(path: &str, rules: &Rules) -> Result<Self, Failure> {
        let place = rules.place(path)?;
        if rules.own.holds(&place) {
            let message =
                format!("cannot read `{path}`: it belongs to the store or to your state folder");
            return Err(Finding::error(Rule::RefusedSource, message)
                .help("write the digest of a blob into the plan, in place of a source")
                .into());
        }
        let is_anywhere = rules.root.is_none();
        let named = is_anywhere.then(|| (place.folder_name, place.path.clone()));
        let mut file = files::open_place(place)?;
        let size = file.size()?;
        // What is shorter, as files of the system that are made while they are
        // read say of themselves, is not read at all.
        let mut start = match size >= START {
            true => file.read_prefix(START)?,
            false => Vec::new(),
        };
        if !is_component(&start) {
            if size >= START {
                start.extend(file.read_prefix(kind::START)?);
            }
            return Err(no_component(path, Kind::of(path, &start)));
        }
        Ok(Self {
            file,
            left: size - START,
            start,
            place: named,
        })
    }

    /// Where others find it: the name of a folder that the host opened, and the path
    /// from there. None of what is read in a folder alone, which links do not leave.
    pub fn place(&self) -> Option<(&'static str, &str)> {
        let (folder, path) = self.place.as_ref()?;
        Some((*folder, path.as_str()))
    }

    /// Some more bytes, or none at the end.
    pub fn read(&mut self, length: u64) -> Result<Vec<u8>, Failure> {
        if !self.start.is_empty() {
            return Ok(std::mem::take(&mut self.start));
        }
        let bytes = self.file.read(length.min(self.left))?;
        self.left -= bytes.len() as u64;
        Ok(bytes)
    }
}

/// What tells a component.
const START: u64 = 8;

fn is_component(bytes: &[u8]) -> bool {
    matches!(bytes, [0, b'a', b's', b'm', 13, 0, 1, 0])
}

fn no_component(path: &str, kind: Kind) -> Failure {
    let message = format!("`{path}` is {}, not a component", kind.what());
    Finding::error(Rule::InvalidComponent, message)
        .help(kind.instead_of_component(path))
        .into()
}

/// Makes a plan's relative sources lead from another folder to the same files,
/// so that the plan means the same there.
pub fn relocate(plan: &mut PlanFile, folder: &str) -> Result<(), Failure> {
    if paths::relative(folder, &plan.folder).is_some_and(|way| way == ".") {
        return Ok(());
    }
    let encoding = plan.summary()?.encoding;
    let bytes = plan.check(plan::convert(plan.bytes(), Encoding::Json))?;
    let mut json: Value = serde_json::from_slice(&bytes).expect("the core writes JSON");
    let mut moved = false;
    let components = json["components"].as_array_mut().into_iter().flatten();
    for (index, component) in components.enumerate() {
        let source = component["source"].as_str().unwrap_or_default();
        if !is_relative(source) {
            continue;
        }
        let Some(source) = of_file(&path(source, &plan.folder)?, folder) else {
            let message =
                format!("there is no known path from `{folder}` to the source `{source}`");
            let finding = Finding::error(Rule::UnreachableSource, message)
                .help("write the plan into the folder that it was in, or make the source absolute");
            let pointer = format!("/components/{index}/source");
            return Err(Failure::of(plan.at(vec![(finding, pointer)])));
        };
        component["source"] = source.into();
        moved = true;
    }
    // A plan without any stays as its author wrote it.
    if moved {
        plan.changed = Some(format!("{json:#}\n").into_bytes());
        if encoding == Encoding::Cbor {
            plan.changed = Some(plan.check(plan::convert(plan.bytes(), Encoding::Cbor))?);
        }
    }
    Ok(())
}

fn is_relative(source: &str) -> bool {
    let path = source.strip_prefix("file:");
    path.is_some_and(|path| !path.starts_with('/'))
}
