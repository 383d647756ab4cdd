//! What a component imports, as the host that runs it is told.

use std::borrow::Cow;

use crate::World;
use compositor_diagnostic::order::sort;
use compositor_host::Import;

impl World {
    /// The imports that functions come through.
    pub fn given(&self) -> Vec<Import> {
        let given = self.imports.iter().map(|import| {
            let functions = self.functions(import).into_iter();
            let mut functions: Vec<String> = functions.map(str::to_string).collect();
            sort(&mut functions);
            Import {
                name: import.name.clone(),
                implements: import.item.full_implements().map(Cow::into_owned),
                functions,
            }
        });
        given
            .filter(|import| !import.functions.is_empty())
            .collect()
    }
}
