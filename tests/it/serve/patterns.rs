//! Good clients among hostile ones, made of numbers: whatever those do, the good
//! ones are answered, and in the end there is nothing left.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use compositor_tests::Client;

use super::fixture::serve;
use super::frames::Two;
use super::hostile::{Numbers, PATTERNS, attack};

/// Patterns in a run of all tests; `COMPOSITOR_SOAK` is another number of them.
const REQUESTS: u64 = 400;

/// Hostile clients at once, and connections that they leave open.
const HOSTILE: usize = 16;
const LEFT_OPEN: usize = 350;

/// How long a good client waits for an answer at the most, on a busy machine.
const WAIT: Duration = Duration::from_secs(2);

/// What a server has at the most meanwhile.
const MEMORY: u64 = 700 << 20;

/// How long it may take until nothing is left.
const QUIET: Duration = Duration::from_secs(30);

#[test]
fn good_clients_are_served_among_hostile_ones() {
    let requests = std::env::var("COMPOSITOR_SOAK").ok();
    let requests = requests.map_or(REQUESTS, |requests| requests.parse().expect("a number"));
    let server = serve(
        "http-behaviours",
        &["--limit", "cpu-ms=100", "--limit", "memory-bytes=64MiB"],
    );
    assert_eq!(server.get("/headers").0, 200);
    let (files, started) = (server.files(), Instant::now());
    let (next, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
    let open = Mutex::new(VecDeque::new());
    let mut waits = thread::scope(|scope| {
        let good: Vec<_> = (0..3)
            .map(|number| {
                scope.spawn({
                    let (address, is_over) = (&server.address, &is_over);
                    move || good_client(address, number, is_over)
                })
            })
            .collect();
        let hostile: Vec<_> = (0..HOSTILE)
            .map(|_| scope.spawn(|| hostile_client(&server.address, &next, requests, &open)))
            .collect();
        for client in hostile {
            client.join().expect("no panic");
        }
        is_over.store(true, Ordering::Relaxed);
        let waits = good
            .into_iter()
            .flat_map(|client| client.join().expect("no panic"));
        waits.collect::<Vec<Duration>>()
    });
    waits.sort();
    let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize];
    println!(
        "{requests} patterns in {:.1?}, {} good requests: half in {:.1?}, 99 % in {:.1?}, all in {:.1?}",
        started.elapsed(),
        waits.len(),
        at(0.5),
        at(0.99),
        at(1.0),
    );
    let memory = server.memory("VmHWM");
    println!("{} MiB at the most", memory >> 20);
    assert!(memory < MEMORY, "it had {memory} bytes");
    drop(open);
    let started = Instant::now();
    while server.files() > files {
        assert!(
            started.elapsed() < QUIET,
            "{} files, and {files} before",
            server.files()
        );
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(server.get("/headers").0, 200);
    let events = server.stop("");
    let count = |kind: &str| events.iter().filter(|event| event["kind"] == kind).count();
    assert_eq!(count("instance.created"), count("instance.dropped"));
}

/// Attacks until there were enough; connections stay open until there are too
/// many, and now and then one of them sends something.
fn hostile_client(
    address: &str,
    next: &AtomicU64,
    requests: u64,
    open: &Mutex<VecDeque<(TcpStream, Vec<u8>)>>,
) {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= requests {
            return;
        }
        let mut numbers = Numbers(number);
        let pattern = numbers.below(PATTERNS);
        let left = attack(address, pattern, &mut numbers);
        let mut open = open.lock().expect("no panic");
        open.extend(left);
        while open.len() > LEFT_OPEN {
            open.pop_front();
        }
        for _ in 0..open.len().min(4) {
            let at = numbers.below(open.len() as u64) as usize;
            let (stream, drip) = &mut open[at];
            let _ = stream.set_nonblocking(true);
            let _ = stream.write(drip);
        }
    }
}

/// Asks in one way after the other; returns how long each answer took.
fn good_client(address: &str, number: u64, is_over: &AtomicBool) -> Vec<Duration> {
    let (mut waits, mut numbers) = (Vec::new(), Numbers(number << 32));
    while !is_over.load(Ordering::Relaxed) {
        let body: Vec<u8> = (0..numbers.below(2000))
            .map(|_| numbers.below(256) as u8)
            .collect();
        let way = numbers.below(4);
        let started = Instant::now();
        let answered = ask(address, way, &body);
        let taken = started.elapsed();
        assert!(answered.is_ok(), "way {way}, after {taken:?}: {answered:?}");
        assert!(taken < WAIT, "way {way} took {taken:?}");
        waits.push(taken);
        thread::sleep(Duration::from_millis(5));
    }
    waits
}

fn ask(address: &str, way: u64, body: &[u8]) -> io::Result<()> {
    let one = |parts: &[&[u8]]| -> io::Result<(u16, Vec<u8>)> {
        let mut client = Client::connect(address)?;
        for part in parts {
            client.write(part)?;
        }
        let head = client.head()?;
        let mut answer = Vec::new();
        client.body(&head, |bytes| answer.extend_from_slice(bytes))?;
        Ok((head.status, answer))
    };
    let two = || {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        Two::new(stream)
    };
    let (status, right) = match way {
        0 => {
            let head = "GET /headers HTTP/1.1\r\nhost: test\r\nx-asked: once\r\n\r\n";
            let (status, answer) = one(&[head.as_bytes()])?;
            (status, answer == b"x-asked: once\n")
        }
        1 => {
            let length = body.len();
            let head =
                format!("POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: {length}\r\n\r\n");
            let (status, answer) = one(&[head.as_bytes(), body])?;
            (status, answer == body)
        }
        2 => {
            let mut client = two()?;
            client.ask("GET", "/headers", &[])?;
            let (status, answer) = client.ask("GET", "/headers", &[])?;
            (status, answer.is_empty())
        }
        _ => {
            let (status, answer) = two()?.ask("POST", "/echo", body)?;
            (status, answer == body)
        }
    };
    match (status, right) {
        (200, true) => Ok(()),
        _ => Err(io::Error::other(format!("status {status}, right: {right}"))),
    }
}
