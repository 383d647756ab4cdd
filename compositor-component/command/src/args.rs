//! Reads the command line by the table of commands.

use std::cell::Cell;
use std::ffi::OsString;

use compositor_diagnostic::lists;
use lexopt::Arg;

use crate::answer::Failure;
use crate::commands::{COMMANDS, Command};
use crate::foreign::Ours;
use crate::invocation::{Format, Invocation, Verbosity};
use crate::lookup::{Found, any_option, find, full_name, is_file, own_options};
use crate::mend::{self, Typed};
use crate::options::Opt;
use crate::usage::PRINTED;
use crate::wrong::{misuse, unknown_command, unknown_in_group, unknown_option, wrong};
use crate::{completions, defaults, man, program, usage};

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
    let mut typed = scan(own)?;
    typed.rest = rest.to_vec();
    let options = typed.options.iter();
    let given = |long: &str| options.clone().any(|(option, _)| option.long == long);
    if given("version") {
        return Ok(Parsed::Version);
    }
    let mut wants_help = given("help");
    if printed_word(&typed.words) == Some(HELP) {
        typed.words.remove(0);
        wants_help = true;
    }
    match printed_word(&typed.words) {
        Some(word) if wants_help => return Ok(Parsed::Help(usage::printed_help(word))),
        Some(word) => return printed(word, &typed.words[1..]),
        None => {}
    }
    let (command, used) = match find(&typed.words) {
        Found::Command(command, used) => (command, used),
        Found::Group(group, _) if wants_help => {
            return Ok(Parsed::Help(usage::group_help(group)));
        }
        Found::Group(group, word) => return Err(unknown_in_group(group, word, &typed)),
        Found::Nothing if wants_help => return Ok(Parsed::Help(usage::help())),
        Found::Nothing => {
            return Err(Failure::usage(
                "there is nothing to do",
                format!(
                    "name a plan or a command: `{} help` lists them",
                    program::name()
                ),
                usage::help(),
            ));
        }
        Found::Unknown(word) => return Err(unknown_command(word, &typed)),
    };
    if wants_help {
        return Ok(Parsed::Help(usage::command_help(command)));
    }
    if let Some((option, name, _)) = typed.foreign.first() {
        let lacks = |long: &str| own_options(command).all(|own| own.long != long);
        if matches!(option.ours, Ours::Option(long) if lacks(long)) {
            return Err(unknown_option(&typed.words, name));
        }
        let message = format!("`{}` has no option `{name}`", full_name(command));
        let foreign = mend::foreign_verb("", &typed.words[used..]).filter(|_| used == 0);
        let own = command.name();
        let ours = foreign.map_or(Ours::Command(&own), |(ours, _)| ours);
        return Err(misuse(
            command,
            message,
            Some(mend::help(&typed, ours, used)),
        ));
    }
    check_options(command, &typed.options)?;
    defaults::fill(command, &mut typed.options)?;
    let mut positional = typed.words[used..].to_vec();
    let mut handed_on = Vec::new();
    if command.hands_on() {
        handed_on = rest.to_vec();
    } else {
        positional.extend_from_slice(rest);
    }
    check_count(command, &positional, used, &typed)?;
    let options = typed.options;
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

/// Tells options from words. Options may come before the command's words, so
/// they are looked up among those of all commands.
fn scan(arguments: &[String]) -> Result<Typed, Failure> {
    let mut parser = lexopt::Parser::from_args(arguments.iter().map(OsString::from));
    let mut typed = Typed::default();
    loop {
        let next = parser.next();
        let next = next.map_err(|error| wrong(&typed.words, error.to_string(), None))?;
        let (name, option) = match next {
            None => return Ok(typed),
            Some(Arg::Value(value)) => {
                typed.words.push(value.to_string_lossy().into_owned());
                continue;
            }
            Some(Arg::Long(long)) => {
                let option = any_option(|option| option.long == long);
                (format!("--{long}"), option)
            }
            Some(Arg::Short(short)) => {
                let option = any_option(|option| option.short == Some(short));
                (format!("-{short}"), option)
            }
        };
        let mut value = |takes: Option<&str>, implied: Option<&str>| match (takes, implied) {
            (None, _) => Ok(String::new()),
            (Some(_), Some(implied)) => Ok(match parser.optional_value() {
                Some(value) => value.to_string_lossy().into_owned(),
                None => implied.to_string(),
            }),
            (Some(what), None) => match parser.value() {
                Ok(value) => Ok(value.to_string_lossy().into_owned()),
                Err(_) => {
                    let message = format!("`{name}` needs a value, {what}");
                    Err(wrong(&typed.words, message, None))
                }
            },
        };
        match (option, mend::foreign_option(&name)) {
            (Some(option), _) => {
                let value = value(option.value, option.implied)?;
                typed.options.push((option, value));
            }
            (None, Some(foreign)) => {
                // Without one it is still known what was meant.
                let takes = foreign.has_value.then_some("");
                let value = value(takes, None).unwrap_or_default();
                typed.foreign.push((foreign, name, value));
            }
            (None, None) => return Err(unknown_option(&typed.words, &name)),
        }
    }
}

/// What prints help, as `--help` does.
const HELP: &str = "help";

/// The first word, where it only prints something and is no file.
fn printed_word(words: &[String]) -> Option<&'static str> {
    let word = words.first().filter(|word| !is_file(word))?;
    let mut names = PRINTED.iter().map(|(name, ..)| *name);
    names.find(|name| name == word)
}

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
            None => misuse(format!("`{shell}` is not bash, zsh or fish")),
        },
        ("completions", []) => misuse("`completions` needs a shell".to_string()),
        (_, [.., last]) => misuse(format!("`{last}` is one argument too many")),
        (_, []) => misuse(format!("`{word}` is not known")),
    }
}

fn check_options(
    command: &'static Command,
    options: &[(&'static Opt, String)],
) -> Result<(), Failure> {
    for (index, (option, _)) in options.iter().enumerate() {
        let name = option.long;
        let known = own_options(command).find(|known| known.long == name);
        match known {
            None => {
                let message = format!("`{}` has no option `--{name}`", full_name(command));
                let others = COMMANDS.iter().filter(|other| !other.words.is_empty());
                let others = others.filter(|other| own_options(other).any(|of| of.long == name));
                let others: Vec<String> = others.map(Command::name).collect();
                let others = lists::some_of(others.iter().map(String::as_str));
                let help = format!("it is an option of {others}");
                return Err(misuse(command, message, Some(help)));
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

fn check_count(
    command: &'static Command,
    positional: &[String],
    used: usize,
    typed: &Typed,
) -> Result<(), Failure> {
    let (least, most) = command.count;
    if positional.len() < least {
        let message = format!("`{}` needs {}", full_name(command), command.takes);
        return Err(misuse(command, message, None));
    }
    let Some(extra) = positional.get(most) else {
        return Ok(());
    };
    let help = match mend::foreign_verb("", positional).filter(|_| used == 0) {
        Some((ours, _)) => Some(mend::help(typed, ours, 0)),
        None if command.hands_on() => {
            let mut meant = typed.clone();
            meant.rest.splice(0..0, meant.words.split_off(used + most));
            let name = command.name();
            let line = mend::help(&meant, Ours::Command(&name), used);
            Some(format!("arguments for the guest come after `--`; {line}"))
        }
        None => None,
    };
    let message = format!("`{extra}` is one argument too many");
    Err(misuse(command, message, help))
}
