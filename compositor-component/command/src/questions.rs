//! Questions on a terminal: whether an import that hosts give is bound to a component that
//! exports it.

use std::collections::BTreeSet;

use crate::answer::Failure;
use crate::bindings::sys::compose::plan::{Created, GivenChoice, GivenImports, ManifestEntry};
use crate::input::is_stdin;
use crate::invocation::{Format, Invocation, Verbosity};
use crate::{escape, stdio};

/// Bytes of a line that may be an answer; a longer one is none.
const MOST_BYTES: usize = 1000;

/// Read of stdin at once.
const AT_ONCE: u64 = 1024;

/// What a command does about imports that hosts give, when nobody said `--wasi`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Offers {
    /// It asks, where somebody sits before a terminal.
    Asked,
    /// It leaves them to the host.
    Left,
}

/// Makes a plan that binds of what hosts give what `--wasi` says, or else an answer.
pub fn decided(
    invocation: &Invocation,
    offers: Offers,
    mut make: impl FnMut(&GivenImports) -> Result<Created, Failure>,
) -> Result<Created, Failure> {
    if invocation.has("wasi") {
        return make(&GivenImports::All);
    }
    if offers == Offers::Left || !is_asked(invocation) {
        return make(&GivenImports::Chosen(Vec::new()));
    }
    let stdin = stdio::Stdin::open();
    let mut lines = Lines::of(|| stdin.read(AT_ONCE));
    ask(make, |choice| {
        stdio::err(&question(choice));
        let answer = lines.next()?.map_or(Answer::End, |line| read(&line));
        if answer == Answer::End {
            stdio::err("\n");
        }
        Ok(answer)
    })
}

/// Whether somebody is there to answer, and stdin is not read for something else.
fn is_asked(invocation: &Invocation) -> bool {
    let is_for_people =
        invocation.format == Format::Text && invocation.verbosity() != Verbosity::Quiet;
    let mut operands = invocation.arguments.iter();
    is_for_people && !operands.any(|path| is_stdin(path)) && stdio::is_interactive()
}

/// An answer to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// It is to be bound.
    Yes,
    /// It is left to the host.
    No,
    /// Nobody answers any more.
    End,
}

/// Makes a plan, and makes it again with each yes: what is bound then may import more that
/// is offered, and is offered no longer where it would need itself. Nothing is asked twice.
fn ask(
    mut make: impl FnMut(&GivenImports) -> Result<Created, Failure>,
    mut answer: impl FnMut(&GivenChoice) -> Result<Answer, Failure>,
) -> Result<Created, Failure> {
    let mut chosen = Vec::new();
    let mut asked = BTreeSet::new();
    'made: loop {
        let created = make(&GivenImports::Chosen(chosen.clone()))?;
        let choices: Vec<GivenChoice> = created.manifest.iter().flat_map(choices).collect();
        for choice in choices {
            let GivenChoice {
                consumer,
                import_name,
                provider,
            } = choice.clone();
            if !asked.insert((consumer, import_name, provider)) {
                continue;
            }
            match answer(&choice)? {
                Answer::Yes => {
                    chosen.push(choice);
                    continue 'made;
                }
                Answer::No => {}
                Answer::End => return Ok(created),
            }
        }
        return Ok(created);
    }
}

/// Who is offered for an import that is left to the host.
fn choices(entry: &ManifestEntry) -> impl Iterator<Item = GivenChoice> {
    entry.offered.iter().map(|provider| GivenChoice {
        consumer: entry.consumer.clone(),
        import_name: entry.import_name.clone(),
        provider: provider.clone(),
    })
}

fn question(choice: &GivenChoice) -> String {
    format!(
        "bind {} of \"{}\" to \"{}\"? [y/N] ",
        escape::line(&choice.import_name),
        escape::line(&choice.consumer),
        escape::line(&choice.provider)
    )
}

fn read(line: &[u8]) -> Answer {
    let word = line.trim_ascii();
    match word.eq_ignore_ascii_case(b"y") || word.eq_ignore_ascii_case(b"yes") {
        true => Answer::Yes,
        false => Answer::No,
    }
}

/// Lines of what is read in pieces, of which the last is empty.
struct Lines<R> {
    read: R,
    /// What was read behind the last line.
    rest: Vec<u8>,
}

impl<R: FnMut() -> Result<Vec<u8>, Failure>> Lines<R> {
    fn of(read: R) -> Self {
        let rest = Vec::new();
        Self { read, rest }
    }

    /// The next line without its end: empty when it is too long to be an answer, none when
    /// the input ends before the line does.
    fn next(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        let mut is_long = false;
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.rest.drain(..=end).collect();
                line.pop();
                if is_long || line.len() > MOST_BYTES {
                    line.clear();
                }
                return Ok(Some(line));
            }
            if self.rest.len() > MOST_BYTES {
                self.rest.clear();
                is_long = true;
            }
            let more = (self.read)()?;
            if more.is_empty() {
                return Ok(None);
            }
            self.rest.extend(more);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(consumer: &str, provider: &str) -> GivenChoice {
        GivenChoice {
            consumer: consumer.to_string(),
            import_name: "wasi:http/handler".to_string(),
            provider: provider.to_string(),
        }
    }

