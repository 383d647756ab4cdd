//! A host: a command line with a place for a case's arguments.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail, ensure};

use crate::options::Options;
use crate::process::{self, Ended};

/// What stands for a case's arguments.
const ARGS: &str = "{args}";
/// What stands for a case's folder.
const DIR: &str = "{dir}";

/// A host under test.
#[derive(Clone, Debug)]
pub struct Host {
    /// The command line, as it was given.
    pub template: String,
    words: Vec<String>,
    without: Vec<String>,
    timeout: Duration,
}

/// A case's state is in its folder, which hosts open to the command.
const STATE: [&str; 2] = ["--state", ".state"];

impl Host {
    /// The host of options. Files that its command line names are looked for
    /// from the current folder.
    pub fn new(options: &Options) -> Result<Self> {
        let words = words(&options.host)?;
        ensure!(
            words.iter().filter(|word| *word == ARGS).count() == 1,
            "`--host {}` needs the word {ARGS} once",
            options.host
        );
        ensure!(
            words.first().is_some_and(|word| word != ARGS),
            "`--host {}` names no program",
            options.host
        );
        Ok(Self {
            template: options.host.clone(),
            words: words.into_iter().map(absolute).collect::<Result<_>>()?,
            without: options.without.clone(),
            timeout: options.timeout,
        })
    }

    /// Whether it was said to lack something.
    pub fn lacks(&self, capability: &str) -> bool {
        self.without.iter().any(|name| name == capability)
    }

    /// What it was said to lack.
    pub fn without(&self) -> &[String] {
        &self.without
    }

    /// Runs it in a folder.
    pub fn run(&self, folder: &Path, args: &[String], stdin: &[u8]) -> Result<Ended> {
        let mut words: Vec<String> = Vec::new();
        for word in &self.words {
            match word.as_str() {
                ARGS => {
                    words.extend(STATE.map(str::to_string));
                    words.extend_from_slice(args);
                }
                word => words.push(word.replace(DIR, &folder.display().to_string())),
            }
        }
        let mut command = Command::new(&words[0]);
        command
            .args(&words[1..])
            .current_dir(folder)
            // A case's store is that of its folder.
            .env_remove("COMPOSE_STORE");
        process::run(&mut command, stdin, self.timeout)
    }
}

/// A word that names a file from here does so from everywhere.
fn absolute(word: String) -> Result<String> {
    let path = Path::new(&word);
    match path.is_file() {
        true => Ok(std::path::absolute(path)?.display().to_string()),
        false => Ok(word),
    }
}

/// The words of a command line; quotes keep spaces.
fn words(line: &str) -> Result<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for letter in line.chars() {
        match (letter, quote) {
            (_, Some(open)) if letter == open => quote = None,
            (_, Some(_)) => word.get_or_insert_default().push(letter),
            ('\'' | '"', None) => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (_, None) if letter.is_whitespace() => words.extend(word.take()),
            (_, None) => word.get_or_insert_default().push(letter),
        }
    }
    if quote.is_some() {
        bail!("`--host {line}` has a quote without its end");
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_lines() {
        let words = |line| words(line).expect("quotes are closed");
        assert_eq!(words(" a  b "), ["a", "b"]);
        assert_eq!(words("'a b' \"c 'd'\" e''f ''"), ["a b", "c 'd'", "ef", ""]);
        assert!(super::words("a 'b").is_err());
    }

    #[test]
    fn a_host_needs_a_place_for_arguments() {
        for wrong in ["", "{args}", "host", "host {args} {args}", "host x{args}"] {
            assert!(Host::new(&Options::new(wrong)).is_err(), "{wrong}");
        }
        assert!(Host::new(&Options::new("host {args}")).is_ok());
    }
}
