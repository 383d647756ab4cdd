//! Interfaces and functions that components import and export, as WIT.

use std::collections::BTreeSet;
use std::fmt::Write;

use arbitrary::{Result, Unstructured};

/// Everything that the components of one composition may import and export.
#[derive(Debug, Default)]
pub struct Universe {
    /// Items; an interface uses types of those before it.
    pub items: Vec<Item>,
}

/// An interface, or a function of no interface.
#[derive(Clone, Debug)]
pub struct Item {
    /// What follows the name: an interface's items, or a function's type.
    body: String,
    /// An interface's package, with `:`; none for a function.
    package: Option<String>,
    /// Its name in its package.
    name: String,
    version: Option<&'static str>,
    /// The items that it uses types of.
    pub uses: Vec<usize>,
    /// The names of its types; and of its resource, if it has one.
    types: Vec<String>,
    resource: Option<String>,
    /// The item of which this is a copy under another name.
    pub of: usize,
    /// Whether it has functions: one that has none needs no provider.
    pub has_functions: bool,
}

impl Item {
    /// Its name as an import or export.
    pub fn name(&self) -> String {
        let (Some(package), name) = (&self.package, &self.name) else {
            return self.name.clone();
        };
        match self.version {
            Some(version) => format!("{package}/{name}@{version}"),
            None => format!("{package}/{name}"),
        }
    }

    /// Whether the host gives it.
    pub fn is_host(&self) -> bool {
        self.package
            .as_deref()
            .is_some_and(|package| package.starts_with("wasi:"))
    }

    /// As an item of a world.
    pub fn in_world(&self) -> String {
        match &self.package {
            Some(_) => self.name(),
            None => format!("{}: {}", self.name, self.body),
        }
    }
}

impl Universe {
    /// Chooses items.
    pub fn new(input: &mut Unstructured<'_>) -> Result<Self> {
        let mut universe = Self::default();
        for _ in 0..input.int_in_range(1..=5)? {
            let item = match input.int_in_range(0..=8)? {
                0 => universe.function(input)?,
                1 | 2 if !universe.items.is_empty() => universe.copy(input)?,
                _ => universe.interface(input)?,
            };
            universe.items.push(item);
        }
        Ok(universe)
    }

    /// Whether one world can export these: an interface that one of them uses,
    /// and that is imported, must not use another of them, or a copy of one.
    pub fn can_be_exported(&self, exports: &BTreeSet<usize>) -> bool {
        let used = self.with_used(exports.iter().copied());
        let of = |index: &usize| self.items[*index].of;
        let originals: BTreeSet<usize> = exports.iter().map(of).collect();
        let is_export = |index: &usize| originals.contains(&of(index));
        let mut imported = used.difference(exports);
        !imported.any(|index| self.with_used([*index].into_iter()).iter().any(is_export))
    }

    /// Items, and those that they use.
    fn with_used(&self, items: impl Iterator<Item = usize>) -> BTreeSet<usize> {
        let mut needed = BTreeSet::new();
        let mut next: Vec<usize> = items.collect();
        while let Some(index) = next.pop() {
            if needed.insert(index) {
                next.extend(&self.items[index].uses);
            }
        }
        needed
    }

    /// The packages of items, and of what these use.
    pub fn packages(&self, items: impl Iterator<Item = usize>) -> String {
        let needed = self.with_used(items);
        let mut text = String::new();
        for item in needed.into_iter().map(|index| &self.items[index]) {
            if let Some(package) = &item.package {
                let version = item.version.map(|version| format!("@{version}"));
                let version = version.unwrap_or_default();
                let (name, body) = (&item.name, &item.body);
                let _ = writeln!(
                    text,
                    "package {package}{version} {{ interface {name} {{\n{body}}} }}"
                );
            }
        }
        text
    }

    /// A function of no interface.
    fn function(&self, input: &mut Unstructured<'_>) -> Result<Item> {
        let index = self.items.len();
        let (word, body) = match input.int_in_range(0..=3)? {
            0 => ("tick", "func(n: u32) -> u32".to_string()),
            1 => ("give", format!("func() -> {}", value(input, &[], 2)?)),
            2 => ("take", format!("func(x: {}) -> u32", value(input, &[], 2)?)),
            _ => {
                let ty = value(input, &[], 2)?;
                ("echo", format!("func(x: {ty}) -> {ty}"))
            }
        };
        Ok(Item {
            body: format!("{body};"),
            package: None,
            name: format!("{word}-f{index}"),
            version: None,
            uses: Vec::new(),
            types: Vec::new(),
            resource: None,
            of: index,
            has_functions: true,
        })
    }

    /// The same once more: of another version, or of another package.
    fn copy(&self, input: &mut Unstructured<'_>) -> Result<Item> {
        let mut item = input.choose(&self.items)?.clone();
        let index = self.items.len();
        match (item.package, item.version) {
            (None, _) => {
                let (word, _) = item.name.split_once('-').unwrap_or_default();
                item.name = format!("{word}-f{index}");
                item.package = None;
            }
            (Some(package), Some("0.2.0")) if input.ratio(2, 3)? => {
                item.version = Some(if input.arbitrary()? { "0.2.6" } else { "0.3.0" });
                if item.has_functions && input.ratio(1, 4)? {
                    item.body.push_str("  since: func() -> u32;\n");
                }
                item.package = Some(package);
            }
            (Some(package), _) => {
                let (namespace, _) = package.split_once(':').unwrap_or_default();
                item.package = Some(format!("{namespace}:q{index}"));
            }
        }
        // Two copies may have come to one name.
        if self.items.iter().any(|other| other.name() == item.name()) {
            let host = if item.is_host() { "wasi" } else { "gen" };
            item.package = item.package.map(|_| format!("{host}:q{index}"));
        }
        Ok(item)
    }

