//! A component of a Spin application: what `spin.toml` says of it, with its component
//! dependencies.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::answer::Failure;
use crate::draft::{Ids, Part};
use crate::invocation::Invocation;
use crate::packages::{Package, Packages, is_there};
use crate::paths;
use crate::remarks::Remarks;
use crate::spin_manifest::{
    Components, Table, array, choose, components, description, get, is_version_2, say_triggers,
    table, text, triggers,
};
use crate::words::list;

/// A component of an application, as a plan needs it.
pub struct Application {
    /// What the manifest says that it is.
    pub description: String,
    /// The component, and behind it its dependencies.
    pub parts: Vec<(Part, Range<usize>)>,
    /// The digest that a part's file has to have.
    pub digests: BTreeMap<usize, (String, Range<usize>)>,
    /// The dependencies, each of the part that is one further.
    pub dependencies: Vec<Dependency>,
    /// Whether dependencies may do what the component may.
    pub inherits: bool,
    /// What the component may do that Spin does not let every component do.
    pub granted: BTreeSet<&'static str>,
}

/// A component that another one is made with.
pub struct Dependency {
    /// What of the component's imports it is for.
    pub name: String,
    /// The export that it is bound to; that of the import's name otherwise.
    pub export: Option<String>,
    /// Whether it may do what the component may.
    pub inherits: bool,
}

/// Reads a manifest, and chooses a component of it; none when that failed, of which the
/// remarks say why.
///
/// # Errors
/// When the command line does not say which component is meant.
pub fn read(
    invocation: &Invocation,
    manifest: &str,
    folder: &str,
    packages: &Packages,
    remarks: &mut Remarks,
) -> Result<Option<Application>, Failure> {
    let manifest = match DeTable::parse(manifest) {
        Ok(manifest) => manifest.into_inner(),
        Err(error) => {
            let span = error.span().unwrap_or(0..0);
            remarks.invalid(span, error.message(), "correct the TOML");
            return Ok(None);
        }
    };
    if !is_version_2(&manifest, remarks) {
        return Ok(None);
    }
    let components = components(&manifest);
    let triggers = triggers(&manifest);
    let Some(id) = choose(invocation, &components, &triggers)? else {
        let message = "the manifest has no component";
        remarks.invalid(0..0, message, "add `[component.NAME]` with a `source`");
        return Ok(None);
    };
    let (of, at) = components[id.as_str()].clone();
    say_triggers(&triggers, &id, remarks);
    let mut reader = Reader {
        folder,
        packages,
        components: &components,
        remarks,
        ids: Ids::default(),
        application: Application {
            description: description(&manifest, &id),
            parts: Vec::new(),
            digests: BTreeMap::new(),
            dependencies: Vec::new(),
            inherits: false,
            granted: BTreeSet::new(),
        },
    };
    reader.component(&id, of, at);
    let application = reader.application;
    Ok((!remarks.has_errors()).then_some(application))
}

/// Goes through the fields of a component.
struct Reader<'a, 'r> {
    folder: &'a str,
    packages: &'a Packages,
    components: &'a Components<'a>,
    remarks: &'r mut Remarks,
    ids: Ids,
    application: Application,
}

impl Reader<'_, '_> {
    fn component(&mut self, id: &str, of: Table<'_>, at: Range<usize>) {
        match get(of, "source") {
            Some(source) => self.part(id, source),
            None => {
                let message = format!("component `{id}` has no `source`");
                self.remarks.invalid(at, message, "add its file");
            }
        }
        for (key, value) in of {
            let span = key.span();
            let values = || array(value).iter().filter_map(text).collect::<Vec<_>>();
            match &**key.get_ref() {
                "source" | "description" => {}
                "dependencies_inherit_configuration" => {
                    self.application.inherits = matches!(value.get_ref(), DeValue::Boolean(true));
                }
                "dependencies" => {
                    for (name, dependency) in table(value).into_iter().flatten() {
                        self.dependency(name.get_ref(), name.span(), dependency);
                    }
                }
                "allowed_outbound_hosts" | "allowed_http_hosts" => {
                    self.hosts(&values(), span);
                }
                "files" => self.files(value),
                "environment" => self.environment(value),
                "exclude_files" => {
                    let message = "a plan excludes no files";
                    let help = "lend a folder that does not have them";
                    self.remarks.dropped(span, message, help);
                }
                "variables" => {
                    self.application.granted.insert("wasi:config");
                    let message = "a plan has no variables";
                    let help = "whoever runs the artifact gives them, or a component that is bound \
                                to the import";
                    self.remarks.dropped(span, message, help);
                }
                "key_value_stores" => {
                    self.application.granted.insert("wasi:keyvalue");
                    self.no_host(span, "key-value stores");
                }
                "sqlite_databases" => self.no_host(span, "databases"),
                "ai_models" => self.no_host(span, "models"),
                "build" | "tool" => {
                    let message = format!("a plan has no `{}`", key.get_ref());
                    self.remarks
                        .dropped(span, message, "build the component before");
                }
                other => {
                    let message = format!("`{other}` is not known here, and not kept");
                    let help = "remove it, or see to what it does yourself";
                    self.remarks.dropped(span, message, help);
                }
            }
        }
    }

    fn no_host(&mut self, span: Range<usize>, what: &str) {
        let message = format!("a plan has no {what}");
        let help = "the import stays open: whoever runs the artifact gives it, or a component that \
                    is bound to it; `composectl` does not";
        self.remarks.dropped(span, message, help);
    }

