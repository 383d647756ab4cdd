//! `completions`: what shells offer while a command line is typed, made from the table
//! of commands.

use std::fmt::Write as _;

use crate::commands::{COMMANDS, Command};
use crate::options::{GLOBAL, Opt};
use crate::usage::PRINTED;

/// Makes a shell's script for a program of a name.
type Script = fn(&str) -> String;

/// The shells.
const SHELLS: [(&str, Script); 3] = [("bash", bash), ("zsh", zsh), ("fish", fish)];

/// The script of a shell for a program of that name; none for another shell.
pub fn script(shell: &str, program: &str) -> Option<String> {
    let (_, script) = SHELLS.iter().find(|(name, _)| *name == shell)?;
    Some(script(program))
}

/// What may come after some words of a command.
struct Next {
    /// The words, with a space between them.
    after: String,
    /// Words, each with what it does.
    words: Vec<(&'static str, String)>,
    options: Vec<&'static Opt>,
    /// Whether a file may come.
    takes_files: bool,
}

/// All of them, the start first.
fn all() -> Vec<Next> {
    let mut groups: Vec<&str> = Vec::new();
    for command in COMMANDS {
        if let Some(group) = command.words.first()
            && !groups.contains(group)
        {
            groups.push(group);
        }
    }
    let of = |group: &str| {
        let group = group.to_string();
        COMMANDS
            .iter()
            .filter(move |command| command.words.first() == Some(&group.as_str()))
    };
    let about = |group: &&'static str| {
        let words: Vec<&str> = of(group)
            .filter_map(|of| of.words.get(1).copied())
            .collect();
        let alone = of(group).find(|command| command.words.len() == 1);
        let about = alone.map_or_else(|| words.join(", "), |command| command.about.to_string());
        (*group, about)
    };
    let printed = || {
        let printed = PRINTED.iter();
        printed.map(|(word, _, about)| (*word, (*about).to_string()))
    };
    let mut all = vec![Next {
        after: String::new(),
        words: groups.iter().map(about).chain(printed()).collect(),
        options: options(&COMMANDS[0]),
        takes_files: true,
    }];
    for group in groups {
        if of(group).all(|command| command.words.len() > 1) {
            all.push(Next {
                after: group.to_string(),
                words: of(group)
                    .map(|command| (command.words[1], command.about.to_string()))
                    .collect(),
                options: GLOBAL.to_vec(),
                takes_files: false,
            });
        }
    }
    let commands = COMMANDS.iter().filter(|command| !command.words.is_empty());
    all.extend(commands.map(|command| {
        Next {
            after: command.words.join(" "),
            words: Vec::new(),
            options: options(command),
            takes_files: ["PLAN", "FILE", ".wasm"]
                .iter()
                .any(|file| command.takes.contains(file)),
        }
    }));
    let shells = SHELLS.iter().map(|(shell, _)| (*shell, String::new()));
    for (after, words) in [("completions", shells.collect()), ("man", Vec::new())] {
        all.push(Next {
            after: after.to_string(),
            words,
            options: Vec::new(),
            takes_files: false,
        });
    }
    all
}

fn options(command: &Command) -> Vec<&'static Opt> {
    command.options.iter().chain(GLOBAL).copied().collect()
}

/// Options that a value follows, as patterns of a shell's `case`.
fn valued() -> String {
    let mut names: Vec<String> = COMMANDS
        .iter()
        .flat_map(options)
        .filter(|option| option.value.is_some() && option.implied.is_none())
        .flat_map(spellings)
        .collect();
    names.sort();
    names.dedup();
    names.join("|")
}

fn spellings(option: &Opt) -> Vec<String> {
    let short = option.short.map(|short| format!("-{short}"));
    let long = format!("--{}", option.long);
    short.into_iter().chain([long]).collect()
}

/// The words before the one that is typed are looked through for those that name a
/// command: what comes after an option that takes a value does not.
fn scan(words: &str, last: &str, first: usize) -> String {
    let groups = all();
    let groups = groups
        .iter()
        .filter(|next| next.after.is_empty() || !next.takes_files);
    let groups = groups.filter(|next| !next.after.contains(' '));
    let groups: Vec<String> = groups.map(|next| format!("'{}'", next.after)).collect();
    format!(
        "    local command='' word i\n    \
             for ((i = {first}; i < {last}; i++)); do\n        \
                 word=${{{words}[i]}}\n        \
                 case $word in\n            \
                     --) return ;;\n            \
                     {valued}) ((i++)) ;;\n            \
                     -*|help) ;;\n            \
                     *) case $command in {groups}) command=${{command:+$command }}$word ;; esac ;;\n        \
                 esac\n    \
             done\n",
        valued = valued(),
        groups = groups.join("|"),
    )
}

