//! `man`: the manual page, made from the table of commands.

use std::fmt::Write as _;

use crate::commands::{COMMANDS, Command};
use crate::options::{GLOBAL, Opt};
use crate::{defaults, usage};

/// Exit statuses, with what they say.
const STATUSES: [(&str, &str); 9] = [
    ("0", "It was done."),
    (
        "1",
        "It was not done, or the answer is no. Of exec run and exec invoke this is the \
         guest's own status, as any other that is not named here.",
    ),
    ("2", "The command line is wrong."),
    (
        "3",
        "Of plan new: no provider was found for an import; the plan is written.",
    ),
    (
        "124",
        "Of exec run and exec invoke: a limit of time ended the guest.",
    ),
    (
        "125",
        "Of exec run and exec invoke: an error that is not the guest's, such as a plan that is wrong.",
    ),
    (
        "126",
        "Of exec run and exec invoke: the guest called what is denied to it.",
    ),
    ("134", "Of exec run and exec invoke: the guest trapped."),
    (
        "137",
        "Of exec run and exec invoke: another limit ended the guest.",
    ),
];

/// The page of a program of that name, as roff.
pub fn page(name: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut page = format!(
        ".TH {} 1 \"\" \"{name} {version}\"\n.nh\n.ad l\n.SH NAME\n{name} \\- {}\n.SH SYNOPSIS\n",
        name.to_uppercase(),
        escaped("composes WebAssembly components by a plan")
    );
    for command in COMMANDS {
        let line = usage::line(command);
        let line = line.strip_prefix("Usage: ").unwrap_or(&line);
        let _ = writeln!(page, ".B {}\n.br", escaped(line));
    }
    for (word, ..) in usage::PRINTED {
        let line = usage::printed_line(word);
        let line = line.strip_prefix("Usage: ").unwrap_or(&line);
        let _ = writeln!(page, ".B {}\n.br", escaped(line));
    }
    page += ".SH COMMANDS\n";
    for command in COMMANDS {
        let _ = writeln!(page, ".SS {}", escaped(&title(command)));
        let _ = writeln!(page, "{}.", escaped(command.about));
        options(&mut page, command.options);
    }
    for (word, takes, about) in usage::PRINTED {
        let title = format!("{word} {takes}");
        let _ = writeln!(
            page,
            ".SS {}\n{}.",
            escaped(title.trim_end()),
            escaped(about)
        );
    }
    page += ".SH OPTIONS\nThese are for every command.\n";
    options(&mut page, GLOBAL);
    page += ".SH EXIT STATUS\n";
    for (status, about) in STATUSES {
        let _ = writeln!(page, ".TP\n.B {status}\n{}", escaped(about));
    }
    page += ".SH ENVIRONMENT\n";
    let _ = writeln!(page, "{}", escaped(defaults::ENVIRONMENT));
    for (variable, about) in [
        ("COMPOSE_STORE", "The store's folder."),
        ("NO_COLOR", "No colours, even on a terminal."),
    ] {
        let _ = writeln!(page, ".TP\n.B {variable}\n{}", escaped(about));
    }
    page += ".SH FILES\n";
    let _ = writeln!(
        page,
        ".TP\n.B {}\n{}",
        defaults::FILE,
        escaped(defaults::ABOUT)
    );
    page
}

fn title(command: &Command) -> String {
    match command.words {
        [] => command.takes.to_string(),
        words => words.join(" "),
    }
}

fn options(page: &mut String, options: &[&Opt]) {
    for option in options {
        let name = escaped(&usage::option(option));
        let _ = writeln!(page, ".TP\n.B {name}\n{}.", escaped(option.about));
    }
}

/// A text that means itself to roff, in ASCII.
fn escaped(text: &str) -> String {
    let text = text
        .replace('\\', "\\e")
        .replace('-', "\\-")
        .replace('`', "")
        .replace('~', "\\(ti")
        .replace('\'', "\\(aq")
        .replace('…', "...");
    // A line that starts with one of these would be a request.
    match text.starts_with('.') {
        true => format!("\\&{text}"),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_mean_themselves() {
        assert_eq!(escaped(".a-b"), "\\&.a\\-b");
        assert_eq!(escaped("a\\b"), "a\\eb");
        assert_eq!(escaped("'~/x…'"), "\\(aq\\(ti/x...\\(aq");
    }

    #[test]
    fn every_command_is_on_the_page() {
        let page = page("composectl");
        for command in COMMANDS {
            assert!(page.contains(&format!(".SS {}\n", escaped(&title(command)))));
        }
        assert!(page.starts_with(".TH COMPOSECTL 1 "), "{page}");
        assert!(!page.contains('`'), "{page}");
        assert!(page.is_ascii(), "{page}");
    }
}
