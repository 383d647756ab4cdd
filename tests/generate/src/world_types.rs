//! Components as text whose types are the world's own, or those of interfaces
//! that are made of each other: what a component imports another exports.
//!
//! One file because what a type is, how it is written and how many core values it
//! takes belong together.

use std::collections::BTreeSet;
use std::fmt::Write;

use arbitrary::{Result, Unstructured};

/// A type of values, or a handle.
#[derive(Clone, Debug)]
enum Type {
    Plain(&'static str, &'static str),
    Text,
    Of(usize),
    Own(usize),
    Borrow(usize),
    List(Box<Type>),
    Option(Box<Type>),
    Tuple(Vec<Type>),
    Result(Option<Box<Type>>, Option<Box<Type>>),
}

/// A type with a name.
#[derive(Clone, Debug)]
enum Definition {
    Resource,
    Enum(usize),
    Flags(usize),
    Record(Vec<Type>),
    Variant(Vec<Option<Type>>),
    Alias(Type),
}

#[derive(Clone, Debug)]
struct Function {
    params: Vec<Type>,
    result: Option<Type>,
}

/// Where something is: an interface by its number, or the world.
type Home = Option<usize>;

/// An interface: the types of others that it uses, under names of its own.
#[derive(Clone, Debug, Default)]
struct Interface {
    uses: Vec<(usize, String)>,
}

/// Types, interfaces and functions that components of one plan share.
#[derive(Clone, Debug, Default)]
pub struct WorldTypes {
    types: Vec<(Home, Definition)>,
    interfaces: Vec<Interface>,
    functions: Vec<(Home, Function)>,
}

/// What a component of a universe imports; it exports the rest.
#[derive(Clone, Debug)]
pub struct Part {
    /// The interfaces that it imports.
    pub imports: BTreeSet<usize>,
    /// The interfaces that it exports.
    pub exports: BTreeSet<usize>,
    /// Whether it exports what the world has.
    pub has_world: bool,
}

impl WorldTypes {
    /// Chooses types, interfaces and functions.
    pub fn new(input: &mut Unstructured<'_>) -> Result<Self> {
        let mut world_types = Self::default();
        let count = input.int_in_range(0..=4)?;
        world_types.interfaces = vec![Interface::default(); count];
        // Those of interfaces first, in their order; the world's may be made of all.
        let homes = (0..count).map(Some).chain([None]);
        for home in homes {
            for _ in 0..input.int_in_range(0..=3)? {
                let definition = world_types.definition(input)?;
                world_types.types.push((home, definition));
            }
            if let Some(index) = home {
                for ty in 0..world_types.types.len() {
                    if world_types.types[ty].0 != home && input.ratio(1, 3)? {
                        let renamed = input.ratio(1, 4)?;
                        let name = if renamed {
                            format!("other{ty}")
                        } else {
                            format!("t{ty}")
                        };
                        world_types.interfaces[index].uses.push((ty, name));
                    }
                }
            }
            for _ in 0..input.int_in_range(0..=2)? {
                let function = world_types.function(input)?;
                world_types.functions.push((home, function));
            }
        }
        Ok(world_types)
    }

    /// How many interfaces there are.
    pub fn interfaces(&self) -> usize {
        self.interfaces.len()
    }

    /// The name of an interface.
    pub fn name(interface: usize) -> String {
        format!("g:g/i{interface}@1.0.0")
    }

    /// The interfaces that interfaces are made of, with them.
    pub fn closed(&self, interfaces: &BTreeSet<usize>) -> BTreeSet<usize> {
        let mut all = BTreeSet::new();
        let mut next: Vec<usize> = interfaces.iter().copied().collect();
        while let Some(interface) = next.pop() {
            if all.insert(interface) {
                let made_of = self.types_of(Some(interface));
                next.extend(made_of.into_iter().filter_map(|ty| self.types[ty].0));
            }
        }
        all
    }

