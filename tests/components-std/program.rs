//! An ordinary program: `program WHAT [ARGUMENTS…]`.

use std::fs;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::{Duration, Instant};

fn main() -> io::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().collect();
    let words: Vec<&str> = arguments.iter().skip(1).map(String::as_str).collect();
    match words[..] {
        // Everything that it is told.
        ["told", ..] => {
            println!("{arguments:?}");
            let mut variables: Vec<_> = std::env::vars().collect();
            variables.sort();
            println!("{variables:?}");
        }
        ["cat"] => drop(io::copy(&mut io::stdin().lock(), &mut io::stdout().lock())?),
        ["both"] => {
            println!("to stdout");
            eprintln!("to stderr");
        }
        ["list", folder] => {
            let entries = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.file_name()));
            let mut names: Vec<_> = entries.collect::<io::Result<_>>()?;
            names.sort();
            println!("{names:?}");
        }
        ["read", file] => io::stdout().write_all(&fs::read(file)?)?,
        ["write", file, text] => fs::write(file, text)?,
        ["remove", file] => fs::remove_file(file)?,
        // Says something and prints the answer.
        ["connect", address] => {
            let mut stream = std::net::TcpStream::connect(address)?;
            stream.write_all(b"hello\n")?;
            println!("{}", io::read_to_string(stream)?);
        }
        // Works and waits for so many milliseconds.
        ["work", ms] => {
            let started = Instant::now();
            let whole = Duration::from_millis(ms.parse().unwrap_or_default());
            while started.elapsed() < whole {
                println!("working");
                std::thread::sleep(Duration::from_millis(10));
            }
            println!("done");
        }
        ["exit", status] => std::process::exit(status.parse().unwrap_or_default()),
        // As `wasi:cli/exit` has it, past what std makes of it.
        ["wasi-exit", "ok"] => wasip2::cli::exit::exit(Ok(())),
        ["wasi-exit", "error"] => wasip2::cli::exit::exit(Err(())),
        ["fail"] => return Ok(ExitCode::FAILURE),
        ["panic"] => panic!("as asked"),
        _ => return Ok(ExitCode::from(2)),
    }
    Ok(ExitCode::SUCCESS)
}
