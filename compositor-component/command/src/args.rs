//! Reads the command line by the table of commands.

use std::cell::Cell;
use std::ffi::OsString;

use compositor_diagnostic::suggest::nearest;
use lexopt::Arg;

use crate::answer::Failure;
use crate::commands::{COMMANDS, Command};
use crate::invocation::{Format, Invocation, Verbosity};
use crate::options::{GLOBAL, Opt};
use crate::usage::PRINTED;
use crate::{completions, defaults, files, man, paths, program, usage};

/// What the command line asks for.
pub enum Parsed {
    /// A command, and what it is given.
    Command(&'static Command, Invocation),
    /// This help.
    Help(String),
    /// The version.
    Version,
}

/// The format and verbosity, as far as they can be told: a command line that
/// is wrong is reported in the format it asks for.
pub fn peek(arguments: &[String]) -> (Format, Verbosity) {
    let own = || arguments.iter().take_while(|argument| *argument != "--");
    let json = own().any(|argument| argument == "--format=json")
        || own()
            .zip(own().skip(1))
            .any(|(name, value)| name == "--format" && value == "json");
    let has = |names: [&str; 2]| own().any(|argument| names.contains(&argument.as_str()));
    let verbosity = match (has(["-q", "--quiet"]), has(["-v", "--verbose"])) {
        (true, _) => Verbosity::Quiet,
        (false, true) => Verbosity::Verbose,
        (false, false) => Verbosity::Normal,
    };
    (if json { Format::Json } else { Format::Text }, verbosity)
}

/// Reads the arguments after the program's name.
pub fn parse(arguments: &[String]) -> Result<Parsed, Failure> {
    let separator = arguments.iter().position(|argument| argument == "--");
    let (own, rest) = match separator {
        Some(at) => (&arguments[..at], &arguments[at + 1..]),
        None => (arguments, &[][..]),
    };
    let Scanned {
        mut words,
        mut options,
    } = scan(own)?;
    let given = |long: &str| options.iter().any(|(option, _)| option.long == long);
    if given("version") {
        return Ok(Parsed::Version);
    }
    let word = words.first().map(String::as_str);
    let word = word.filter(|word| PRINTED.iter().any(|(name, ..)| name == word));
    let is_help = match word.filter(|word| !is_file(word)) {
        Some(HELP) => {
            words.remove(0);
            true
        }
        Some(word) => return printed(word, &words[1..]),
        None => false,
    };
    let wants_help = is_help || given("help");
    let (command, used) = match find(&words) {
        Found::Command(command, used) => (command, used),
        Found::Group(group, _) if wants_help => {
            return Ok(Parsed::Help(usage::group_help(group)));
        }
        Found::Group(group, word) => return Err(unknown_in_group(group, word)),
        Found::Nothing if wants_help => return Ok(Parsed::Help(usage::help())),
        Found::Nothing => {
            return Err(Failure::usage(
                "there is nothing to do",
                "name a plan or a command",
                usage::help(),
            ));
        }
        Found::Unknown(word, meant) => {
            let help = match meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("`{} help` lists the commands", program::name()),
            };
            return Err(Failure::misuse(
                program::name(),
                format!("there is no command `{word}`, and no such plan"),
                Some(help),
                usage::line(&COMMANDS[0]),
            ));
        }
    };
    if wants_help {
        return Ok(Parsed::Help(usage::command_help(command)));
    }
    check_options(command, &options)?;
    defaults::fill(command, &mut options)?;
    let mut positional = words[used..].to_vec();
    let mut handed_on = Vec::new();
    if command.hands_on() {
        handed_on = rest.to_vec();
    } else {
        positional.extend_from_slice(rest);
    }
    check_count(command, &positional)?;
    let format = match options.iter().find(|(option, _)| option.long == "format") {
        None => Format::Text,
        Some((_, value)) => match value.as_str() {
            "text" => Format::Text,
            "json" => Format::Json,
            other => {
                let message = format!("`--format {other}` is not a format");
                return Err(misuse(
                    command,
                    message,
                    Some("use `text` or `json`".to_string()),
                ));
            }
        },
    };
    let invocation = Invocation {
        name: full_name(command),
        usage: usage::line(command),
        format,
        options: options
            .into_iter()
            .map(|(option, value)| (option.long, value))
            .collect(),
        arguments: positional,
        rest: handed_on,
        recording: Cell::default(),
    };
    Ok(Parsed::Command(command, invocation))
}

struct Scanned {
    words: Vec<String>,
    options: Vec<(&'static Opt, String)>,
}

/// Tells options from words. Options may come before the command's words, so
/// they are looked up among those of all commands.
fn scan(arguments: &[String]) -> Result<Scanned, Failure> {
    let mut parser = lexopt::Parser::from_args(arguments.iter().map(OsString::from));
    let mut words = Vec::new();
    let mut options = Vec::new();
    loop {
        let option = match parser
            .next()
            .map_err(|error| wrong(&words, error.to_string()))?
        {
            None => return Ok(Scanned { words, options }),
            Some(Arg::Value(value)) => {
                words.push(value.to_string_lossy().into_owned());
                continue;
            }
            Some(Arg::Long(long)) => {
                let long = long.to_string();
                any_option(|option| option.long == long).ok_or_else(|| unknown(&words, &long))?
            }
            Some(Arg::Short(short)) => any_option(|option| option.short == Some(short))
                .ok_or_else(|| wrong(&words, format!("there is no option `-{short}`")))?,
        };
        let value = match (option.value, option.implied) {
            (None, _) => String::new(),
            (Some(_), Some(implied)) => match parser.optional_value() {
                Some(value) => value.to_string_lossy().into_owned(),
                None => implied.to_string(),
            },
            (Some(what), None) => match parser.value() {
                Ok(value) => value.to_string_lossy().into_owned(),
                Err(_) => {
                    let message = format!("`--{}` needs a value, {what}", option.long);
                    return Err(wrong(&words, message));
                }
            },
        };
        options.push((option, value));
    }
}

fn all_options() -> impl Iterator<Item = &'static Opt> {
    GLOBAL
        .iter()
        .chain(COMMANDS.iter().flat_map(|command| command.options))
        .copied()
}