    fn definition(&self, input: &mut Unstructured<'_>) -> Result<Definition> {
        let count = input.int_in_range(1..=3)?;
        Ok(match input.int_in_range(0..=7)? {
            0 | 1 => Definition::Resource,
            2 => Definition::Enum(count),
            3 => Definition::Flags(count),
            4 | 5 => {
                let fields = (0..count).map(|_| self.value(input, 2, false));
                Definition::Record(fields.collect::<Result<_>>()?)
            }
            6 => {
                let case = |_| -> Result<Option<Type>> {
                    match input.arbitrary()? {
                        true => Ok(Some(self.value(input, 2, false)?)),
                        false => Ok(None),
                    }
                };
                Definition::Variant((0..count).map(case).collect::<Result<_>>()?)
            }
            // The text format has no definition that is another's name.
            _ => Definition::Alias(match self.value(input, 2, false)? {
                ty @ Type::Of(_) => Type::Option(Box::new(ty)),
                ty => ty,
            }),
        })
    }

    /// A function of the types that were chosen so far.
    fn function(&self, input: &mut Unstructured<'_>) -> Result<Function> {
        let mut params = Vec::new();
        for _ in 0..input.int_in_range(0..=2)? {
            params.push(self.value(input, 2, true)?);
        }
        let result = match input.ratio(2, 3)? {
            true => Some(self.value(input, 2, false)?),
            false => None,
        };
        Ok(Function { params, result })
    }

    fn value(&self, input: &mut Unstructured<'_>, depth: usize, lent: bool) -> Result<Type> {
        const PLAIN: [(&str, &str); 6] = [
            ("u8", "i32"),
            ("bool", "i32"),
            ("u32", "i32"),
            ("u64", "i64"),
            ("f64", "f64"),
            ("char", "i32"),
        ];
        if !self.types.is_empty() && input.ratio(3, 5)? {
            let ty = input.choose_index(self.types.len())?;
            return Ok(match self.types[ty].1 {
                Definition::Resource if lent && input.arbitrary()? => Type::Borrow(ty),
                Definition::Resource => Type::Own(ty),
                _ => Type::Of(ty),
            });
        }
        if depth == 0 || input.ratio(1, 2)? {
            let (name, core) = *input.choose(&PLAIN)?;
            return Ok(Type::Plain(name, core));
        }
        let mut part = |lent| Ok(Box::new(self.value(input, depth - 1, lent)?));
        Ok(match part(false)? {
            one if matches!(*one, Type::Plain("u8", _)) => Type::Text,
            one if matches!(*one, Type::Plain("bool", _)) => {
                Type::Result(Some(one), Some(part(false)?))
            }
            one if matches!(*one, Type::Plain("char", _)) => Type::Result(None, Some(one)),
            one if matches!(*one, Type::Plain(..)) => Type::List(one),
            one if matches!(*one, Type::Of(_)) => Type::Tuple(vec![*one, *part(lent)?]),
            one => Type::Option(one),
        })
    }

    /// The types that what is at home somewhere is made of, directly or not.
    fn types_of(&self, home: Home) -> BTreeSet<usize> {
        let mut next: Vec<usize> = Vec::new();
        for (ty, (at, _)) in self.types.iter().enumerate() {
            if *at == home {
                next.push(ty);
            }
        }
        for (at, function) in &self.functions {
            if *at == home {
                for ty in function.params.iter().chain(&function.result) {
                    named(ty, &mut next);
                }
            }
        }
        if let Some(interface) = home {
            next.extend(self.interfaces[interface].uses.iter().map(|(ty, _)| *ty));
        }
        let mut all = BTreeSet::new();
        while let Some(ty) = next.pop() {
            if all.insert(ty) {
                match &self.types[ty].1 {
                    Definition::Record(fields) => fields.iter().for_each(|ty| named(ty, &mut next)),
                    Definition::Variant(cases) => {
                        cases.iter().flatten().for_each(|ty| named(ty, &mut next));
                    }
                    Definition::Alias(ty) => named(ty, &mut next),
                    _ => {}
                }
            }
        }
        all
    }

