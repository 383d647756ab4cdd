//! Shows what differs from run to run, where nothing makes it the same:
//! `deterministic`; `deterministic numbers COUNT`, random numbers alone;
//! `deterministic files FOLDER`, what a folder tells; `deterministic stdin`, how
//! stdin comes.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use wasip2::cli::stdin::get_stdin;
use wasip2::clocks::{monotonic_clock, wall_clock};
use wasip2::filesystem::preopens;
use wasip2::filesystem::types::PathFlags;
use wasip2::io::poll::poll;
use wasip2::random::{insecure, insecure_seed, random};

const HOUR: Duration = Duration::from_hours(1);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["numbers", count] => {
            for _ in 0..count.parse().unwrap_or(0) {
                println!("{}", random::get_random_u64());
            }
        }
        ["files", folder] => files(Path::new(folder)),
        ["stdin"] => stdin(),
        _ => {
            time();
            waits();
            randomness();
        }
    }
}

/// What a folder tells of itself and of what is in it, in the order in which it
/// does.
fn files(folder: &Path) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let told = fs::symlink_metadata(&path).expect("metadata");
        let times = [told.modified(), told.accessed(), told.created()];
        let times = times.map(|time| time.ok()?.duration_since(UNIX_EPOCH).ok());
        println!("{}: {} {times:?}", path.display(), told.len());
        if told.is_dir() {
            files(&path);
        }
    }
    for (opened, name) in preopens::get_directories() {
        let hash = |path: &str| {
            let hash = opened.metadata_hash_at(PathFlags::empty(), path);
            hash.map(|hash| (hash.lower, hash.upper))
        };
        println!("{name}: {:?} {:?}", hash("."), hash("."));
        let told = opened.stat().expect("a folder");
        println!("{name}: {} {}", told.link_count, told.size);
    }
}

/// How much of stdin is there at each look.
fn stdin() {
    let stdin = get_stdin();
    let ready = stdin.subscribe();
    let mut looks = 0_u64;
    while !ready.ready() {
        looks += 1;
    }
    println!("ready after {looks} looks");
    let mut pieces = Vec::new();
    while let Ok(piece) = stdin.read(1 << 16) {
        pieces.push(piece.len());
    }
    println!("pieces: {pieces:?}");
}

fn time() {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    println!("date: {:?}", since.unwrap_or_default());
    let looks = [(); 4].map(|()| Instant::now());
    let steps: Vec<Duration> = looks.windows(2).map(|pair| pair[1] - pair[0]).collect();
    println!("steps: {steps:?}");
    println!("tick: {} ns", monotonic_clock::resolution());
    println!("tick of dates: {:?}", wall_clock::resolution());
}

fn waits() {
    let started = Instant::now();
    std::thread::sleep(HOUR);
    println!("slept: {:?}", started.elapsed());

    let started = Instant::now();
    let nanoseconds = |duration: Duration| duration.as_nanos() as u64;
    let long = monotonic_clock::subscribe_duration(nanoseconds(HOUR));
    let short = monotonic_clock::subscribe_duration(1);
    println!("ready: {:?}", poll(&[&long, &short]));
    println!("polled: {:?}", started.elapsed());

    let now = monotonic_clock::now();
    monotonic_clock::subscribe_instant(now + nanoseconds(HOUR)).block();
    println!("until: {} ns later", monotonic_clock::now() - now);
    monotonic_clock::subscribe_instant(now).block();
    println!("until the past: {} ns", monotonic_clock::now() - now);
    // More than there is time, by each way; nothing goes back.
    let mut marks = Vec::new();
    for forever in [u64::MAX, u64::MAX - 1, u64::MAX >> 1] {
        monotonic_clock::subscribe_instant(forever).block();
        marks.push(monotonic_clock::now());
        monotonic_clock::subscribe_duration(forever).block();
        marks.push(monotonic_clock::now());
    }
    println!("for ever: {marks:?} in order: {}", marks.is_sorted());
}

fn randomness() {
    let map: HashMap<u32, ()> = (0..64).map(|key| (key, ())).collect();
    println!("order: {:?}", map.keys().collect::<Vec<_>>());
    // Nothing, less than a number, and more than a block of the cipher.
    for length in [0, 5, 100] {
        println!("bytes: {:?}", random::get_random_bytes(length));
        let bytes = insecure::get_insecure_random_bytes(length);
        println!("insecure bytes: {bytes:?}");
    }
    println!("number: {}", random::get_random_u64());
    println!("insecure number: {}", insecure::get_insecure_random_u64());
    println!("seed: {:?}", insecure_seed::insecure_seed());
    // As much as takes memory to grow, and its sum alone.
    let bytes = random::get_random_bytes(1 << 20);
    let sum = bytes.iter().fold(0_u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(*byte))
    });
    println!("{} bytes: {sum}", bytes.len());
}