fn bash(name: &str) -> String {
    let mut script = format!("# Completions of {name}, for bash.\n_{name}() {{\n");
    script += "    local cur=${COMP_WORDS[COMP_CWORD]} words='' options='' files=''\n";
    script += &scan("COMP_WORDS", "COMP_CWORD", 1);
    script += "    case $command in\n";
    for next in all() {
        let words: Vec<&str> = next.words.iter().map(|(word, _)| *word).collect();
        let options: Vec<String> = next.options.iter().copied().flat_map(spellings).collect();
        let _ = writeln!(
            script,
            "        '{}') words='{}' options='{}' files={} ;;",
            next.after,
            words.join(" "),
            options.join(" "),
            if next.takes_files { "1" } else { "" },
        );
    }
    script += "        *) files=1 ;;\n    esac\n";
    let _ = write!(
        script,
        "    case ${{COMP_WORDS[COMP_CWORD-1]}} in {}) files=1 words='' ;; esac\n    \
             case $cur in\n        \
                 -*) COMPREPLY=($(compgen -W \"$options\" -- \"$cur\")) ;;\n        \
                 *) COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n           \
                     if [[ $files ]]; then\n               \
                         compopt -o filenames 2>/dev/null\n               \
                         COMPREPLY+=($(compgen -f -- \"$cur\"))\n           \
                     fi ;;\n    \
             esac\n}}\ncomplete -F _{name} {name}\n",
        valued()
    );
    script
}

/// A text in single quotes, without what ends them.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "’"))
}

fn zsh(name: &str) -> String {
    let mut script = format!("#compdef {name}\n# Completions of {name}, for zsh.\n_{name}() {{\n");
    script += "    local files=''\n    local -a described options\n";
    script += &scan("words", "CURRENT", 2);
    script += "    case $command in\n";
    for next in all() {
        let described = next.words.iter();
        let described = described.map(|(word, about)| quoted_pair(word, about));
        let described: Vec<String> = described.collect();
        let options = next.options.iter().map(|option| {
            let long = format!("--{}", option.long);
            quoted_pair(&long, option.about)
        });
        let options: Vec<String> = options.collect();
        let _ = writeln!(
            script,
            "        '{}') described=({}) options=({}) files={} ;;",
            next.after,
            described.join(" "),
            options.join(" "),
            if next.takes_files { "1" } else { "''" },
        );
    }
    script += "        *) files=1 ;;\n    esac\n";
    let _ = write!(
        script,
        "    case ${{words[CURRENT-1]}} in {}) _files; return ;; esac\n    \
             if [[ ${{words[CURRENT]}} == -* ]]; then\n        \
                 _describe -o option options\n        \
                 return\n    \
             fi\n    \
             (( ${{#described}} )) && _describe command described\n    \
             [[ -n $files ]] && _files\n    \
             return 0\n}}\n\
         if [[ ${{funcstack[1]}} == _{name} ]]; then\n    \
             _{name} \"$@\"\nelse\n    compdef _{name} {name}\nfi\n",
        valued()
    );
    script
}

/// A word and what it does, if anything is said of that, as `_describe` takes them: split
/// at the first colon.
fn quoted_pair(word: &str, about: &str) -> String {
    match about {
        "" => quoted(word),
        about => quoted(&format!("{word}:{about}")),
    }
}

/// That the last word is `help`, to fish.
const HELP: &str = "test (count (commandline -opc)) -eq 2; and __fish_seen_subcommand_from help";

fn fish(name: &str) -> String {
    let mut script = format!("# Completions of {name}, for fish.\ncomplete -c {name} -f\n");
    let all = all();
    let starts = all[0].words.iter().map(|(word, _)| *word);
    let starts = starts.collect::<Vec<_>>().join(" ");
    for next in &all {
        let mut words = next.after.split(' ');
        let (group, command) = (words.next().unwrap_or_default(), words.next());
        let children: Vec<&str> = next.words.iter().map(|(word, _)| *word).collect();
        let condition = match (group, command) {
            ("", _) => format!("not __fish_seen_subcommand_from {starts}"),
            (group, None) if children.is_empty() || next.takes_files => {
                format!("__fish_seen_subcommand_from {group}")
            }
            (group, None) => format!(
                "__fish_seen_subcommand_from {group}; and not __fish_seen_subcommand_from {}",
                children.join(" ")
            ),
            (group, Some(command)) => format!(
                "__fish_seen_subcommand_from {group}; and __fish_seen_subcommand_from {command}"
            ),
        };
        for (word, about) in &next.words {
            let about = quoted(about);
            let _ = writeln!(
                script,
                "complete -c {name} -n '{condition}' -a {word} -d {about}"
            );
            if next.after.is_empty() {
                // Behind `help` stands what it is about.
                let _ = writeln!(
                    script,
                    "complete -c {name} -n '{HELP}' -a {word} -d {about}"
                );
            }
        }
        if next.takes_files {
            let _ = writeln!(script, "complete -c {name} -n '{condition}' -F");
        }
        for option in &next.options {
            let short = option
                .short
                .map_or(String::new(), |short| format!(" -s {short}"));
            let is_followed = option.value.is_some() && option.implied.is_none();
            let value = if is_followed { " -r -F" } else { "" };
            let about = quoted(option.about);
            let _ = writeln!(
                script,
                "complete -c {name} -n '{condition}'{short} -l {}{value} -d {about}",
                option.long
            );
        }
    }
    script
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_and_option_is_in_each() {
        for (shell, _) in SHELLS {
            let script = script(shell, "composectl").expect("it is a shell");
            for command in COMMANDS {
                for word in command.words {
                    assert!(script.contains(word), "{shell} {word}");
                }
                for option in options(command) {
                    assert!(script.contains(option.long), "{shell} {}", option.long);
                }
            }
        }
    }
}