    /// A component as text.
    pub fn text(&self, part: &Part) -> String {
        let mut text = String::from("(component\n");
        let mut core = String::from(
            "(memory (export \"mem\") 1) (func (export \"realloc\") (param i32 i32 i32 i32) (result i32) i32.const 64)\n",
        );
        // The name of each type in the text, once it has one.
        let mut names: Vec<Option<String>> = vec![None; self.types.len()];
        for interface in &part.imports {
            self.import(*interface, &mut names, &mut text);
        }
        for (index, (_, function)) in self.functions.iter().enumerate() {
            let _ = writeln!(
                core,
                "(func (export \"f{index}\") {} unreachable)",
                self.core(function)
            );
        }
        let _ = writeln!(
            text,
            "(core module $m {core}) (core instance $m (instantiate $m))\n(alias core export $m \"mem\" (core memory $mem)) (alias core export $m \"realloc\" (core func $realloc))"
        );
        for interface in &part.exports {
            self.export(*interface, &mut names, &mut text);
        }
        if part.has_world {
            for ty in 0..self.types.len() {
                if self.types[ty].0.is_none() {
                    self.define(ty, &names, &mut text, "w");
                    let _ = writeln!(text, "(export $e{ty} \"t{ty}\" (type $w{ty}))");
                    names[ty] = Some(format!("$e{ty}"));
                }
            }
            for (index, (home, _)) in self.functions.iter().enumerate() {
                if home.is_none() {
                    self.lift(index, &names, &mut text);
                    let _ = writeln!(text, "(export \"f{index}\" (func $f{index}))");
                }
            }
        }
        text.push(')');
        text
    }

    /// An instance that is imported.
    fn import(&self, interface: usize, names: &mut [Option<String>], text: &mut String) {
        let _ = writeln!(
            text,
            "(import {:?} (instance $i{interface}",
            Self::name(interface)
        );
        let mut local = names.to_vec();
        let mut brought = Vec::new();
        for (ty, name) in self.exported(interface) {
            let is_own = self.types[ty].0 == Some(interface);
            let bound = match (&self.types[ty].1, is_own) {
                (Definition::Resource, true) => "(sub resource)".to_string(),
                (_, true) => {
                    self.define(ty, &local, text, "d");
                    format!("(eq $d{ty})")
                }
                (_, false) => format!("(eq {})", name_of(&local, ty)),
            };
            let _ = writeln!(text, "(export {name:?} (type $x{ty} {bound}))");
            local[ty] = Some(format!("$x{ty}"));
            if is_own {
                brought.push((ty, name));
            }
        }
        for (index, (home, function)) in self.functions.iter().enumerate() {
            if *home == Some(interface) {
                let ty = self.signature(function, &local);
                let _ = writeln!(text, "(export \"f{index}\" (func {ty}))");
            }
        }
        text.push_str("))\n");
        for (ty, name) in brought {
            let _ = writeln!(text, "(alias export $i{interface} {name:?} (type $o{ty}))");
            names[ty] = Some(format!("$o{ty}"));
        }
    }

