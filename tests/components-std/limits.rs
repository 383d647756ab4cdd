//! Does what limits are there to end: `limits WHAT [TIMES]`, without end when
//! no times are given. It says on stderr how far it came.

#[path = "../components/dynlink/abuse.rs"]
mod abuse;

use std::fs::File;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_default();
    let times = arguments.next().and_then(|times| times.parse().ok());
    let times = times.unwrap_or(u64::MAX);
    eprintln!("{what}");
    match &*what {
        "spin" => abuse::spin(),
        "sleep" => abuse::sleep(times),
        "alloc" => {
            for number in 1..=times {
                abuse::alloc();
                eprintln!("{}", number * abuse::ALLOC_BYTES as u64);
            }
        }
        "io" => (0..times).for_each(|_| abuse::io()),
        "handles" => (0..times).for_each(|_| abuse::handle()),
        "files" => {
            for _ in 0..times {
                std::mem::forget(File::open("data/file"));
            }
        }
        "output" => (0..times).for_each(|_| abuse::output()),
        "errors" => (0..times).for_each(|_| eprintln!("{what}")),
        "deep" => println!("{}", deep(times)),
        "trap" => std::process::abort(),
        _ => return ExitCode::from(2),
    }
    eprintln!("done");
    ExitCode::SUCCESS
}

/// Calls itself.
fn deep(times: u64) -> u64 {
    match std::hint::black_box(times) {
        0 => 0,
        times => deep(times - 1) + 1,
    }
}
