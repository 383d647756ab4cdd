//! From arguments to exit status.

use wasip2::cli::{environment, exit};
use wasip2::exports::cli::run::Guest;

use crate::answer::{Answer, Failure};
use crate::args::{self, Parsed};
use crate::bindings::sys::compose::events;
use crate::commands::Command;
use crate::inputs::Inputs;
use crate::invocation::{Format, Invocation, Verbosity};
use crate::wrap::{HANGING, wrapped};
use crate::{digest, escape, json, program, recording, report, stdio, usage};

// Native builds are for the unit tests only, and native linkers do not take
// the names of a component's exports.
#[cfg(target_arch = "wasm32")]
wasip2::cli::command::export!(Cli);

/// The component's `wasi:cli/run`.
pub struct Cli;

impl Guest for Cli {
    fn run() -> Result<(), ()> {
        run()
    }
}

/// Runs the command line that the host gave.
fn run() -> Result<(), ()> {
    let arguments = environment::get_arguments();
    program::called(arguments.first());
    let arguments = arguments.get(1..).unwrap_or_default();
    let (mut format, mut verbosity) = args::peek(arguments);
    let result = match args::parse(arguments) {
        Ok(Parsed::Command(command, invocation)) => {
            (format, verbosity) = (invocation.format, invocation.verbosity());
            execute(command, &invocation)
        }
        Ok(Parsed::Help(text)) => Ok(Answer::text(text.as_str()).field("help", text)),
        Ok(Parsed::Version) => Ok(usage::version()),
        Err(failure) => Err(failure),
    };
    if verbosity == Verbosity::Verbose {
        print_events(format);
    }
    let status = match result {
        Ok(answer) => print_answer(&answer, format, verbosity),
        Err(failure) => print_failure(&failure, format, verbosity),
    };
    match status {
        0 => Ok(()),
        1 => Err(()),
        // `wasi:cli/run` knows only success and failure.
        status => {
            exit::exit_with_code(status);
            Err(())
        }
    }
}

fn execute(command: &Command, invocation: &Invocation) -> Result<Answer, Failure> {
    // A command that looks for what it reads begins when it has found that.
    if !command.finds_inputs(invocation) || invocation.value("events") == Some("-") {
        recording::begin(invocation, &Inputs::named(invocation))?;
    }
    recording::end(invocation, (command.run)(invocation))
}

fn print_answer(answer: &Answer, format: Format, verbosity: Verbosity) -> u8 {
    let printed = match format {
        Format::Text => {
            let printed = match answer.stdout_taken {
                false => stdio::out(answer.text.as_bytes()),
                true => {
                    stdio::err(&answer.text);
                    Ok(true)
                }
            };
            report::findings(&answer.findings, verbosity);
            printed
        }
        Format::Json if answer.stdout_taken => {
            report::findings(&answer.findings, verbosity);
            Ok(true)
        }
        Format::Json => stdio::out(json::answer(answer).as_bytes()),
    };
    match printed {
        Ok(_) => answer.status,
        Err(failure) => {
            report::findings(&failure.findings, verbosity);
            failure.status
        }
    }
}

fn print_failure(failure: &Failure, format: Format, verbosity: Verbosity) -> u8 {
    match format {
        // When stdout cannot be written either, the status is all that is left.
        Format::Text => {
            let _ = stdio::out(failure.done.text.as_bytes());
            report::findings(&failure.findings, verbosity);
            if let Some(hint) = &failure.usage {
                let lines = hint.lines().map(|line| wrapped(line, HANGING));
                let lines: Vec<String> = lines.collect();
                stdio::err(&format!("\n{}\n", lines.join("\n")));
            }
        }
        Format::Json => drop(stdio::out(json::failure(failure).as_bytes())),
    }
    failure.status
}

fn print_events(format: Format) {
    for event in events::drain() {
        let line = match format {
            Format::Json => json::event(&event),
            Format::Text => {
                let mut line = escape::line(&event.kind);
                for (name, value) in &event.fields {
                    let value = match digest::read(value) {
                        Some(digest) if value.starts_with("sha256:") => digest::short(&digest),
                        _ => escape::line(value),
                    };
                    line += &format!(" {}={value}", escape::line(name));
                }
                wrapped(&line, 4) + "\n"
            }
        };
        stdio::err(&line);
    }
}
