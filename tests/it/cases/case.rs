//! Plans under test, emitted natively and in the component.

use std::collections::BTreeMap;
use std::path::Path;

use compositor_core::diagnostic::{Diagnostic, Severity};
use compositor_core::memory::MemoryStore;
use compositor_core::{Code, Digest, HostPolicy, Limits};
use compositor_tests::{Temp, Written as _, composectl, read, root};
use serde_json::Value;
use test_generate::plan::Plan;
use wasmparser::{Validator, WasmFeatures};

/// What a plan was composed to.
pub struct Emitted {
    /// The artifact.
    pub bytes: Vec<u8>,
    /// Warnings and notes.
    pub findings: Vec<Diagnostic>,
    /// The blobs it was made of, each under the first of its ids.
    pub blobs: BTreeMap<Digest, String>,
}

/// What is asserted of a plan: natively and in the component.
pub trait BothWays {
    /// Composes it.
    fn emitted(&self) -> Emitted;

    /// The errors that it gives.
    fn refused(&self) -> Vec<Diagnostic>;

    /// The one error that it gives.
    fn refusal(&self) -> Diagnostic {
        let errors = self.refused();
        assert_eq!(errors.len(), 1, "{errors:#?}");
        errors[0].clone()
    }
}

impl BothWays for Plan {
    fn emitted(&self) -> Emitted {
        emit(&self.written().join("plan.json"))
    }

    fn refused(&self) -> Vec<Diagnostic> {
        errors(&self.written().join("plan.json"))
    }
}

/// Composes a plan both ways and checks what must hold for every artifact.
pub fn emit(plan: &Path) -> Emitted {
    let (native, blobs) = native(plan);
    let (bytes, findings) = native.unwrap_or_else(|errors| panic!("{errors:#?}"));
    validate(&bytes);

    let temp = Temp::new();
    let out = temp.join("out.wasm");
    compose_in_component(plan, &temp, &out).success();
    assert!(
        read(&out) == bytes,
        "the component composed other bytes than native code"
    );
    Emitted {
        bytes,
        findings,
        blobs,
    }
}

/// The errors of a plan, which the component must give too.
pub fn errors(plan: &Path) -> Vec<Diagnostic> {
    let errors = match native(plan).0 {
        Ok(_) => panic!("it was composed"),
        Err(findings) => findings.into_iter().filter(is_error).collect::<Vec<_>>(),
    };
    for error in &errors {
        assert!(
            !error.message.is_empty() && !error.help.is_empty(),
            "{error:#?}"
        );
    }

    let temp = Temp::new();
    let out = temp.join("out.wasm");
    let output = compose_in_component(plan, &temp, &out);
    assert_eq!(output.status, 1, "{output:#?}");
    assert!(!out.exists(), "a file was written all the same");
    for error in &errors {
        let code = error.code.as_str();
        assert!(output.stderr.contains(code), "no {code} in {output:#?}");
        // The command names files, too, which the core does not know.
        for part in error.message.split(": ") {
            assert!(output.stderr.contains(part), "{error:#?} {output:#?}");
        }
    }
    errors
}

/// Composes a plan natively only; quick, but proves less.
pub fn native(plan: &Path) -> (Result<Composed, Vec<Diagnostic>>, BTreeMap<Digest, String>) {
    let store = MemoryStore::new();
    let text = read(plan);
    let parsed: Value = serde_json::from_slice(&text).expect("a plan in JSON");
    let folder = plan.parent().expect("a plan in a folder");
    let mut digests = Vec::new();
    let mut blobs = BTreeMap::new();
    for component in parsed["components"].as_array().expect("components") {
        let id = component["id"].as_str().expect("an id");
        if let Some(source) = component["source"].as_str() {
            let path = source.strip_prefix("file:").expect("a file: source");
            let digest = store.put(read(folder.join(path)));
            digests.push((id.to_string(), digest));
            blobs.entry(digest).or_insert_with(|| id.to_string());
        }
    }
    (compose(&store, &text, &digests), blobs)
}

/// An artifact's bytes, and the warnings and notes.
pub type Composed = (Vec<u8>, Vec<Diagnostic>);

fn compose(
    store: &MemoryStore,
    plan: &[u8],
    digests: &[(String, Digest)],
) -> Result<Composed, Vec<Diagnostic>> {
    let locked = compositor_core::lock(plan, digests, &Limits::default())?;
    let artifact = compositor_core::build(&locked, &HostPolicy::default(), store.host())?;
    let bytes = store.get(&artifact.digest).expect("the artifact's blob");
    assert_eq!(artifact.digest, Digest::of(&bytes));
    Ok((bytes, artifact.findings))
}

fn compose_in_component(plan: &Path, temp: &Temp, out: &Path) -> compositor_tests::Output {
    let store = temp.join("store");
    let words: [&Path; 7] = [
        "emit".as_ref(),
        "build".as_ref(),
        plan,
        "-o".as_ref(),
        out,
        "--store".as_ref(),
        &store,
    ];
    composectl(root(), words)
}

/// Validates a component under the features that runtimes have on by default.
fn validate(bytes: &[u8]) {
    let features = WasmFeatures::default() | WasmFeatures::CM_ASYNC;
    let validated = Validator::new_with_features(features).validate_all(bytes);
    validated.unwrap_or_else(|error| panic!("the artifact does not validate: {error}"));
}

fn is_error(finding: &Diagnostic) -> bool {
    finding.severity == Severity::Error
}

/// Checks an error's code, the place it points at, and that it says what it must.
#[track_caller]
pub fn says(error: &Diagnostic, code: Code, pointer: &str, words: &[&str]) {
    assert_eq!(
        (error.code, error.pointer.as_str()),
        (code, pointer),
        "{error:#?}"
    );
    let texts = [&error.found, &error.expected].into_iter().flatten();
    let texts = texts.chain([&error.message, &error.help]);
    let text = texts.cloned().collect::<Vec<_>>().join("\n");
    for word in words {
        assert!(text.contains(word), "no {word:?} in {error:#?}");
    }
}