    /// What a component may reach: all hosts or none, as far as a plan says.
    fn hosts(&mut self, hosts: &[&str], span: Range<usize>) {
        let mut some = Vec::new();
        for host in hosts {
            let (scheme, rest) = host.split_once("://").unwrap_or(("", host));
            let is_all = *host == "insecure:allow-all" || matches!(rest, "*" | "*:*");
            match (scheme, is_all) {
                ("http" | "https", true) => {
                    self.application.granted.insert("wasi:http");
                }
                ("*" | "", true) => {
                    self.application
                        .granted
                        .extend(["wasi:http", "wasi:sockets"]);
                }
                (_, true) => {
                    self.application.granted.insert("wasi:sockets");
                }
                (_, false) => some.push(*host),
            }
        }
        if !some.is_empty() {
            let message = format!(
                "a plan grants the network or not, and no hosts of it: {} {} not granted",
                list(some.iter().copied()),
                if some.len() == 1 { "is" } else { "are" },
            );
            let help = "add the capability wasi:http or wasi:sockets to the plan's policy, if it \
                        may reach any host";
            self.remarks.dropped(span, message, help);
        }
    }

    fn files(&mut self, value: &Spanned<DeValue<'_>>) {
        for mount in array(value) {
            self.application.granted.insert("wasi:filesystem");
            let field = |name| table(mount).and_then(|of| get(of, name)).and_then(text);
            let lent = match (field("source"), field("destination")) {
                (Some(source), Some(destination)) => {
                    let source = paths::join(self.folder, source);
                    format!("`--dir {source}::{destination}:ro` lends it to a run")
                }
                _ => format!("`--dir {}::/:ro` lends its folder to a run", self.folder),
            };
            let what = text(mount).or(field("source")).unwrap_or("what it says");
            let message = format!("a plan has no files: `{what}` is not kept");
            self.remarks.dropped(mount.span(), message, lent);
        }
    }

    fn environment(&mut self, value: &Spanned<DeValue<'_>>) {
        for (key, value) in table(value).into_iter().flatten() {
            let key_name = key.get_ref();
            let message = format!("a plan sets no variables of the environment: `{key_name}`");
            let help = format!(
                "`--env {key_name}={}` sets it for a run",
                text(value).unwrap_or("VALUE")
            );
            self.remarks.dropped(key.span(), message, help);
        }
    }

    /// A dependency: its component, and what of it is bound.
    fn dependency(&mut self, name: &str, span: Range<usize>, value: &Spanned<DeValue<'_>>) {
        let field = |name| table(value).and_then(|of| get(of, name));
        let components = self.components;
        match field("component").and_then(text) {
            None => self.part(name, value),
            Some(other) => match components.get(other).and_then(|(of, _)| get(of, "source")) {
                Some(source) => self.part(name, source),
                None => {
                    let message = format!("there is no component `{other}` with a source");
                    let help = "name a component of this manifest";
                    self.remarks.invalid(value.span(), message, help);
                }
            },
        }
        let inherits = match field("inherit_configuration").map(Spanned::get_ref) {
            None | Some(DeValue::Boolean(false)) => false,
            Some(DeValue::Boolean(true)) => true,
            Some(_) => {
                let message = "a plan lets a dependency do all that its component may, or nothing";
                let help = "it may do nothing; add capabilities to the plan's policy";
                self.remarks.dropped(span, message, help);
                false
            }
        };
        self.application.dependencies.push(Dependency {
            name: name.to_string(),
            export: field("export").and_then(text).map(str::to_string),
            inherits,
        });
    }

    /// Where a component is: in a file, or where Spin would get it.
    fn part(&mut self, id: &str, value: &Spanned<DeValue<'_>>) {
        let span = value.span();
        let field = |name| table(value).and_then(|of| get(of, name)).and_then(text);
        let is_source = self.application.parts.is_empty();
        let local = match text(value) {
            // A dependency that is a text is a version.
            Some(path) => Some(path).filter(|path| is_source || path.ends_with(".wasm")),
            None => field("path"),
        };
        let given = self.packages.given(id).map(str::to_string);
        let path = match (given, local) {
            (Some(given), _) => Some(given),
            (None, Some(path)) => Some(self.local(paths::join(self.folder, path), span.clone())),
            (None, None) => {
                let package = field("package").unwrap_or(id);
                let package = package.split(['/', '@']).next().unwrap_or(package);
                self.fetched(id, package, field("url"), span.clone())
            }
        };
        if let Some(digest) = field("digest") {
            let index = self.application.parts.len();
            self.application
                .digests
                .insert(index, (digest.to_string(), span.clone()));
        }
        let part = Part {
            id: self.ids.next(id),
            path: path.unwrap_or_default(),
        };
        self.application.parts.push((part, span));
    }

    /// The file that the manifest names, which is to be there.
    fn local(&mut self, path: String, span: Range<usize>) -> String {
        if !is_there(&path) {
            let message = format!("there is no file `{path}`");
            let help = "build it before, as `spin build` does";
            self.remarks.absent(span, message, help);
        }
        path
    }

    /// The file of what Spin gets from elsewhere, where somebody put it at hand.
    fn fetched(
        &mut self,
        id: &str,
        package: &str,
        url: Option<&str>,
        span: Range<usize>,
    ) -> Option<String> {
        let path = match self.packages.find(package, None) {
            Package::File(path) if url.is_none() => return Some(path),
            Package::File(path) | Package::Wit(path) | Package::Absent(path) => path,
        };
        let (message, help) = match url {
            Some(url) => (
                format!("the component of `{id}` is at `{url}`, and nothing is downloaded here"),
                format!("download it, and name the file with `--dep {id}=FILE`"),
            ),
            None => (
                format!("the component of `{id}` is in a registry, and nothing is downloaded here"),
                format!(
                    "`wkg get {package} -o FILE` gets it: put it at `{path}`, or name the file with \
                     `--dep {id}=FILE`"
                ),
            ),
        };
        self.remarks.absent(span, message, help);
        None
    }
}
