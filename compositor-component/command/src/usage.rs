//! The help, made from the table of commands.

use crate::answer::Answer;
use crate::commands::{COMMANDS, Command};
use crate::options::{GLOBAL, Opt};

/// What `--version` prints.
pub fn version() -> Answer {
    let version = env!("CARGO_PKG_VERSION");
    Answer::text(format!("compositor {version}\n")).field("version", version)
}

/// The help of the program.
pub fn help() -> String {
    let mut text = "Composes WebAssembly components by a plan.\n\n".to_string();
    text += &format!("{}\n\nCommands:\n", line(&COMMANDS[0]));
    let names: Vec<String> = COMMANDS.iter().map(name).collect();
    table(
        &mut text,
        names
            .iter()
            .map(String::as_str)
            .zip(COMMANDS.iter().map(|c| c.about)),
    );
    text += "\nOptions of every command:\n";
    options(&mut text, GLOBAL);
    text += "\n`COMMAND --help` has the options of a command.\n";
    text
}

/// The help of a group of commands.
pub fn group_help(group: &str) -> String {
    let commands = || COMMANDS.iter().filter(|c| c.words.first() == Some(&group));
    let names: Vec<String> = commands().map(name).collect();
    let mut text = format!("Usage: compositor {group} COMMAND [options]\n\nCommands:\n");
    table(
        &mut text,
        names
            .iter()
            .map(String::as_str)
            .zip(commands().map(|c| c.about)),
    );
    text
}

/// The help of a command.
pub fn command_help(command: &Command) -> String {
    if command.words.is_empty() {
        return help();
    }
    let mut text = format!("{}.\n\n{}\n", command.about, line(command));
    if !command.options.is_empty() {
        text += "\nOptions:\n";
        options(&mut text, command.options);
    }
    text += "\nOptions of every command:\n";
    options(&mut text, GLOBAL);
    text
}

/// How a command is used, on one line.
pub fn line(command: &Command) -> String {
    let mut text = "Usage: compositor".to_string();
    for word in command.words.iter().chain([&command.takes]) {
        if !word.is_empty() {
            text += &format!(" {word}");
        }
    }
    // Options come before the `--` of what is handed on.
    let options = if command.options.is_empty() {
        ""
    } else {
        " [options]"
    };
    match text.find(" [--") {
        Some(at) => text.insert_str(at, options),
        None => text += options,
    }
    text
}

fn name(command: &Command) -> String {
    match command.words {
        [] => command.takes.to_string(),
        words => words.join(" "),
    }
}

fn options(text: &mut String, options: &[&Opt]) {
    let names: Vec<String> = options
        .iter()
        .map(|option| {
            let short = option
                .short
                .map_or(String::new(), |short| format!("-{short}, "));
            let value = option
                .value
                .map_or(String::new(), |value| format!(" {value}"));
            format!("{short}--{}{value}", option.long)
        })
        .collect();
    table(
        text,
        names
            .iter()
            .map(String::as_str)
            .zip(options.iter().map(|o| o.about)),
    );
}

fn table<'a>(text: &mut String, rows: impl Iterator<Item = (&'a str, &'a str)> + Clone) {
    let width = rows.clone().map(|(left, _)| left.len()).max().unwrap_or(0);
    for (left, right) in rows {
        *text += &format!("  {left:width$}  {right}\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_lines() {
        let run = COMMANDS.iter().find(|c| c.words == ["exec", "run"]);
        assert_eq!(
            line(run.expect("exec run")),
            "Usage: compositor exec run PLAN|FILE.wasm [options] [-- ARGS…]"
        );
        assert_eq!(line(&COMMANDS[0]), "Usage: compositor PLAN [options]");
    }
}
