//! Which module of a crate takes what from which: read from the sources' tokens, so
//! that paths in macros count as well.
//!
//! A module that only declares and hands on what others define stands for those: a
//! name is followed to the module that defines it.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// For each module the modules whose definitions it names; the crate's root is "".
pub type Arrows = BTreeMap<String, BTreeSet<String>>;

/// A path of names, such as `crate::plan::Plan`.
type Path = Vec<String>;

/// The arrows between a crate's modules, whose sources are given by their names, such as
/// `plan::read`.
pub fn arrows(sources: &BTreeMap<String, String>) -> Arrows {
    let parsed: BTreeMap<&str, TokenStream> = sources
        .iter()
        .map(|(module, text)| (module.as_str(), text.parse().expect("Rust")))
        .collect();
    let mut aliases = BTreeSet::new();
    for tokens in parsed.values() {
        add_aliases(tokens.clone(), &mut aliases);
    }
    let known = Crate { sources, aliases };
    let files: BTreeMap<&str, Names> = parsed
        .into_iter()
        .map(|(module, tokens)| (module, Names::of(module, tokens, &known)))
        .collect();
    let mut arrows = Arrows::new();
    for (module, names) in &files {
        let to = arrows.entry((*module).to_string()).or_default();
        let globs = names.globs(&files);
        for path in names.used.iter().chain(&globs) {
            if let Some(definer) = definer(path, &files, 8)
                && definer != *module
            {
                to.insert(definer.to_string());
            }
        }
        let visible = names.visible_in.iter().map(|path| path.join("::"));
        to.extend(visible.filter(|other| other != module && files.contains_key(other.as_str())));
    }
    arrows
}

/// What is known of a crate before its modules are read.
struct Crate<'a> {
    sources: &'a BTreeMap<String, String>,
    /// What it calls itself, as in `extern crate self as this`: in its root that is a
    /// name in all modules, and elsewhere hardly the name of anything else.
    aliases: BTreeSet<String>,
}

/// Adds the names that tokens give to the crate itself.
fn add_aliases(tokens: TokenStream, aliases: &mut BTreeSet<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let words = ["extern", "crate", "self", "as"];
    for window in tokens.windows(words.len() + 1) {
        if window
            .iter()
            .zip(words)
            .all(|(token, word)| is_word(token, word))
        {
            aliases.insert(window[words.len()].to_string());
        }
    }
    for token in tokens {
        if let TokenTree::Group(group) = token {
            add_aliases(group.stream(), aliases);
        }
    }
}

/// Modules that depend on each other in a circle, each circle once.
pub fn circles(arrows: &Arrows) -> Vec<Vec<String>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> = arrows
        .keys()
        .map(|module| (module.as_str(), reach(arrows, module)))
        .collect();
    let mut circles = Vec::new();
    let mut seen = BTreeSet::new();
    for (module, reach) in &reached {
        if !reach.contains(module) || seen.contains(module) {
            continue;
        }
        let circle = reach.iter().filter(|other| {
            let back = reached.get(**other);
            back.is_some_and(|back| back.contains(module))
        });
        let circle: Vec<&str> = circle.copied().collect();
        seen.extend(circle.iter().copied());
        circles.push(circle.into_iter().map(str::to_string).collect());
    }
    circles
}

/// All that a module depends on, directly or not.
fn reach<'a>(arrows: &'a Arrows, module: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&str> = arrows[module].iter().map(String::as_str).collect();
    while let Some(module) = next.pop() {
        if reached.insert(module) {
            next.extend(arrows.get(module).into_iter().flatten().map(String::as_str));
        }
    }
    reached
}

/// The module that defines what a path names; none when it names a module alone.
fn definer<'a>(path: &[String], files: &BTreeMap<&'a str, Names>, most: usize) -> Option<&'a str> {
    let (module, names) = (0..=path.len()).rev().find_map(|length| {
        let module = path[..length].join("::");
        files.get_key_value(module.as_str())
    })?;
    let depth = match module.is_empty() {
        true => 0,
        false => module.split("::").count(),
    };
    let name = path.get(depth)?;
    match names.handed_on.get(name) {
        Some(from) if most > 0 => {
            let mut from = from.clone();
            from.extend(path[depth + 1..].iter().cloned());
            definer(&from, files, most - 1)
        }
        _ => Some(module),
    }
}

