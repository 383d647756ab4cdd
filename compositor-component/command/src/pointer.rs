//! Where in a JSON text a JSON pointer points, for findings that the core does
//! not place: those of sources, and those about a plan changed in memory.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::bindings::sys::compose::diagnostics::{Diagnostic, Position};

/// Gives findings their places in a text. What is not there has the place of
/// what it would be in.
pub fn place(text: &str, diagnostics: &mut [Diagnostic]) {
    let mut tree = Tree {
        text,
        opened: BTreeMap::new(),
    };
    for diagnostic in diagnostics {
        diagnostic.position = tree.position(&diagnostic.pointer);
    }
}

/// Where a pointer points in a text.
pub fn position(text: &str, pointer: &str) -> Option<Position> {
    Tree {
        text,
        opened: BTreeMap::new(),
    }
    .position(pointer)
}

/// The pointer to the component of an id.
pub fn of_component(text: &str, id: &str) -> Option<String> {
    type Fields<'a> = BTreeMap<String, &'a RawValue>;
    let plan: Fields = serde_json::from_str(text).ok()?;
    let components: Vec<Fields> = serde_json::from_str(plan.get("components")?.get()).ok()?;
    let is_meant = |fields: &Fields| {
        let found = fields
            .get("id")
            .and_then(|id| serde_json::from_str::<String>(id.get()).ok());
        found.as_deref() == Some(id)
    };
    Some(format!(
        "/components/{}",
        components.iter().position(is_meant)?
    ))
}

/// A JSON text, of which only what was asked for has been taken apart.
struct Tree<'a> {
    text: &'a str,
    opened: BTreeMap<String, Children<'a>>,
}

enum Children<'a> {
    Fields(BTreeMap<String, &'a RawValue>),
    Items(Vec<&'a RawValue>),
    Nothing,
}

impl<'a> Tree<'a> {
    fn position(&mut self, pointer: &str) -> Option<Position> {
        let root: &'a RawValue = serde_json::from_str(self.text).ok()?;
        let mut node = root.get();
        let mut prefix = String::new();
        for token in pointer.split('/').skip(1) {
            let children = self
                .opened
                .entry(prefix.clone())
                .or_insert_with(|| children(node));
            let name = token.replace("~1", "/").replace("~0", "~");
            let child = match children {
                Children::Fields(fields) => fields.get(&name).copied(),
                Children::Items(items) => name
                    .parse()
                    .ok()
                    .and_then(|at: usize| items.get(at).copied()),
                Children::Nothing => None,
            };
            let Some(child) = child else { break };
            node = child.get();
            prefix = format!("{prefix}/{token}");
        }
        Some(self.place(node))
    }

    /// The place of a part of the text.
    fn place(&self, part: &str) -> Position {
        let offset = part.as_ptr() as usize - self.text.as_ptr() as usize;
        let before = &self.text[..offset];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Position {
            line: 1 + before.matches('\n').count() as u32,
            column: 1 + before[line_start..].chars().count() as u32,
            offset: offset as u64,
            length: part.len() as u64,
        }
    }
}

fn children(node: &str) -> Children<'_> {
    match node.as_bytes().first() {
        Some(b'{') => serde_json::from_str(node).map_or(Children::Nothing, Children::Fields),
        Some(b'[') => serde_json::from_str(node).map_or(Children::Nothing, Children::Items),
        _ => Children::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let text = "{\n  \"a/b\": [ {\"é\": 1}, \"x\" ]\n}";
        let mut tree = Tree {
            text,
            opened: BTreeMap::new(),
        };
        let mut at = |pointer| {
            let place = tree.position(pointer).expect("a place");
            let end = (place.offset + place.length) as usize;
            (place.line, place.column, &text[place.offset as usize..end])
        };
        assert_eq!(at("/a~1b/1"), (2, 22, "\"x\""));
        assert_eq!(at("/a~1b/0/é"), (2, 18, "1"));
        assert_eq!(at("/a~1b/0/digest"), (2, 12, "{\"é\": 1}"));
        assert_eq!(at("/none/of/it"), (1, 1, text));
        assert_eq!(at(""), (1, 1, text));
    }

    #[test]
    fn components() {
        let text = r#"{"components": [{"id": "a"}, {"id": "b\u0063"}]}"#;
        assert_eq!(of_component(text, "bc").as_deref(), Some("/components/1"));
        assert_eq!(of_component(text, "c"), None);
        assert_eq!(of_component("", "c"), None);
    }
}
