//! One component: a world and code for it.

use std::fmt::Write;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::items::Universe;
use crate::module::module;

/// What a component is made of.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The items that it imports, beside those that they use.
    pub imports: Vec<usize>,
    /// The items that it exports.
    pub exports: Vec<usize>,
    /// What its answers are made of.
    pub number: u32,
    /// Whether its texts are in UTF-16.
    pub is_wide: bool,
}

impl Spec {
    /// Its world, in WIT.
    pub fn wit(&self, universe: &Universe) -> String {
        let mut text = String::from("package local:component;\n");
        let items = self.imports.iter().chain(&self.exports).copied();
        text.push_str(&universe.packages(items));
        text.push_str("world this {\n");
        for (word, items) in [("import", &self.imports), ("export", &self.exports)] {
            for index in items {
                let item = universe.items[*index].in_world();
                let end = if item.ends_with(';') { "" } else { ";" };
                let _ = writeln!(text, "  {word} {item}{end}");
            }
        }
        text.push_str("}\n");
        text
    }

    /// The component.
    ///
    /// # Panics
    ///
    /// When what was generated is not WIT: a defect of the generator.
    pub fn build(&self, universe: &Universe) -> Vec<u8> {
        let wit = self.wit(universe);
        self.encode(&wit)
            .unwrap_or_else(|error| panic!("{error:?}\n{wit}"))
    }

    fn encode(&self, wit: &str) -> anyhow::Result<Vec<u8>> {
        let mut resolve = Resolve::default();
        let package = resolve.push_str("component.wit", wit)?;
        let world = resolve.select_world(&[package], Some("this"))?;
        let mut module = module(&resolve, world, self.number, self.is_wide)?;
        let encoding = match self.is_wide {
            true => StringEncoding::UTF16,
            false => StringEncoding::UTF8,
        };
        embed_component_metadata(&mut module, &resolve, world, encoding, false)?;
        ComponentEncoder::default().module(&module)?.encode()
    }
}
