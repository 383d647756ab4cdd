//! Where in a JSON text a JSON pointer points, for findings that the core does
//! not place: those of sources, and those about a plan changed in memory.

use std::collections::BTreeMap;

use compositor_diagnostic::Position;
use serde_json::value::RawValue;

/// A JSON text, of which only what was asked for has been taken apart, and
/// once: a plan may have thousands of components, and a finding about each.
pub struct Places<'a> {
    text: &'a str,
    root: Option<&'a RawValue>,
    opened: BTreeMap<String, Children<'a>>,
    /// Where lines end.
    ends: Vec<usize>,
    components: Option<BTreeMap<String, usize>>,
}

enum Children<'a> {
    Fields(BTreeMap<String, &'a RawValue>),
    Items(Vec<&'a RawValue>),
    Nothing,
}

impl<'a> Places<'a> {
    /// The places of a text; one that is no JSON has none.
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            root: serde_json::from_str(text).ok(),
            opened: BTreeMap::new(),
            ends: text.match_indices('\n').map(|(at, _)| at).collect(),
            components: None,
        }
    }

    /// Where a pointer points. What is not there has the place of what it
    /// would be in.
    pub fn position(&mut self, pointer: &str) -> Option<Position> {
        let mut node = self.root?.get();
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

    /// Which of the plan's components has an id.
    pub fn component(&mut self, id: &str) -> Option<usize> {
        let root = self.root;
        let components = self
            .components
            .get_or_insert_with(|| root.and_then(components).unwrap_or_default());
        components.get(id).copied()
    }

    /// The place of a part of the text.
    fn place(&self, part: &str) -> Position {
        let offset = part.as_ptr() as usize - self.text.as_ptr() as usize;
        let line = self.ends.partition_point(|end| *end < offset);
        let line_start = line.checked_sub(1).map_or(0, |last| self.ends[last] + 1);
        Position {
            line: 1 + line as u32,
            column: 1 + self.text[line_start..offset].chars().count() as u32,
            offset: offset as u64,
            length: part.len() as u64,
        }
    }
}

/// The index of each id; of one that is given twice, the first.
fn components(plan: &RawValue) -> Option<BTreeMap<String, usize>> {
    type Fields<'a> = BTreeMap<String, &'a RawValue>;
    let plan: Fields<'_> = serde_json::from_str(plan.get()).ok()?;
    let components: Vec<Fields<'_>> = serde_json::from_str(plan.get("components")?.get()).ok()?;
    let mut indices = BTreeMap::new();
    for (index, fields) in components.iter().enumerate() {
        let id = fields
            .get("id")
            .and_then(|id| serde_json::from_str(id.get()).ok());
        if let Some(id) = id {
            indices.entry(id).or_insert(index);
        }
    }
    Some(indices)
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
        let mut places = Places::new(text);
        let mut at = |pointer| {
            let place = places.position(pointer).expect("a place");
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
    fn components_by_id() {
        let text = r#"{"components": [{"id": "a"}, {"id": "b\u0063"}, {"id": "a"}]}"#;
        let mut places = Places::new(text);
        assert_eq!(places.component("bc"), Some(1));
        assert_eq!(places.component("a"), Some(0));
        assert_eq!(places.component("c"), None);
        assert_eq!(Places::new("").component("c"), None);
    }
}
