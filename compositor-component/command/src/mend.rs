//! The command line that was meant: the one that was typed, with our words in the place
//! of those of other tools or of misspelt ones. A user can paste it.

use crate::commands::COMMANDS;
use crate::foreign::{ForeignOption, OPTIONS, Ours, VERBS};
use crate::options::Opt;
use crate::{address, program, shell};

/// A command line as it was typed.
#[derive(Clone, Default)]
pub struct Typed {
    /// Words of commands, and operands.
    pub words: Vec<String>,
    /// Options, each with its value, which is empty where it takes none.
    pub options: Vec<(&'static Opt, String)>,
    /// Options of other tools, each with its name and value.
    pub foreign: Vec<(&'static ForeignOption, String, String)>,
    /// What came after `--`.
    pub rest: Vec<String>,
}

/// The command line that was meant, and what is said beside it.
#[derive(Default)]
struct Mended<'a> {
    command: String,
    operands: Vec<String>,
    options: Vec<String>,
    rest: Vec<String>,
    notes: Vec<&'a str>,
}

/// An option of other tools by its name, with the hyphens.
pub fn foreign_option(name: &str) -> Option<&'static ForeignOption> {
    OPTIONS.iter().find(|option| option.names.contains(&name))
}

/// What does here what a word does elsewhere, and whether that is so of files of the kind
/// that it is followed by alone. An empty word is none.
pub fn foreign_verb(word: &str, operands: &[String]) -> Option<(Ours<'static>, bool)> {
    let first = operands.first().map_or("", String::as_str);
    let known = || VERBS.iter().filter(|verb| verb.words.contains(&word));
    let mut of_kind = known().filter(|verb| !verb.ending.is_empty());
    let found = of_kind.find(|verb| first.ends_with(verb.ending));
    let found = found.or_else(|| known().find(|verb| verb.ending.is_empty()));
    found.map(|verb| (verb.ours, !verb.ending.is_empty()))
}

/// What to do instead of a command line, of which these words are to take the place of
/// the first ones.
pub fn help(typed: &Typed, ours: Ours<'_>, first: usize) -> String {
    let options = typed.options.iter();
    let mut mended = Mended {
        operands: typed.words.get(first..).unwrap_or_default().to_vec(),
        options: options
            .map(|(option, value)| given(option, value))
            .collect(),
        rest: typed.rest.clone(),
        ..Mended::default()
    };
    mended.takes(ours, "");
    for (option, _, value) in &typed.foreign {
        mended.takes(option.ours, value);
    }
    let notes = mended.notes.join("; ");
    match (ours, notes.is_empty()) {
        (Ours::Nothing(_), _) => notes,
        (_, true) => format!("did you mean `{}`?", mended.line()),
        (_, false) => format!("{notes}: `{}`", mended.line()),
    }
}

/// A whole command line of a command's words and some operands.
pub fn line(words: &str, operands: &[String]) -> String {
    let mended = Mended {
        command: words.to_string(),
        operands: operands.to_vec(),
        ..Mended::default()
    };
    mended.line()
}

impl<'a> Mended<'a> {
    /// Takes what does a word or an option here, with the option's value.
    fn takes(&mut self, ours: Ours<'a>, value: &str) {
        let operand = (!value.is_empty()).then(|| value.to_string());
        match ours {
            Ours::Command(line) => {
                let (words, option) = line.split_once(" --").unwrap_or((line, ""));
                self.command = words.to_string();
                self.operands.extend(operand);
                if !option.is_empty() {
                    self.add(&format!("--{option}"));
                }
            }
            Ours::Operand => self.operands.extend(operand),
            Ours::Option(long) => {
                let address = (long == "addr").then(|| address::mended(value)).flatten();
                let value = shell::word(address.as_deref().unwrap_or(value));
                self.add(&format!("--{long} {value}"));
            }
            Ours::Words(words) => self.options.push(words.to_string()),
            Ours::Nothing(note) => self.notes.push(note),
        }
    }

    /// Adds an option, unless it was given.
    fn add(&mut self, option: &str) {
        let name = |of: &str| of.split(' ').next().unwrap_or_default().to_string();
        if self.options.iter().all(|of| name(of) != name(option)) {
            self.options.push(option.to_string());
        }
    }

    /// The line, with the names of operands where there are none, and with the options
    /// that the command cannot do without.
    fn line(mut self) -> String {
        let command = COMMANDS.iter().find(|of| of.name() == self.command);
        let takes = command.map_or("", |command| command.takes);
        let (takes, needs) = takes.split_at(takes.find(" -").unwrap_or(takes.len()));
        if !needs.is_empty() {
            let needs = needs.trim_start().split('|').next().unwrap_or_default();
            self.add(&needs.replace("HOST:PORT", ADDRESS));
        }
        let words = |words: &[String]| -> Vec<String> {
            words.iter().map(|word| shell::word(word)).collect()
        };
        let mut parts = vec![program::name().to_string()];
        parts.extend((!self.command.is_empty()).then(|| self.command.clone()));
        match self.operands.is_empty() {
            true => parts.extend((!takes.is_empty()).then(|| takes.to_string())),
            false => parts.extend(words(&self.operands)),
        }
        parts.append(&mut self.options);
        if !self.rest.is_empty() {
            parts.push("--".to_string());
            parts.extend(words(&self.rest));
        }
        parts.join(" ")
    }
}

/// An address that anybody can listen at.
const ADDRESS: &str = "127.0.0.1:8080";

/// An option as it was given, by its letter where it has one.
fn given(option: &Opt, value: &str) -> String {
    let name = match option.short {
        Some(short) => format!("-{short}"),
        None => format!("--{}", option.long),
    };
    match option.value {
        Some(_) => format!("{name} {}", shell::word(value)),
        None => name,
    }
}