fn any_option(is_meant: impl Fn(&Opt) -> bool) -> Option<&'static Opt> {
    all_options().find(|option| is_meant(option))
}

enum Found<'a> {
    /// A command, and how many words named it.
    Command(&'static Command, usize),
    /// A group without one of its commands, and the word that was given.
    Group(&'a str, Option<&'a str>),
    /// Neither a command nor a file, and the command that was meant.
    Unknown(&'a str, Option<String>),
    /// No words.
    Nothing,
}

fn find(words: &[String]) -> Found<'_> {
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
        true => Found::Unknown(first, meant(first)),
        false => Found::Command(&COMMANDS[0], 0),
    }
}

/// The command that a word was meant to be: the second word of one, or nearly the first.
fn meant(word: &str) -> Option<String> {
    let is_second = |command: &&Command| command.words.get(1) == Some(&word);
    let whole = |command: &Command| command.words.join(" ");
    let groups = COMMANDS
        .iter()
        .filter_map(|command| command.words.first().copied());
    let second = COMMANDS.iter().find(is_second).map(whole);
    let printed = PRINTED.iter().map(|(name, ..)| *name);
    second.or_else(|| nearest(word, groups.chain(printed)).map(str::to_string))
}

/// What prints help, as `--help` does.
const HELP: &str = "help";

/// What is printed out of the table of commands: a script for a shell, or the manual page.
fn printed(word: &str, arguments: &[String]) -> Result<Parsed, Failure> {
    let misuse = |message: String| {
        let name = format!("{} {word}", program::name());
        Err(Failure::misuse(
            &name,
            message,
            None,
            usage::printed_line(word),
        ))
    };
    match (word, arguments) {
        ("man", []) => Ok(Parsed::Help(man::page(program::name()))),
        ("completions", [shell]) => match completions::script(shell, program::name()) {
            Some(script) => Ok(Parsed::Help(script)),
            None => misuse(format!("`{shell}` is none of bash, zsh and fish")),
        },
        ("completions", []) => misuse("`completions` needs a shell".to_string()),
        (_, [.., last]) => misuse(format!("`{last}` is one argument too many")),
        (_, []) => misuse(format!("`{word}` is not known")),
    }
}

fn is_file(path: &str) -> bool {
    paths::resolve(path).is_ok_and(|place| files::exists(&place))
}

fn check_options(
    command: &'static Command,
    options: &[(&'static Opt, String)],
) -> Result<(), Failure> {
    for (index, (option, _)) in options.iter().enumerate() {
        let known = command
            .options
            .iter()
            .chain(GLOBAL)
            .find(|known| known.long == option.long);
        let name = option.long;
        match known {
            None => {
                let message = format!("`{}` has no option `--{name}`", full_name(command));
                return Err(misuse(command, message, None));
            }
            Some(known) if known.many => {}
            Some(_) => {
                if options[..index]
                    .iter()
                    .any(|(earlier, _)| earlier.long == name)
                {
                    let message = format!("`--{name}` was given twice");
                    return Err(misuse(command, message, None));
                }
            }
        }
    }
    Ok(())
}

fn check_count(command: &'static Command, positional: &[String]) -> Result<(), Failure> {
    let (least, most) = command.count;
    if positional.len() < least {
        let message = format!("`{}` needs {}", full_name(command), command.takes);
        return Err(misuse(command, message, None));
    }
    match positional.get(most) {
        None => Ok(()),
        Some(extra) => {
            let help = "arguments for the guest come after `--`".to_string();
            let help = command.hands_on().then_some(help);
            Err(misuse(
                command,
                format!("`{extra}` is one argument too many"),
                help,
            ))
        }
    }
}

fn full_name(command: &Command) -> String {
    [program::name()]
        .iter()
        .chain(command.words)
        .copied()
        .collect::<Vec<_>>()
        .join(" ")
}

fn misuse(command: &Command, message: impl Into<String>, help: Option<String>) -> Failure {
    Failure::misuse(&full_name(command), message, help, usage::line(command))
}

fn wrong(words: &[String], message: String) -> Failure {
    match find(words) {
        Found::Command(command, _) => misuse(command, message, None),
        _ => misuse(&COMMANDS[0], message, None),
    }
}

fn unknown(words: &[String], long: &str) -> Failure {
    let message = format!("there is no option `--{long}`");
    let meant = |names: &mut dyn Iterator<Item = &'static str>| {
        nearest(long, names).map(|meant| format!("did you mean `--{meant}`?"))
    };
    match find(words) {
        Found::Command(command, _) => {
            let own = command
                .options
                .iter()
                .chain(GLOBAL)
                .map(|option| option.long);
            misuse(command, message, meant(&mut { own }))
        }
        _ => {
            let help = meant(&mut all_options().map(|option| option.long));
            misuse(&COMMANDS[0], message, help)
        }
    }
}

fn unknown_in_group(group: &str, word: Option<&str>) -> Failure {
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
            let help = nearest(word, own()).map(|meant| format!("did you mean `{group} {meant}`?"));
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