    /// An instance that is exported: a component is given its types and functions.
    fn export(&self, interface: usize, names: &mut [Option<String>], text: &mut String) {
        let all = self.types_of(Some(interface));
        let mut outer = names.to_vec();
        for ty in &all {
            if outer[*ty].is_none() {
                self.define(*ty, &outer, text, "r");
                outer[*ty] = Some(format!("$r{ty}"));
            }
        }
        let functions: Vec<usize> = (0..self.functions.len())
            .filter(|index| self.functions[*index].0 == Some(interface))
            .collect();
        for index in &functions {
            self.lift(*index, &outer, text);
        }
        let _ = writeln!(text, "(component $c{interface}");
        let mut local: Vec<Option<String>> = vec![None; self.types.len()];
        for ty in &all {
            let bound = match self.types[*ty].1 {
                Definition::Resource => "(sub resource)".to_string(),
                _ => {
                    self.define(*ty, &local, text, "d");
                    format!("(eq $d{ty})")
                }
            };
            let _ = writeln!(text, "(import \"t{ty}\" (type $m{ty} {bound}))");
            local[*ty] = Some(format!("$m{ty}"));
        }
        for index in &functions {
            let ty = self.signature(&self.functions[*index].1, &local);
            let _ = writeln!(text, "(import \"f{index}\" (func $f{index} {ty}))");
        }
        for (ty, name) in self.exported(interface) {
            let of = match self.types[ty].1 {
                Definition::Resource => format!("$m{ty}"),
                _ if self.types[ty].0 != Some(interface) => format!("$m{ty}"),
                _ => {
                    self.define(ty, &local, text, "y");
                    format!("$y{ty}")
                }
            };
            let _ = writeln!(text, "(export $x{ty} {name:?} (type {of}))");
            local[ty] = Some(format!("$x{ty}"));
        }
        for index in &functions {
            let ty = self.signature(&self.functions[*index].1, &local);
            let _ = writeln!(text, "(export \"f{index}\" (func $f{index}) (func {ty}))");
        }
        let _ = write!(
            text,
            ")\n(instance $n{interface} (instantiate $c{interface}"
        );
        for ty in &all {
            let _ = write!(text, " (with \"t{ty}\" (type {}))", name_of(&outer, *ty));
        }
        for index in &functions {
            let _ = write!(text, " (with \"f{index}\" (func $f{index}))");
        }
        let _ = writeln!(
            text,
            "))\n(export $i{interface} {:?} (instance $n{interface}))",
            Self::name(interface)
        );
        for (ty, name) in self.exported(interface) {
            if self.types[ty].0 == Some(interface) {
                let _ = writeln!(text, "(alias export $i{interface} {name:?} (type $o{ty}))");
                names[ty] = Some(format!("$o{ty}"));
            }
        }
    }

    /// The types that an interface names: those that it uses, and its own.
    fn exported(&self, interface: usize) -> Vec<(usize, String)> {
        let uses = self.interfaces[interface].uses.iter().cloned();
        let own = (0..self.types.len()).filter(|ty| self.types[*ty].0 == Some(interface));
        uses.chain(own.map(|ty| (ty, format!("t{ty}")))).collect()
    }

    fn lift(&self, index: usize, names: &[Option<String>], text: &mut String) {
        let ty = self.signature(&self.functions[index].1, names);
        let _ = writeln!(
            text,
            "(func $f{index} {ty} (canon lift (core func $m \"f{index}\") (memory (core memory $mem)) (realloc (core func $realloc))))"
        );
    }

    fn define(&self, ty: usize, names: &[Option<String>], text: &mut String, prefix: &str) {
        let list = |count: usize, word: &str| {
            let names: Vec<String> = (0..count)
                .map(|index| format!("\"{word}{index}\""))
                .collect();
            names.join(" ")
        };
        let written = match &self.types[ty].1 {
            Definition::Resource => "(resource (rep i32))".to_string(),
            Definition::Enum(count) => format!("(enum {})", list(*count, "e")),
            Definition::Flags(count) => format!("(flags {})", list(*count, "g")),
            Definition::Record(fields) => {
                let fields = fields.iter().enumerate();
                let fields =
                    fields.map(|(index, ty)| format!("(field \"m{index}\" {})", write(ty, names)));
                format!("(record {})", fields.collect::<Vec<_>>().join(" "))
            }
            Definition::Variant(cases) => {
                let cases = cases.iter().enumerate();
                let cases = cases.map(|(index, ty)| match ty {
                    Some(ty) => format!("(case \"c{index}\" {})", write(ty, names)),
                    None => format!("(case \"c{index}\")"),
                });
                format!("(variant {})", cases.collect::<Vec<_>>().join(" "))
            }
            Definition::Alias(ty) => write(ty, names),
        };
        let _ = writeln!(text, "(type ${prefix}{ty} {written})");
    }

    fn signature(&self, function: &Function, names: &[Option<String>]) -> String {
        let params = function.params.iter().enumerate();
        let params =
            params.map(|(index, ty)| format!("(param \"p{index}\" {}) ", write(ty, names)));
        let result = function.result.iter();
        let result = result.map(|ty| format!("(result {})", write(ty, names)));
        params.chain(result).collect()
    }

