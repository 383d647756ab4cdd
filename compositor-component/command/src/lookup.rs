//! Which command and which option the words of a command line mean.

use compositor_diagnostic::suggest::nearest;

use crate::commands::{COMMANDS, Command};
use crate::options::{GLOBAL, Opt};
use crate::usage::PRINTED;
use crate::{files, paths, program};

/// What the first words of a command line mean.
pub enum Found<'a> {
    /// A command, and how many words named it.
    Command(&'static Command, usize),
    /// A group without one of its commands, and the word that was given.
    Group(&'a str, Option<&'a str>),
    /// Neither a command nor a file.
    Unknown(&'a str),
    /// No words.
    Nothing,
}

/// Finds the command that words begin with.
pub fn find(words: &[String]) -> Found<'_> {
    let Some(first) = words.first() else {
        return Found::Nothing;
    };
    let second = words.get(1).map(String::as_str);
    let mut group = COMMANDS
        .iter()
        .filter(|c| c.words.first() == Some(&first.as_str()))
        .peekable();
    if group.peek().is_some() {
        let is_meant = |command: &&Command| match command.words {
            [_] => true,
            words => second == words.get(1).copied(),
        };
        return match group.find(is_meant) {
            Some(command) => Found::Command(command, command.words.len()),
            None => Found::Group(first, second),
        };
    }
    let is_plain = !first.contains(['/', '.']) && first != "-";
    match is_plain && !is_file(first) {
        true => Found::Unknown(first),
        false => Found::Command(&COMMANDS[0], 0),
    }
}

/// The name of a command, with the program's before it.
pub fn full_name(command: &Command) -> String {
    let words = [program::name()].into_iter();
    words
        .chain(command.words.iter().copied())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The options of all commands.
pub fn all_options() -> impl Iterator<Item = &'static Opt> {
    GLOBAL
        .iter()
        .chain(COMMANDS.iter().flat_map(|command| command.options))
        .copied()
}

/// The option of any command that is meant.
pub fn any_option(is_meant: impl Fn(&Opt) -> bool) -> Option<&'static Opt> {
    all_options().find(|option| is_meant(option))
}

/// The options that a command takes.
pub fn own_options(command: &'static Command) -> impl Iterator<Item = &'static Opt> {
    command.options.iter().chain(GLOBAL).copied()
}

/// The commands that have a second word: those that take so many operands, if there are
/// any.
pub fn second_words(word: &str, operands: usize) -> Vec<String> {
    let of_word = || {
        let commands = COMMANDS.iter();
        commands.filter(move |command| command.words.get(1) == Some(&word))
    };
    let fitting = of_word().filter(|of| (of.count.0..=of.count.1).contains(&operands));
    let fitting: Vec<String> = fitting.map(Command::name).collect();
    match fitting.is_empty() {
        true => of_word().map(Command::name).collect(),
        false => fitting,
    }
}

/// The command, or what is printed, that a word nearly names.
pub fn nearest_command(word: &str) -> Option<String> {
    let groups = COMMANDS.iter().filter_map(|of| of.words.first().copied());
    let printed = PRINTED.iter().map(|(name, ..)| *name);
    if let Some(near) = nearest(word, groups.chain(printed)) {
        return Some(near.to_string());
    }
    let seconds = COMMANDS.iter().filter_map(|of| of.words.get(1).copied());
    let near = nearest(word, seconds)?;
    let command = COMMANDS.iter().find(|of| of.words.get(1) == Some(&near))?;
    Some(command.name())
}

/// Whether a path leads to something.
pub fn is_file(path: &str) -> bool {
    paths::resolve(path).is_ok_and(|place| files::exists(&place))
}
