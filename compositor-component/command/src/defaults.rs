//! What options are where the command line does not say: `COMPOSECTL_*` of the
//! environment, and after it `composectl.toml` of the current folder.
//!
//! A folder may come from anybody, so its file grants nothing: no import, no folder, no
//! variable, and no trust.

use compositor_diagnostic::suggest::nearest;

use crate::answer::Failure;
use crate::commands::{COMMANDS, Command};
use crate::options::{GLOBAL, Opt};
use crate::toml::{self, Entry, Value};
use crate::{files, paths};

/// The file's name.
pub const FILE: &str = "composectl.toml";

/// What is said of the file.
pub const ABOUT: &str = "Defaults of options, by their long names: store = \".compose\" for every \
    command, and addr = \"127.0.0.1:8080\" below [exec.serve] for that one. It is read in the \
    current folder, and can grant nothing.";

/// What is said of the environment.
pub const ENVIRONMENT: &str = "COMPOSECTL_NAME is what the option --name is where the command \
    line does not say, as in COMPOSECTL_ADDR; of an option without a value, 1 or true. Options \
    that may be given again take a line for each value. It holds before the file.";

/// What the names of variables begin with.
const PREFIX: &str = "COMPOSECTL_";

/// Options that a file may set.
const HARMLESS: &[&str] = &[
    "access-log",
    "addr",
    "deny",
    "format",
    "health",
    "locked",
    "quiet",
    "store",
    "strip",
    "target",
    "verbose",
];

/// Bytes of the file, at the most.
const MOST: u64 = 64 << 10;

/// Options with their values.
pub type Given = Vec<(&'static Opt, String)>;

/// The variable that is an option's default.
fn variable(option: &Opt) -> String {
    let name = option.long.to_uppercase().replace('-', "_");
    format!("{PREFIX}{name}")
}

/// Adds to what was given to a command what holds otherwise.
///
/// # Errors
/// When a default is none: what one believes to be set must be.
pub fn fill(command: &'static Command, given: &mut Given) -> Result<(), Failure> {
    let file = read()?;
    for option in command.options.iter().chain(GLOBAL) {
        let is_given = given.iter().any(|(known, _)| known.long == option.long);
        // Help and version are no matter of habit.
        if is_given || ["help", "version"].contains(&option.long) {
            continue;
        }
        let values = match paths::variable(&variable(option)) {
            Some(text) => of_variable(option, &text)?,
            None => of_file(command, option, &file)?,
        };
        given.extend(values.into_iter().map(|value| (*option, value)));
    }
    Ok(())
}

fn of_variable(option: &Opt, text: &str) -> Result<Vec<String>, Failure> {
    match (option.value, text) {
        (Some(_), text) if option.many => Ok(text.lines().map(str::to_string).collect()),
        (Some(_), text) => Ok(vec![text.to_string()]),
        (None, "1" | "true") => Ok(vec![String::new()]),
        (None, "0" | "false") => Ok(Vec::new()),
        (None, _) => Err(wrong(
            format!("{} is {text:?}", variable(option)),
            "set it to 1 or 0".to_string(),
        )),
    }
}

/// The file's entries, which are all known.
fn read() -> Result<Vec<Entry>, Failure> {
    let Ok(place) = paths::resolve(FILE) else {
        return Ok(Vec::new());
    };
    if !files::exists(&place) {
        return Ok(Vec::new());
    }
    let mut file = files::open_place(place)?;
    let bytes = file.read_prefix(MOST + 1)?;
    let text = String::from_utf8(bytes).ok();
    let Some(text) = text.filter(|text| text.len() as u64 <= MOST) else {
        let message = format!("`{FILE}` is not a text of at most {MOST} bytes");
        return Err(wrong(message, format!("correct or remove `{FILE}`")));
    };
    let entries = toml::read(&text).map_err(|(line, what)| {
        let message = format!("`{FILE}`, line {line}: {what}");
        wrong(message, format!("correct or remove `{FILE}`"))
    })?;
    for entry in &entries {
        known(entry)?;
    }
    Ok(entries)
}

fn known(entry: &Entry) -> Result<(), Failure> {
    let at = format!("`{FILE}`, line {}", entry.line);
    let commands = || COMMANDS.iter().filter(|command| !command.words.is_empty());
    let names: Vec<String> = commands().map(|command| command.words.join(".")).collect();
    let meant = |meant: Option<&str>, otherwise: String| {
        meant.map_or(otherwise, |meant| format!("did you mean `{meant}`?"))
    };
    if !entry.table.is_empty() && !names.contains(&entry.table) {
        let close = nearest(&entry.table, names.iter().map(String::as_str));
        let help = meant(
            close,
            "name a table as its command, as in `[exec.serve]`".to_string(),
        );
        return Err(wrong(
            format!("{at}: there is no command for `[{}]`", entry.table),
            help,
        ));
    }
    if !HARMLESS.contains(&entry.key.as_str()) {
        let all = commands().flat_map(|command| command.options).chain(GLOBAL);
        let mut all = all.map(|option| option.long);
        let (message, help) = match all.any(|name| name == entry.key) {
            true => (
                format!(
                    "{at}: `{}` cannot be set in a file, which may come from anybody",
                    entry.key
                ),
                "give it on the command line or in the environment".to_string(),
            ),
            false => (
                format!("{at}: there is no option `{}`", entry.key),
                meant(
                    nearest(&entry.key, HARMLESS.iter().copied()),
                    format!("a file may set {}", HARMLESS.join(", ")),
                ),
            ),
        };
        return Err(wrong(message, help));
    }
    Ok(())
}

/// The values of an option in the file: those for the command before those for all.
fn of_file(
    command: &Command,
    option: &'static Opt,
    file: &[Entry],
) -> Result<Vec<String>, Failure> {
    let table = command.words.join(".");
    let find = |table: &str| {
        let mut entries = file.iter().rev();
        entries.find(|entry| entry.table == table && entry.key == option.long)
    };
    let own = find(&table).filter(|_| !table.is_empty());
    let Some(entry) = own.or_else(|| find("")) else {
        return Ok(Vec::new());
    };
    let values = entry
        .values
        .iter()
        .map(|value| match (value, option.value) {
            (Value::Text(text), Some(_)) => Ok(Some(text.clone())),
            (Value::Truth(true), None) => Ok(Some(String::new())),
            (Value::Truth(false), None) => Ok(None),
            (_, takes) => {
                let help = match takes {
                    Some(what) => format!("give it {what} in quotes"),
                    None => "give it true or false".to_string(),
                };
                let message = format!(
                    "`{FILE}`, line {}: `{}` has no such value",
                    entry.line, entry.key
                );
                Err(wrong(message, help))
            }
        });
    let values: Vec<String> = values
        .filter_map(Result::transpose)
        .collect::<Result<_, _>>()?;
    match values.len() > 1 && !option.many {
        true => Err(wrong(
            format!(
                "`{FILE}`, line {}: `{}` has one value",
                entry.line, entry.key
            ),
            "give it one".to_string(),
        )),
        false => Ok(values),
    }
}

fn wrong(message: String, help: String) -> Failure {
    Failure {
        usage: None,
        ..Failure::usage(message, help, String::new())
    }
}
