//! What a run is given: of small plans over what a host has, with what plan and
//! host grant and deny to some components or to all, and with what the user
//! gives. The runner gets for each program what a plain reading of the rules says
//! (`model.rs`), and the artifacts import no more than that.

mod case;
mod model;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use arbitrary::Unstructured;
use compositor_core::host::{
    Configuration, Folder, Grants, Host, Import, Output, Program, Route, Runner, Server, Unserved,
};
use compositor_core::memory::MemoryStore;
use compositor_core::plan::to_json;
use compositor_core::{Code, Digest, Error, Rule};
use compositor_core::{Options, exec::run};
use test_generate::functions;
use test_generate::wiring::{Source, wiring};

use case::Case;
use model::Model;

/// A run that the bytes choose.
pub fn grants(bytes: &[u8]) {
    // Only running out of bytes ends it early.
    if let Ok(case) = Case::new(&mut Unstructured::new(bytes)) {
        hold(&case);
    }
}

/// Keeps what it is asked to run.
#[derive(Default)]
struct Kept(RefCell<Option<(Program, Configuration)>>);

impl Runner for Kept {
    fn fingerprint(&self) -> String {
        "kept".into()
    }

    fn run(&self, root: &Program, with: &Configuration) -> Result<(u32, Output), Error> {
        *self.0.borrow_mut() = Some((root.clone(), with.clone()));
        Ok((0, Output::default()))
    }

    fn invoke(
        &self,
        root: &Program,
        _: &str,
        with: &Configuration,
    ) -> Result<(String, Output), Error> {
        self.run(root, with)
            .map(|(_, output)| (String::new(), output))
    }

    fn serve(&self, _: &[Route], _: &Server) -> Result<(), Unserved> {
        unreachable!("nothing is served")
    }
}

fn hold(case: &Case) {
    let store = MemoryStore::new();
    for bytes in &case.components {
        store.trust(store.put(bytes.clone()));
    }
    let kept = Kept::default();
    let host = Host {
        runner: &kept,
        ..store.host()
    };
    let options = Options {
        arguments: vec!["app".to_string(), "word".to_string()],
        environment: match case.gives_variables {
            true => vec![("NAME".to_string(), "value".to_string())],
            false => Vec::new(),
        },
        folders: match case.gives_folders {
            true => vec![Folder {
                host: ".".to_string(),
                guest: ".".to_string(),
                read_only: false,
            }],
            false => Vec::new(),
        },
        policy: case.host.clone(),
        ..Options::default()
    };
    let text = to_json(&case.plan);
    let model = Model::of(case);
    let ran = match run(text.as_bytes(), &options, host) {
        Ok(ran) => ran,
        Err(findings) => {
            let codes: BTreeSet<&str> = findings.iter().map(|f| f.code.as_str()).collect();
            let is_refused = |code: Code| findings.iter().any(|f| f.code == code);
            assert!(
                model.is_torn || !is_refused(Code::ExecCapabilityDenied),
                "{text} {findings:#?}"
            );
            assert!(!is_refused(Code::InternalError), "{codes:?} {text}");
            return;
        }
    };
    assert!(
        !model.is_torn,
        "components of one program link differently: {text}"
    );
    let (root, with) = kept.0.borrow().clone().expect("it ran");
    let programs = match case.is_runtime {
        true => with.links.clone(),
        false => vec![root.clone()],
    };
    assert!(programs.contains(&root));
    let ids: Vec<&str> = programs.iter().map(|p| p.parts[0].0.as_str()).collect();
    assert_eq!(
        ids,
        model
            .programs
            .keys()
            .map(String::as_str)
            .collect::<Vec<_>>(),
        "{text}"
    );
    let uncallable = with.uncallable.iter().map(|(id, _)| id.clone());
    assert_eq!(
        uncallable.collect::<BTreeSet<_>>(),
        model.uncallable,
        "{text}"
    );
    let mut reached = Grants::default();
    for program in &programs {
        let of = &model.programs[&program.parts[0].0];
        assert_eq!(
            program.grants, of.grants,
            "{} of {text}",
            program.parts[0].0
        );
        reached.variables |= program.grants.variables;
        reached.folders |= program.grants.folders;
        let bytes = store.get(&program.artifact).expect("it is in the store");
        match &program.imports {
            None => assert!(of.is_unread, "{text}"),
            Some(imports) => imported(case, program, imports, of, &bytes),
        }
    }
    for (what, is_given, reaches) in [
        ("variables", case.gives_variables, reached.variables),
        ("folders", case.gives_folders, reached.folders),
    ] {
        let mut said = ran.findings.iter();
        let is_said = said.any(|f| {
            f.rule == Rule::UngrantedInput && f.message.starts_with(&format!("the {what} "))
        });
        assert_eq!(is_said, is_given && !reaches, "{what} {text}");
    }
}

/// What an artifact imports is what the runner is told, and what its components
/// are given is what the rules say of each.
fn imported(case: &Case, program: &Program, told: &[Import], of: &model::Program, artifact: &[u8]) {
    for import in told
        .iter()
        .filter(|import| !import.name.starts_with("sys:"))
    {
        assert_eq!(import.functions, ["f"], "{import:?}");
    }
    let told: BTreeSet<&str> = told.iter().map(|import| import.name.as_str()).collect();
    assert_eq!(told, open(artifact).iter().map(String::as_str).collect());
    let mut wanted: BTreeSet<&str> = of.given.iter().map(|(_, import)| import.as_str()).collect();
    if of.is_recorded {
        wanted.insert("sys:compose/audit@1.0.0");
    }
    assert_eq!(told, wanted);
    // One that is its component as it is has no wiring to be read.
    if case
        .components
        .iter()
        .any(|bytes| Digest::of(bytes) == program.artifact)
    {
        return;
    }
    let wiring = wiring(artifact);
    let by_digest: BTreeMap<Digest, usize> = case
        .components
        .iter()
        .enumerate()
        .map(|(index, bytes)| (Digest::of(bytes), index))
        .collect();
    for instance in &wiring.instances {
        let Some(index) = by_digest.get(&wiring.embedded[instance.component]) else {
            continue;
        };
        let id = &case.plan.components[*index].id;
        for (import, source) in &instance.arguments {
            let is_open = matches!(source, Source::Import(_));
            let is_bound = import.starts_with("t:");
            let is_given = of.given.contains(&(id.clone(), import.clone()));
            let is_recorded = of.is_recorded && !import.starts_with("compose:");
            assert_eq!(
                is_open,
                !is_bound && is_given && !is_recorded,
                "{import} of {id}"
            );
        }
    }
}

/// The imports of a component that functions come through.
fn open(component: &[u8]) -> BTreeSet<String> {
    let imports = functions(component).into_iter();
    let open = imports.filter(|(_, functions)| !functions.is_empty());
    open.map(|(name, _)| name).collect()
}