/// What a module names.
struct Names {
    /// Paths of the crate, from its root.
    used: BTreeSet<Path>,
    /// What it hands on, by the name that it has here.
    handed_on: BTreeMap<String, Path>,
    /// Names that are none of these, as far as this tells.
    others: BTreeSet<String>,
    /// Modules that it makes something visible in, by `pub(in path)`.
    visible_in: BTreeSet<Path>,
}

impl Names {
    fn of(module: &str, tokens: TokenStream, known: &Crate<'_>) -> Self {
        let mut reader = Reader {
            module: match module {
                "" => Vec::new(),
                module => module.split("::").map(str::to_string).collect(),
            },
            known,
            uses: Vec::new(),
            inside: BTreeSet::new(),
            others: BTreeSet::new(),
            visible_in: BTreeSet::new(),
        };
        reader.read(tokens);
        let Reader {
            uses,
            inside,
            others,
            visible_in,
            ..
        } = reader;
        // A module that is named by its last name, and what is taken from it.
        let imported: BTreeMap<&String, &Path> = uses
            .iter()
            .filter(|(_, _, path)| known.sources.contains_key(&path.join("::")))
            .map(|(_, name, path)| (name, path))
            .collect();
        let mut used = inside;
        let of_imported = |path: &Path| {
            let module = imported.get(&path[0])?;
            Some([&module[..], &path[1..]].concat())
        };
        used.extend(others.iter().filter_map(of_imported));
        let named: BTreeSet<&String> = others.iter().map(|path| &path[0]).collect();
        let mut handed_on = BTreeMap::new();
        for (is_handed_on, name, path) in &uses {
            if *is_handed_on {
                handed_on.insert(name.clone(), path.clone());
            }
            if !is_handed_on || named.contains(name) {
                used.insert(path.clone());
            }
        }
        let others = others.iter().map(|path| path[0].clone()).collect();
        Self {
            used,
            handed_on,
            others,
            visible_in,
        }
    }

    /// Paths of what it may take from modules of which it uses all.
    fn globs(&self, files: &BTreeMap<&str, Names>) -> Vec<Path> {
        let globs = self.used.iter().filter_map(|path| path.split_last());
        let globs = globs.filter(|(last, _)| *last == "*");
        let taken = globs.flat_map(|(_, module)| {
            let names = files.get(module.join("::").as_str()).into_iter();
            let names = names.flat_map(|names| names.handed_on.keys());
            let names = names.filter(|name| self.others.contains(*name));
            names.map(move |name| [module, std::slice::from_ref(name)].concat())
        });
        taken.collect()
    }
}

/// Reads the tokens of a module.
struct Reader<'a> {
    module: Path,
    known: &'a Crate<'a>,
    /// Whether it is handed on, the name that it has here, and its path.
    uses: Vec<(bool, String, Path)>,
    /// Paths in code that lead to the crate's modules.
    inside: BTreeSet<Path>,
    /// Other paths in code, and names.
    others: BTreeSet<Path>,
    /// Modules that something is visible in.
    visible_in: BTreeSet<Path>,
}