    /// `app` may be bound to `one` or `two`, and `two`, once it is there, to `three`.
    fn make(given: &GivenImports) -> Result<Created, Failure> {
        let GivenImports::Chosen(chosen) = given else {
            panic!("nobody said all");
        };
        let consumers: [(&str, &[&str]); 2] = [("app", &["one", "two"]), ("two", &["three"])];
        let is_there = |id: &str| id == "app" || chosen.iter().any(|of| of.provider == id);
        let there = consumers.into_iter().filter(|(id, _)| is_there(id));
        let manifest = there.map(|(id, candidates)| {
            let bound = chosen.iter().find(|of| of.consumer == id);
            let candidates = candidates.iter().map(|id| (*id).to_string()).collect();
            ManifestEntry {
                consumer: id.to_string(),
                import_name: "wasi:http/handler".to_string(),
                providers: bound.map(|of| of.provider.clone()).into_iter().collect(),
                offered: bound.map_or(candidates, |_| Vec::new()),
                misfits: Vec::new(),
            }
        });
        Ok(Created {
            plan: Vec::new(),
            manifest: manifest.collect(),
            skipped: Vec::new(),
        })
    }

    /// What is asked, and what is bound in the end, when these are the answers.
    fn asked(answers: &[Answer]) -> (Vec<String>, Vec<String>) {
        let mut answers = answers.iter();
        let mut asked = Vec::new();
        let created = ask(make, |choice| {
            asked.push(question(choice));
            Ok(*answers.next().expect("another answer"))
        });
        let manifest = created.expect("a plan").manifest.into_iter();
        assert_eq!(answers.next(), None);
        (asked, manifest.flat_map(|entry| entry.providers).collect())
    }

    #[test]
    fn each_candidate_is_asked_about_once() {
        use Answer::{End, No, Yes};
        let one = question(&choice("app", "one"));
        let two = question(&choice("app", "two"));
        let three = question(&choice("two", "three"));
        let bound = |ids: &[&str]| ids.iter().map(|id| (*id).to_string()).collect::<Vec<_>>();
        assert_eq!(one, "bind wasi:http/handler of \"app\" to \"one\"? [y/N] ");
        assert_eq!(asked(&[Yes]), (vec![one.clone()], bound(&["one"])));
        let first = vec![one.clone(), two.clone()];
        assert_eq!(asked(&[No, No]), (first.clone(), bound(&[])));
        let all = [&first[..], &[three]].concat();
        assert_eq!(asked(&[No, Yes, No]), (all.clone(), bound(&["two"])));
        assert_eq!(
            asked(&[No, Yes, Yes]),
            (all.clone(), bound(&["two", "three"]))
        );
        // What was answered before the end counts.
        assert_eq!(asked(&[End]), (vec![one], bound(&[])));
        assert_eq!(asked(&[No, Yes, End]), (all, bound(&["two"])));
    }

    #[test]
    fn names_steer_no_terminal() {
        let question = question(&choice("a\u{1b}[2J", "b\n"));
        assert!(question.chars().all(|c| !c.is_control()), "{question}");
    }

    #[test]
    fn yes_is_said() {
        for yes in ["y", "Y", "yes", " YES \r"] {
            assert_eq!(read(yes.as_bytes()), Answer::Yes, "{yes}");
        }
        for no in ["", "n", "no", "yy", "ye", "y n", "\u{1b}y", "\0y"] {
            assert_eq!(read(no.as_bytes()), Answer::No, "{no}");
        }
    }

    /// The lines of pieces, up to the end.
    fn lines(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut pieces = pieces.iter();
        let mut lines = Lines::of(|| Ok(pieces.next().map_or(Vec::new(), |of| of.to_vec())));
        let mut read = Vec::new();
        while let Some(line) = lines.next().expect("nothing fails") {
            assert!(lines.rest.len() <= MOST_BYTES + AT_ONCE as usize);
            read.push(line);
        }
        read
    }

    #[test]
    fn lines_of_pieces() {
        assert_eq!(lines(&[b"y\nn", b"o\n\n"]), [&b"y"[..], b"no", b""]);
        // Whoever ends the input has not said it.
        assert_eq!(lines(&[b"n\ny"]), [b"n"]);
        let most = [b'y'; MOST_BYTES];
        assert_eq!(lines(&[&most, b"\n"]), [&most[..]]);
        assert_eq!(lines(&[&most, b"y\n", b"y\n"]), [&b""[..], b"y"]);
        let flood = [b'y'; AT_ONCE as usize];
        let flood = [&[&flood[..]; 99][..], &[b"y\n", b"n\n"]].concat();
        assert_eq!(lines(&flood), [&b""[..], b"n"]);
    }
}
