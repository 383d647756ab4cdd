//! Colours of what is said on a terminal.

use compositor_diagnostic::Severity;
use wasip2::cli::terminal_stderr::get_terminal_stderr;

use crate::paths;

/// Whether findings have colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// They have none.
    Plain,
    /// They have some.
    Coloured,
}

/// Colours of a terminal, by their numbers there.
const RED: u8 = 31;
const YELLOW: u8 = 33;
const BLUE: u8 = 34;
const CYAN: u8 = 36;

impl Style {
    /// Colours where stderr is a terminal, unless `NO_COLOR` is set or the terminal has
    /// none (<https://no-color.org>).
    pub fn of_stderr() -> Self {
        let is_set = |name: &str| paths::variable(name).is_some_and(|value| !value.is_empty());
        let is_dumb = paths::variable("TERM").is_some_and(|term| term == "dumb");
        let is_plain = is_set("NO_COLOR") || is_dumb || get_terminal_stderr().is_none();
        if is_plain {
            Self::Plain
        } else {
            Self::Coloured
        }
    }

    /// A severity's word and code, or what is under what it is about.
    pub fn severity(self, severity: Severity, text: &str) -> String {
        self.bold(
            match severity {
                Severity::Error => RED,
                Severity::Warning => YELLOW,
                Severity::Note => CYAN,
            },
            text,
        )
    }

    /// What stands beside an excerpt.
    pub fn frame(self, text: &str) -> String {
        self.bold(BLUE, text)
    }

    fn bold(self, colour: u8, text: &str) -> String {
        match self {
            Self::Plain => text.to_string(),
            Self::Coloured if text.is_empty() => String::new(),
            Self::Coloured => format!("\u{1b}[1;{colour}m{text}\u{1b}[0m"),
        }
    }
}
