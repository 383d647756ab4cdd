//! The help, made from the table of commands.

use crate::answer::Answer;
use crate::commands::{COMMANDS, Command};
use crate::options::{GLOBAL, Opt};
use crate::program;
use crate::wrap::{COLUMNS, HANGING, wrapped};

/// What `--version` prints.
pub fn version() -> Answer {
    let version = env!("CARGO_PKG_VERSION");
    let name = program::name();
    Answer::text(format!("{name} {version}\n")).field("version", version)
}

/// What is printed out of the table of commands, beside them: a word, what it takes, and
/// what it does.
pub const PRINTED: [(&str, &str, &str); 3] = [
    ("help", "[COMMAND]", "Print help, as `--help` does"),
    (
        "completions",
        "bash|zsh|fish",
        "Print what a shell needs to complete command lines",
    ),
    ("man", "", "Print the manual page"),
];

/// How one of these is used, on one line.
pub fn printed_line(word: &str) -> String {
    let found = PRINTED.iter().find(|(name, ..)| *name == word);
    let takes = found.map_or("", |(_, takes, _)| takes);
    let line = format!("Usage: {} {word} {takes}", program::name());
    line.trim_end().to_string()
}

/// The help of one of these.
pub fn printed_help(word: &str) -> String {
    let found = PRINTED.iter().find(|(name, ..)| *name == word);
    let about = found.map_or("", |(.., about)| about);
    format!("{about}.\n\n{}\n", printed_line(word))
}

/// The help of the program.
pub fn help() -> String {
    let mut text = "Composes WebAssembly components by a plan.\n\n".to_string();
    text += &format!("{}\n\nCommands:\n", line(&COMMANDS[0]));
    let names: Vec<String> = COMMANDS.iter().map(name).collect();
    let names = names.iter().map(String::as_str);
    let rows = names.zip(COMMANDS.iter().map(|command| command.about));
    let printed = PRINTED.iter().map(|(word, _, about)| (*word, *about));
    table(&mut text, rows.chain(printed));
    text += "\nOptions of every command:\n";
    options(&mut text, GLOBAL);
    text += &format!(
        "\n`{} help COMMAND` has the options of a command.\n",
        program::name()
    );
    text
}

/// The help of a group of commands.
pub fn group_help(group: &str) -> String {
    let commands = || COMMANDS.iter().filter(|c| c.words.first() == Some(&group));
    let names: Vec<String> = commands().map(name).collect();
    let program = program::name();
    let mut text = format!("Usage: {program} {group} COMMAND [options]\n\nCommands:\n");
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
    let about = wrapped(&format!("{}.", command.about), 0);
    let mut text = format!("{about}\n\n{}\n", wrapped(&line(command), HANGING));
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
    let mut text = format!("Usage: {}", program::name());
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

/// An option as it is given: `-o, --output OUT`, `--strip[=debug|all]`.
pub fn option(option: &Opt) -> String {
    let short = option
        .short
        .map_or(String::new(), |short| format!("-{short}, "));
    let value = match (option.value, option.implied) {
        (None, _) => String::new(),
        (Some(value), None) => format!(" {value}"),
        (Some(value), Some(_)) => format!("[={value}]"),
    };
    format!("{short}--{}{value}", option.long)
}

fn options(text: &mut String, options: &[&Opt]) {
    let names: Vec<String> = options.iter().copied().map(option).collect();
    table(
        text,
        names
            .iter()
            .map(String::as_str)
            .zip(options.iter().map(|o| o.about)),
    );
}

/// Rows of two columns; what does not fit the line goes on below itself.
fn table<'a>(text: &mut String, rows: impl Iterator<Item = (&'a str, &'a str)> + Clone) {
    let widest = rows.clone().map(|(left, _)| left.len()).max().unwrap_or(0);
    let width = widest.min(COLUMNS / 3);
    let indent = width + 4;
    for (left, right) in rows {
        let mut column = indent;
        *text += &match left.len() > width {
            true => format!("  {left}\n{:indent$}", ""),
            false => format!("  {left:width$}  "),
        };
        let mut is_first = true;
        for word in right.split(' ') {
            let length = word.chars().count();
            if !is_first && column + 1 + length > COLUMNS {
                *text += &format!("\n{:indent$}", "");
                (column, is_first) = (indent, true);
            }
            if !is_first {
                text.push(' ');
                column += 1;
            }
            *text += word;
            (column, is_first) = (column + length, false);
        }
        text.push('\n');
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

    #[test]
    fn help_fits_a_terminal() {
        let commands = COMMANDS.iter().map(command_help);
        let printed = PRINTED.iter().map(|(word, ..)| printed_help(word));
        for help in commands.chain(printed).chain([help(), group_help("plan")]) {
            for line in help.lines() {
                assert!(line.chars().count() <= COLUMNS, "{line}");
                assert_eq!(line, line.trim_end());
            }
        }
    }
}