    fn interface(&self, input: &mut Unstructured<'_>) -> Result<Item> {
        let index = self.items.len();
        // The host's interfaces are made of the host's alone.
        let host = input.ratio(1, 4)?;
        let mut body = String::new();
        let (mut types, mut resources) = (Vec::new(), Vec::new());
        let mut uses = Vec::new();
        for (other, item) in self.items.iter().enumerate() {
            let known = item.types.iter().chain(&item.resource);
            if item.package.is_none()
                || (host && !item.is_host())
                || types
                    .iter()
                    .chain(&resources)
                    .any(|name| known.clone().any(|ty| ty == name))
                || known.clone().next().is_none()
                || !input.ratio(1, 2)?
            {
                continue;
            }
            let names: Vec<&str> = known.map(String::as_str).collect();
            let _ = writeln!(body, "  use {}.{{{}}};", item.name(), names.join(", "));
            types.extend(item.types.iter().cloned());
            resources.extend(item.resource.iter().cloned());
            uses.push(other);
        }
        let mut own = Vec::new();
        for number in 0..input.int_in_range(0..=3)? {
            let name = format!("t{index}x{number}");
            let _ = writeln!(body, "  {}", definition(input, &name, &types)?);
            types.push(name.clone());
            own.push(name);
        }
        let has_functions = input.ratio(5, 6)?;
        let mut resource = None;
        if has_functions {
            body.push_str("  tick: func(n: u32) -> u32;\n");
            if input.ratio(1, 3)? {
                let name = format!("r{index}");
                let _ = writeln!(
                    body,
                    "  resource {name} {{ constructor(n: u32); value: func() -> u32;
    join: static func(a: {name}, b: borrow<{name}>) -> {name}; }}"
                );
                resources.push(name.clone());
                resource = Some(name);
            }
            for number in 0..input.int_in_range(0..=3)? {
                let _ = writeln!(body, "  {}", function(input, number, &types, &resources)?);
            }
        }
        Ok(Item {
            body,
            package: Some(format!("{}:p{index}", if host { "wasi" } else { "gen" })),
            name: format!("i{index}"),
            version: *input.choose(&[Some("0.2.0"), Some("0.2.0"), Some("1.0.0"), None])?,
            uses,
            types: own,
            resource,
            of: index,
            has_functions,
        })
    }
}

fn function(
    input: &mut Unstructured<'_>,
    number: usize,
    types: &[String],
    resources: &[String],
) -> Result<String> {
    let of_values = resources.is_empty() || input.arbitrary()?;
    if !of_values {
        let resource = input.choose(resources)?;
        return Ok(match input.int_in_range(0..=2)? {
            0 => format!("lend{number}: func(x: borrow<{resource}>) -> u32;"),
            1 => format!("pass{number}: func(x: {resource}) -> {resource};"),
            _ => format!("pack{number}: func(x: list<{resource}>) -> list<{resource}>;"),
        });
    }
    let ty = value(input, types, 2)?;
    Ok(match input.int_in_range(0..=3)? {
        0 => format!("give{number}: func() -> {ty};"),
        1 => format!("take{number}: func(x: {ty}) -> u32;"),
        2 => format!("echo{number}: func(x: {ty}) -> {ty};"),
        _ => {
            let (other, result) = (value(input, types, 1)?, value(input, types, 1)?);
            format!("mix{number}: func(x: {ty}, y: {other}) -> {result};")
        }
    })
}

/// A type's definition.
fn definition(input: &mut Unstructured<'_>, name: &str, types: &[String]) -> Result<String> {
    let count = input.int_in_range(1..=4)?;
    let names = |word: &str| {
        let names: Vec<String> = (0..count).map(|index| format!("{word}{index}")).collect();
        names.join(", ")
    };
    Ok(match input.int_in_range(0..=4)? {
        0 => format!("enum {name} {{ {} }}", names("e")),
        1 => format!("flags {name} {{ {} }}", names("g")),
        2 => format!("type {name} = {};", value(input, types, 2)?),
        3 => {
            let mut cases = String::new();
            for index in 0..count {
                let _ = match input.arbitrary()? {
                    true => write!(cases, "c{index}, "),
                    false => write!(cases, "c{index}({}), ", value(input, types, 1)?),
                };
            }
            format!("variant {name} {{ {cases}}}")
        }
        _ => {
            let mut fields = String::new();
            for index in 0..count {
                let _ = write!(fields, "f{index}: {}, ", value(input, types, 1)?);
            }
            format!("record {name} {{ {fields}}}")
        }
    })
}

/// A type of values, with so many levels more.
fn value(input: &mut Unstructured<'_>, types: &[String], depth: usize) -> Result<String> {
    const PLAIN: [&str; 13] = [
        "u32", "bool", "u8", "s8", "u16", "s16", "s32", "u64", "s64", "f32", "f64", "char",
        "string",
    ];
    if !types.is_empty() && input.ratio(2, 5)? {
        return input.choose(types).cloned();
    }
    if depth == 0 || input.ratio(1, 2)? {
        return Ok((*input.choose(&PLAIN)?).to_string());
    }
    let one = value(input, types, depth - 1)?;
    Ok(match input.int_in_range(0..=5)? {
        0 => format!("list<{one}>"),
        1 => format!("option<{one}>"),
        2 => format!("tuple<{one}, {}>", value(input, types, depth - 1)?),
        3 => format!("result<{one}, {}>", value(input, types, depth - 1)?),
        4 => format!("result<_, {one}>"),
        _ => format!("result<{one}>"),
    })
}
