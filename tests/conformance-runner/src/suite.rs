//! The vectors in their folder.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::case::Case;
use crate::input::read;
use crate::layout::layout;

/// The version of the index that is read here.
const VERSION: u64 = 1;

/// The cases of an index.
#[derive(Clone, Debug)]
pub struct Suite {
    /// The folder of the vectors.
    pub folder: PathBuf,
    /// The cases, in the order of the index.
    pub cases: Vec<Case>,
}

impl Suite {
    /// Reads `index.json` of a folder.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("index.json");
        let text = read(&path).context("name the folder of the vectors with --vectors")?;
        let index: Value = serde_json::from_slice(&text)
            .with_context(|| format!("{} is not JSON", path.display()))?;
        ensure!(
            index["version"] == VERSION,
            "{} is of version {}, where {VERSION} is known",
            path.display(),
            index["version"]
        );
        let cases = index["cases"]
            .as_array()
            .context("the index has no cases")?;
        let cases: Vec<Case> = cases.iter().map(Case::read).collect::<Result<_>>()?;
        let mut ids = HashSet::new();
        for case in &cases {
            ensure!(ids.insert(&case.id), "two cases are called `{}`", case.id);
        }
        Ok(Self {
            folder: folder.to_path_buf(),
            cases,
        })
    }

    /// Keeps the case of an id, or those whose ids hold it.
    pub fn keep(&mut self, only: &str) -> Result<()> {
        match self.cases.iter().any(|case| case.id == only) {
            true => self.cases.retain(|case| case.id == only),
            false => self.cases.retain(|case| case.id.contains(only)),
        }
        ensure!(!self.cases.is_empty(), "no case's id holds `{only}`");
        Ok(())
    }

    /// The text of `index.json`.
    pub fn index(&self) -> String {
        let cases: Vec<Value> = self.cases.iter().map(|case| case.value.clone()).collect();
        layout(&serde_json::json!({ "version": VERSION, "cases": cases }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::fs;

    fn vectors() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors")
    }

    fn json(name: &str) -> Value {
        let text = fs::read(vectors().join(name)).expect("a file of the vectors");
        serde_json::from_slice(&text).expect("JSON")
    }

    #[test]
    fn the_index_is_of_its_schema() {
        let schema = json("index.schema.json");
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        let index = json("index.json");
        let case = |place: &str| {
            let number = place
                .split('/')
                .nth(2)
                .and_then(|n| n.parse::<usize>().ok());
            number.map_or(Value::Null, |number| index["cases"][number]["id"].clone())
        };
        let errors = validator.iter_errors(&index);
        let errors: Vec<String> = errors
            .map(|error| {
                let place = error.instance_path().to_string();
                format!("{} {place}", case(&place))
            })
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }

    /// The files that the index names.
    fn named(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| named(item, found)),
            Value::Object(fields) => {
                let file = fields.get("file").and_then(Value::as_str);
                found.extend(file.map(str::to_string));
                fields.values().for_each(|value| named(value, found));
            }
            _ => {}
        }
    }

    #[test]
    fn every_component_is_in_a_case() {
        let mut used = BTreeSet::new();
        named(&json("index.json"), &mut used);
        let there: BTreeSet<String> = fs::read_dir(vectors().join("components"))
            .expect("a folder")
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .filter(|name| name.ends_with(".wasm"))
            .map(|name| format!("components/{name}"))
            .collect();
        let used: BTreeSet<String> = used
            .into_iter()
            .filter(|path| path.starts_with("components/"))
            .collect();
        assert_eq!(used, there);
    }

    /// To open a FIFO waits for whoever writes to it.
    #[cfg(unix)]
    #[test]
    fn what_is_no_regular_file_is_not_read() {
        let folder = crate::temp::Temp::new();
        let path = folder.path().join("index.json");
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.expect("it runs").success());
        for path in [path.as_path(), folder.path(), Path::new("/dev/zero")] {
            let error = read(path).expect_err("it is refused");
            assert!(
                format!("{error:#}").contains("not a regular file"),
                "{error:#}"
            );
        }
        let error = Suite::read(folder.path()).expect_err("it is refused");
        assert!(format!("{error:#}").contains("--vectors"), "{error:#}");
        let input = serde_json::json!({ "file": "index.json" });
        assert!(crate::input::bytes(folder.path(), &input).is_err());
    }

    #[test]
    fn cases_are_kept_by_id() {
        let mut suite = Suite::read(&vectors()).expect("the vectors");
        suite.keep("compose/policy/strict").expect("it is there");
        assert_eq!(suite.cases.len(), 1);
        assert!(suite.keep("absent").is_err());
    }
}
