//! What is said of a command line that is wrong: which word is, and what was meant.

use compositor_diagnostic::suggest::nearest;

use crate::answer::Failure;
use crate::commands::{COMMANDS, Command};
use crate::foreign::Ours;
use crate::lookup::{
    Found, all_options, find, full_name, nearest_command, own_options, second_words,
};
use crate::mend::{self, Typed};
use crate::{program, usage};

/// What to do instead of what no word of a command names: what other tools mean by it, what
/// a command's second word is, or one that is nearly it.
pub fn unknown_command(word: &str, typed: &Typed) -> Failure {
    let operands = &typed.words[1..];
    let foreign = mend::foreign_verb(word, operands);
    let named = second_words(word, operands.len());
    let help = match (foreign, &named[..]) {
        (Some((ours, true)), _) | (Some((ours, false)), []) => mend::help(typed, ours, 1),
        (_, [name]) => mend::help(typed, Ours::Command(name), 1),
        (None, []) => match nearest_command(word) {
            Some(near) => mend::help(typed, Ours::Command(&near), 1),
            None => format!("`{} help` lists the commands", program::name()),
        },
        (_, several) => {
            let lines = several.iter().map(|name| mend::line(name, operands));
            let lines: Vec<String> = lines.map(|line| format!("`{line}`")).collect();
            format!("did you mean {}?", lines.join(" or "))
        }
    };
    Failure::misuse(
        program::name(),
        format!("there is no command `{word}`, and no such plan"),
        Some(help),
        usage::line(&COMMANDS[0]),
    )
}

/// A command line that is wrong in what it gives a command.
pub fn misuse(command: &Command, message: impl Into<String>, help: Option<String>) -> Failure {
    Failure::misuse(&full_name(command), message, help, usage::line(command))
}

/// What was typed of an option is wrong, for the command that the words before it name.
pub fn wrong(words: &[String], message: String, help: Option<String>) -> Failure {
    match find(words) {
        Found::Command(command, _) => misuse(command, message, help),
        _ => misuse(&COMMANDS[0], message, help),
    }
}

/// There is no option of a name, which has its hyphens.
pub fn unknown_option(words: &[String], name: &str) -> Failure {
    let command = match find(words) {
        Found::Command(command, _) => Some(command),
        _ => None,
    };
    let long = name.strip_prefix("--");
    let near = long.and_then(|long| match command {
        Some(command) => nearest(long, own_options(command).map(|option| option.long)),
        None => nearest(long, all_options().map(|option| option.long)),
    });
    let is_handed_on = command.is_some_and(|of| of.hands_on() && words.len() > of.words.len());
    let help = match near {
        Some(near) => Some(format!("did you mean `--{near}`?")),
        None if is_handed_on => Some("arguments for the guest come after `--`".to_string()),
        None => None,
    };
    wrong(words, format!("there is no option `{name}`"), help)
}

/// A group of commands without one of them, or with a word that names none.
pub fn unknown_in_group(group: &str, word: Option<&str>, typed: &Typed) -> Failure {
    let own = || {
        let commands = COMMANDS
            .iter()
            .filter(move |c| c.words.first() == Some(&group));
        commands.map(|command| command.words[1])
    };
    let names = own().collect::<Vec<_>>().join(", ");
    let (message, help) = match word {
        None => (format!("`{group}` needs a command: {names}"), None),
        Some(word) => {
            let near = nearest(word, own()).map(|near| format!("{group} {near}"));
            let help = near.map(|near| mend::help(typed, Ours::Command(&near), 2));
            (
                format!("`{group}` has no command `{word}`; it has {names}"),
                help,
            )
        }
    };
    let name = format!("{} {group}", program::name());
    let usage = format!("Usage: {name} COMMAND [options]");
    Failure::misuse(&name, message, help, usage)
}
