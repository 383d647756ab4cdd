//! A plan in the making, of components that are made as well.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use compositor_tests::composectl;
use serde_json::{Value, json};

use crate::input::Input;

/// Components, the root first, and what is bound to what.
pub struct Draft {
    components: Vec<(String, Vec<u8>)>,
    bindings: Vec<Value>,
    open: Vec<String>,
    capabilities: Vec<Value>,
}

impl Draft {
    /// A plan of a root.
    pub fn new(root: &str, bytes: Vec<u8>) -> Self {
        Self {
            components: vec![(root.to_string(), bytes)],
            bindings: Vec::new(),
            open: Vec::new(),
            capabilities: Vec::new(),
        }
    }

    /// Adds a component.
    pub fn component(&mut self, id: &str, bytes: Vec<u8>) {
        self.components.push((id.to_string(), bytes));
    }

    /// Binds an import of a component to an export of one that comes after it.
    pub fn bind(&mut self, consumer: &str, import: &str, provider: &str, export: &str) {
        self.bindings.push(json!({
            "consumer_id": consumer, "import_name": import,
            "provider_id": provider, "export_name": export,
        }));
    }

    /// Leaves imports of that name to whoever runs the artifact.
    pub fn leave_open(&mut self, name: &str) {
        self.open.push(name.to_string());
    }

    /// Adds a rule to the plan's policy: what has this name is asked for, and the plan can
    /// do without.
    pub fn rule(&mut self, name: &str) {
        let rule = json!({ "name": name, "level": "optional" });
        self.capabilities.push(rule);
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
    pub fn finish(self, folder: &Path) -> Input {
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
        let mut plan = json!({
            "version": "1", "root": ids[0],
            "components": components, "bindings": self.bindings,
        });
        if !self.open.is_empty() {
            plan["imports"] = json!(self.open);
        }
        if !self.capabilities.is_empty() {
            plan["policy"] = json!({ "capabilities": self.capabilities });
        }
        fs::write(folder.join("sources.json"), plan.to_string()).expect("a plan is written");
        let lock = ["plan", "lock", "sources.json", "-o", "plan.json"];
        composectl(folder, lock.iter().chain(&["--store", "store"])).success();
        Input {
            folder: folder.to_path_buf(),
            ids,
        }
    }
}

/// The name that a component has as a package of `wac compose`.
pub fn package(number: usize) -> String {
    format!("bench:c{number}")
}
