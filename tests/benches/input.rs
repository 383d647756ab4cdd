//! What is composed: components in a folder, and the plan that binds them.

use std::path::{Path, PathBuf};

use compositor_tests::wat::{leaf, node};
use compositor_tests::{guest, read};

use crate::code::{filled, grown, laden};
use crate::draft::Draft;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// A root over components that satisfy its imports by name, with a plan that
/// binds them.
pub struct Input {
    /// Where the files are.
    pub folder: PathBuf,
    /// The ids of the components, the root first; each is a file `ID.wasm`.
    pub ids: Vec<String>,
}

/// What most of a provider's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filling {
    /// Functions that a compiler made.
    Code,
    /// A data segment, beside one function.
    Data,
    /// There is one function, and nothing to fill it.
    None,
}

/// Whether the many components of a tree have one type or many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kinds {
    /// They are five components, each of them many times.
    Few,
    /// They differ in code alone.
    One,
    /// Each has an export of its own.
    Many,
}

impl Input {
    /// A program of Rust and its two providers, whose root is grown to a size.
    pub fn program(folder: &Path, size: usize) -> Self {
        Self::hello(folder, grown(&read(guest("hello-root")), size))
    }

    /// A program that greets in every language, and its two providers.
    pub fn hello(folder: &Path, root: Vec<u8>) -> Self {
        let mut input = Draft::new("app", root);
        for (id, import) in [
            ("greeter", "hello:greeter/greet@0.1.0"),
            ("phrases", "hello:phrases/phrases@0.1.0"),
        ] {
            input.component(id, read(guest(&format!("hello-{id}"))));
            input.bind("app", import, id, import);
        }
        input.finish(folder)
    }

    /// A root over so many providers, of so many bytes of code and of data in a module
    /// beside their own.
    pub fn wide(folder: &Path, count: usize, code: usize, data: usize) -> Self {
        let other = read(guest("hello-greeter"));
        let root = over(&names(count), APP);
        Self::of_providers(folder, root, count, |number| {
            laden(&provider(number), &other, code, data)
        })
    }

    /// A root over so many providers, of one module each: of twenty kilobytes, or of less
    /// than one without a filling.
    pub fn filled(folder: &Path, count: usize, filling: Filling) -> Self {
        let other = read(guest("hello-greeter"));
        let root = over(&names(count), APP);
        Self::of_providers(folder, root, count, |number| match filling {
            Filling::Code => filled(&provider(number), &other, SMALL, 0, number as u32),
            Filling::Data => with_data(number, 20_000),
            Filling::None => provider(number),
        })
    }

    /// A root that imports the names of so many providers, which are of 1 to 300 KiB: the
    /// smaller ones are data, the larger ones code and as much data.
    pub fn caps(folder: &Path, root: Vec<u8>, count: usize) -> Self {
        const SIZES: [usize; 10] = [1, 2, 4, 8, 16, 32, 64, 100, 200, 300];
        let other = read(guest("hello-greeter"));
        Self::of_providers(folder, root, count, |number| {
            match SIZES[number % SIZES.len()] * KIB {
                size if size < 32 * KIB => with_data(number, size),
                size => filled(&provider(number), &other, size / 2, size / 2, number as u32),
            }
        })
    }

    fn of_providers(
        folder: &Path,
        root: Vec<u8>,
        count: usize,
        provider: impl Fn(usize) -> Vec<u8>,
    ) -> Self {
        let mut input = Draft::new("app", root);
        for (number, name) in names(count).iter().enumerate() {
            let id = format!("provider-{number}");
            input.component(&id, provider(number));
            input.bind("app", name, &id, name);
        }
        input.finish(folder)
    }