impl Reader<'_> {
    fn read(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        let mut is_public = false;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Punct(punct) if punct.as_char() == '#' && is_of_tests(&tokens, at) => {
                    at = end_of_item(&tokens, at);
                }
                TokenTree::Ident(ident) if ident == "pub" => {
                    is_public = true;
                    at += 1;
                    if let Some(TokenTree::Group(group)) = tokens.get(at)
                        && group.delimiter() == Delimiter::Parenthesis
                        && self.visibility(group.stream())
                    {
                        at += 1;
                    }
                    continue;
                }
                TokenTree::Ident(ident) if ident == "use" => {
                    let end = (at..tokens.len()).find(|at| is_punct(&tokens[*at], ';'));
                    let end = end.unwrap_or(tokens.len());
                    self.tree(&tokens[at + 1..end], &[], is_public);
                    at = end;
                }
                TokenTree::Ident(_) => {
                    let (path, next) = path(&tokens, at);
                    match self.inside(&path) {
                        Some(path) => self.inside.insert(path),
                        None => self.others.insert(path),
                    };
                    at = next;
                    is_public = false;
                    continue;
                }
                TokenTree::Group(group) => self.read(group.stream()),
                _ => {}
            }
            is_public = false;
            at += 1;
        }
    }

    /// Reads what is in parentheses behind `pub`; returns whether it says where
    /// something is visible. Else it is a type.
    fn visibility(&mut self, tokens: TokenStream) -> bool {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        match &tokens[..] {
            [first, ..] if is_word(first, "in") => {
                let (path, _) = path(&tokens, 1);
                let module = self.inside(&path);
                self.visible_in.extend(module);
                true
            }
            [word] => ["crate", "self", "super"]
                .iter()
                .any(|of| is_word(word, of)),
            _ => false,
        }
    }

    /// A tree of what is used.
    fn tree(&mut self, tokens: &[TokenTree], before: &[String], is_handed_on: bool) {
        for branch in tokens.split(|token| is_punct(token, ',')) {
            let mut path = before.to_vec();
            let mut name = None;
            let mut at = 0;
            while at < branch.len() {
                match &branch[at] {
                    TokenTree::Ident(ident) if ident == "as" => {
                        name = branch.get(at + 1).map(ToString::to_string);
                        break;
                    }
                    TokenTree::Ident(ident) if ident == "self" && !path.is_empty() => {}
                    TokenTree::Ident(ident) => path.push(ident.to_string()),
                    TokenTree::Group(group) => {
                        let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                        self.tree(&inner, &path, is_handed_on);
                        path.clear();
                        break;
                    }
                    token if is_punct(token, '*') => path.push("*".to_string()),
                    _ => {}
                }
                at += 1;
            }
            // The crate itself is used by another name alone.
            let has_name = |path: &Path| !path.is_empty() || name.is_some();
            if let Some(path) = self.inside(&path).filter(has_name) {
                let name = name
                    .or_else(|| path.last().cloned())
                    .expect("it has a name");
                self.uses.push((is_handed_on, name, path));
            }
        }
    }

    /// A path from the crate's root; none when it leads out of the crate.
    fn inside(&self, path: &[String]) -> Option<Path> {
        let first = path.first()?;
        match first.as_str() {
            "crate" => Some(self.unaliased(&path[1..])),
            alias if self.known.aliases.contains(alias) => Some(self.unaliased(&path[1..])),
            "self" => Some([&self.module, &path[1..]].concat()),
            "super" => {
                let ups = path.iter().take_while(|name| *name == "super").count();
                let depth = self.module.len().checked_sub(ups)?;
                Some([&self.module[..depth], &path[ups..]].concat())
            }
            child => {
                let module = [&self.module[..], &[child.to_string()]].concat();
                let is_child =
                    path.len() > 1 && self.known.sources.contains_key(&module.join("::"));
                is_child.then(|| [&self.module, path].concat())
            }
        }
    }

    /// A path from the crate's root, which may go on with a name of the crate itself.
    fn unaliased(&self, path: &[String]) -> Path {
        let is_alias = |name: &&String| self.known.aliases.contains(*name);
        path[path.iter().take_while(is_alias).count()..].to_vec()
    }
}

/// The path that begins at a token, and where it ends.
fn path(tokens: &[TokenTree], mut at: usize) -> (Path, usize) {
    let mut path = Vec::new();
    while let Some(TokenTree::Ident(ident)) = tokens.get(at) {
        path.push(ident.to_string());
        at += 1;
        match tokens.get(at..at + 2) {
            Some([one, other]) if is_punct(one, ':') && is_punct(other, ':') => at += 2,
            _ => break,
        }
    }
    (path, at)
}

/// Whether the attribute at a token says that an item is of tests alone.
fn is_of_tests(tokens: &[TokenTree], at: usize) -> bool {
    tokens
        .get(at + 1)
        .is_some_and(|token| token.to_string().replace(' ', "") == "[cfg(test)]")
}

/// The last token of the item at a token.
fn end_of_item(tokens: &[TokenTree], at: usize) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        token => is_punct(token, ';'),
    };
    let end = (at + 2..tokens.len()).find(|at| ends(&tokens[*at]));
    end.unwrap_or(tokens.len())
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}