    /// The core type of a function that is lifted.
    fn core(&self, function: &Function) -> String {
        let mut params = Vec::new();
        for ty in &function.params {
            self.flat(ty, &mut params);
        }
        let mut results = Vec::new();
        if let Some(ty) = &function.result {
            self.flat(ty, &mut results);
        }
        if params.len() > 16 {
            params = vec!["i32"];
        }
        if results.len() > 1 {
            results = vec!["i32"];
        }
        let params = params.iter().map(|ty| format!("(param {ty}) "));
        params
            .chain(results.iter().map(|ty| format!("(result {ty}) ")))
            .collect()
    }

    fn flat(&self, ty: &Type, out: &mut Vec<&'static str>) {
        match ty {
            Type::Plain(_, core) => out.push(core),
            Type::Text | Type::List(_) => out.extend(["i32", "i32"]),
            Type::Own(_) | Type::Borrow(_) => out.push("i32"),
            Type::Option(ty) => self.flat_cases([None, Some(&**ty)].into_iter(), out),
            Type::Result(ok, err) => {
                self.flat_cases([ok.as_deref(), err.as_deref()].into_iter(), out);
            }
            Type::Tuple(types) => types.iter().for_each(|ty| self.flat(ty, out)),
            Type::Of(ty) => match &self.types[*ty].1 {
                Definition::Resource | Definition::Enum(_) | Definition::Flags(_) => {
                    out.push("i32");
                }
                Definition::Record(fields) => fields.iter().for_each(|ty| self.flat(ty, out)),
                Definition::Variant(cases) => {
                    self.flat_cases(cases.iter().map(Option::as_ref), out);
                }
                Definition::Alias(ty) => self.flat(ty, out),
            },
        }
    }

    fn flat_cases<'a>(
        &self,
        cases: impl Iterator<Item = Option<&'a Type>>,
        out: &mut Vec<&'static str>,
    ) {
        let mut joined: Vec<&'static str> = Vec::new();
        for ty in cases.flatten() {
            let mut flat = Vec::new();
            self.flat(ty, &mut flat);
            for (place, ty) in flat.into_iter().enumerate() {
                match joined.get_mut(place) {
                    None => joined.push(ty),
                    Some(known) if *known == ty => {}
                    // What is as wide as both, as bits.
                    Some(known) => *known = "i64",
                }
            }
        }
        out.push("i32");
        out.extend(joined);
    }
}

fn named(ty: &Type, out: &mut Vec<usize>) {
    match ty {
        Type::Plain(..) | Type::Text => {}
        Type::Of(ty) | Type::Own(ty) | Type::Borrow(ty) => out.push(*ty),
        Type::List(ty) | Type::Option(ty) => named(ty, out),
        Type::Tuple(types) => types.iter().for_each(|ty| named(ty, out)),
        Type::Result(ok, err) => {
            for ty in ok.iter().chain(err) {
                named(ty, out);
            }
        }
    }
}

fn name_of(names: &[Option<String>], ty: usize) -> &str {
    names[ty].as_deref().unwrap_or("$missing")
}

fn write(ty: &Type, names: &[Option<String>]) -> String {
    match ty {
        Type::Plain(name, _) => (*name).to_string(),
        Type::Text => "string".to_string(),
        Type::Of(ty) => name_of(names, *ty).to_string(),
        Type::Own(ty) => format!("(own {})", name_of(names, *ty)),
        Type::Borrow(ty) => format!("(borrow {})", name_of(names, *ty)),
        Type::List(ty) => format!("(list {})", write(ty, names)),
        Type::Option(ty) => format!("(option {})", write(ty, names)),
        Type::Tuple(types) => {
            let types: Vec<String> = types.iter().map(|ty| write(ty, names)).collect();
            format!("(tuple {})", types.join(" "))
        }
        Type::Result(ok, err) => {
            let ok = ok.iter().map(|ty| format!(" {}", write(ty, names)));
            let err = err
                .iter()
                .map(|ty| format!(" (error {})", write(ty, names)));
            format!("(result{})", ok.chain(err).collect::<String>())
        }
    }
}