    /// A root over so many components, each over so many of its own, which are of
    /// one type or each of another.
    pub fn tree(folder: &Path, groups: usize, leaves: usize, kinds: Kinds) -> Self {
        const GROUP: &str = "t:n/group@0.1.0";
        const LEAF: &str = "t:n/leaf@0.1.0";
        let names = names(groups.max(leaves));
        let mut input = Draft::new("app", over(&names[..groups], APP));
        let group = over(&names[..leaves], GROUP);
        for (index, import) in names[..groups].iter().enumerate() {
            let id = format!("group-{index}");
            input.component(&id, group.clone());
            input.bind("app", import, &id, GROUP);
            for (place, import) in names[..leaves].iter().enumerate() {
                let number = index * leaves + place;
                let leaf_id = format!("leaf-{number}");
                // Leaves that differ are embedded one by one.
                let own = match kinds {
                    Kinds::Few => number % 5,
                    Kinds::One | Kinds::Many => number,
                };
                let mut text = leaf(LEAF, own as u32);
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

    /// A root over all of so many consumers and so many providers, where each consumer is
    /// bound to the first few of the providers.
    pub fn mesh(folder: &Path, consumers: usize, providers: usize, few: usize) -> Self {
        let names = names(consumers + providers);
        let (of_consumers, of_providers) = names.split_at(consumers);
        let mut input = Draft::new("app", over(&names, APP));
        for consumer in of_consumers {
            let id = id(consumer);
            input.component(&id, over(&of_providers[..few], consumer));
            input.bind("app", consumer, &id, consumer);
        }
        for (number, provider) in of_providers.iter().enumerate() {
            input.component(&id(provider), parsed(&leaf(provider, number as u32)));
            input.bind("app", provider, &id(provider), provider);
        }
        for consumer in of_consumers {
            for provider in &of_providers[..few] {
                input.bind(&id(consumer), provider, &id(provider), provider);
            }
        }
        input.finish(folder)
    }

    /// A root with so many imports that nothing is bound to, and rules for the first
    /// few of them.
    pub fn open(folder: &Path, imports: usize, rules: usize) -> Self {
        let names = names(imports);
        let mut input = Draft::new("app", over(&names, APP));
        for name in &names {
            input.leave_open(name);
        }
        for name in &names[..rules] {
            input.rule(name);
        }
        input.finish(folder)
    }

    /// The file of a component.
    pub fn file(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.wasm"))
    }
}

const APP: &str = "t:n/app@0.1.0";

fn names(count: usize) -> Vec<String> {
    let all = (0..count).map(|index| format!("t:n/n{index}@0.1.0"));
    all.collect()
}

/// The id of the component that exports a name.
fn id(name: &str) -> String {
    let start = name.find('/').map_or(0, |slash| slash + 1);
    let end = name.find('@').unwrap_or(name.len());
    name[start..end].to_string()
}

fn over(names: &[String], export: &str) -> Vec<u8> {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    parsed(&node(&names, export, 0))
}

/// A provider of one function.
fn provider(number: usize) -> Vec<u8> {
    parsed(&provider_text(number))
}

fn provider_text(number: usize) -> String {
    leaf(&format!("t:n/n{number}@0.1.0"), number as u32)
}

/// A provider of one function and a segment of data, which is another in each.
fn with_data(number: usize, size: usize) -> Vec<u8> {
    const MODULE: &str = "(core module $m ";
    const PAGE: usize = 64 * KIB;
    let mut state = number as u32 + 1;
    let letters = (0..size).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(b'a' + (state >> 24) as u8 % 26)
    });
    let data: String = letters.collect();
    let pages = size.div_ceil(PAGE);
    let memory = format!(r#"{MODULE}(memory {pages}) (data (i32.const 0) "{data}")"#);
    parsed(&provider_text(number).replacen(MODULE, &memory, 1))
}

fn parsed(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("sound WAT")
}

/// Of code beside their own, for components of twenty kilobytes.
pub const SMALL: usize = 18_000;

/// Of code and of data, in each of twenty that are a gigabyte together.
pub const LARGE: (usize, usize) = (30 * MIB, 20 * MIB);
