//! What is composed: components in a folder, and the plan that binds them.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use compositor_tests::wat::{leaf, node};
use compositor_tests::{composectl, guest, read};
use serde_json::{Value, json};

use crate::code::{grown, laden};

const MIB: usize = 1 << 20;

/// A root over components that satisfy its imports by name, with a plan that
/// binds them.
pub struct Input {
    /// Where the files are.
    pub folder: PathBuf,
    /// The ids of the components, the root first; each is a file `ID.wasm`.
    pub ids: Vec<String>,
}

impl Input {
    /// A program of Rust and its two providers, whose root is grown to a size.
    pub fn program(folder: &Path, size: usize) -> Self {
        let mut input = Draft::new("app", grown(&read(guest("hello-root")), size));
        for (id, import) in [
            ("greeter", "hello:greeter/greet@0.1.0"),
            ("phrases", "hello:phrases/phrases@0.1.0"),
        ] {
            input.component(id, read(guest(&format!("hello-{id}"))));
            input.bind("app", import, id, import);
        }
        input.finish(folder)
    }

    /// A root over so many providers, of so many bytes of code and of data.
    pub fn wide(folder: &Path, count: usize, code: usize, data: usize) -> Self {
        let names: Vec<String> = (0..count).map(name).collect();
        let mut input = Draft::new("app", over(&names, APP));
        let other = read(guest("hello-greeter"));
        for (index, name) in names.iter().enumerate() {
            let id = format!("provider-{index}");
            let provider = parsed(&leaf(name, index as u32));
            let provider = match code {
                0 => provider,
                code => laden(&provider, &other, code, data),
            };
            input.component(&id, provider);
            input.bind("app", name, &id, name);
        }
        input.finish(folder)
    }

    /// A root over so many components, each over so many of its own, which are of
    /// one type or each of another.
    pub fn tree(folder: &Path, groups: usize, leaves: usize, kinds: Kinds) -> Self {
        const GROUP: &str = "t:n/group@0.1.0";
        const LEAF: &str = "t:n/leaf@0.1.0";
        let names: Vec<String> = (0..groups.max(leaves)).map(name).collect();
        let mut input = Draft::new("app", over(&names[..groups], APP));
        let group = over(&names[..leaves], GROUP);
        for (index, import) in names[..groups].iter().enumerate() {
            let id = format!("group-{index}");
            input.component(&id, group.clone());
            input.bind("app", import, &id, GROUP);
            for (place, import) in names[..leaves].iter().enumerate() {
                let number = index * leaves + place;
                let leaf_id = format!("leaf-{number}");
                // All leaves differ, so that each is embedded.
                let mut text = leaf(LEAF, number as u32);
                if kinds == Kinds::Many {
                    let end = text.rfind(')').expect("a component in parentheses");
                    let own = format!(r#"(export "t:n/own{number}@0.1.0" (instance $e))"#);
                    text.insert_str(end, &own);
                }
                input.component(&leaf_id, parsed(&text));
                input.bind(&id, import, &leaf_id, LEAF);
            }
        }
        input.finish(folder)
    }

    /// The file of a component.
    pub fn file(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.wasm"))
    }
}

/// Whether components have one type or many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kinds {
    /// They differ in code alone.
    One,
    /// Each has an export of its own.
    Many,
}

const APP: &str = "t:n/app@0.1.0";

/// The name that a component has as a package of `wac compose`.
pub fn package(number: usize) -> String {
    format!("bench:c{number}")
}

fn name(index: usize) -> String {
    format!("t:n/n{index}@0.1.0")
}

fn over(names: &[String], export: &str) -> Vec<u8> {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    parsed(&node(&names, export, 0))
}

fn parsed(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("sound WAT")
}

/// A plan in the making.
struct Draft {
    components: Vec<(String, Vec<u8>)>,
    bindings: Vec<Value>,
}

impl Draft {
    fn new(root: &str, bytes: Vec<u8>) -> Self {
        Self {
            components: vec![(root.to_string(), bytes)],
            bindings: Vec::new(),
        }
    }

    fn component(&mut self, id: &str, bytes: Vec<u8>) {
        self.components.push((id.to_string(), bytes));
    }

    fn bind(&mut self, consumer: &str, import: &str, provider: &str, export: &str) {
        self.bindings.push(json!({
            "consumer_id": consumer, "import_name": import,
            "provider_id": provider, "export_name": export,
        }));
    }

    /// The same as the plan, in the language of `wac compose`. Packages are named
    /// by [`package`].
    fn wac(&self) -> String {
        let ids = self.components.iter().map(|(id, _)| id.as_str());
        let numbers: HashMap<&str, usize> = ids.zip(0..).collect();
        let mut arguments = vec![String::new(); self.components.len()];
        for binding in &self.bindings {
            let text = |field: &str| binding[field].as_str().expect("a name");
            let provider = numbers[text("provider_id")];
            let (import, export) = (text("import_name"), text("export_name"));
            let argument = format!("{import:?}: c{provider}[{export:?}], ");
            arguments[numbers[text("consumer_id")]] += &argument;
        }
        let mut text = "package bench:composed;\n".to_string();
        // The root is the first, and whoever is bound to another is before it.
        for (number, arguments) in arguments.iter().enumerate().rev() {
            let package = package(number);
            text += &format!("let c{number} = new {package} {{ {arguments}... }};\n");
        }
        text + "export c0...;\n"
    }

    /// Writes the components, and the plan, which is locked: their bytes are in
    /// the store.
    fn finish(self, folder: &Path) -> Input {
        fs::create_dir_all(folder).expect("a folder");
        fs::write(folder.join("compose.wac"), self.wac()).expect("a WAC file is written");
        let mut components = Vec::new();
        let mut ids = Vec::new();
        for (id, bytes) in self.components {
            let file = format!("{id}.wasm");
            fs::write(folder.join(&file), bytes).expect("a component is written");
            components.push(json!({ "id": id, "source": format!("file:{file}") }));
            ids.push(id);
        }
        let plan = json!({
            "version": "1", "root": ids[0],
            "components": components, "bindings": self.bindings,
        });
        fs::write(folder.join("sources.json"), plan.to_string()).expect("a plan is written");
        let lock = ["plan", "lock", "sources.json", "-o", "plan.json"];
        composectl(folder, lock.iter().chain(&["--store", "store"])).success();
        Input {
            folder: folder.to_path_buf(),
            ids,
        }
    }
}

/// Of code beside their own, for components of twenty kilobytes.
pub const SMALL: usize = 18_000;

/// Of code and of data, in each of twenty that are a gigabyte together.
pub const LARGE: (usize, usize) = (30 * MIB, 20 * MIB);
