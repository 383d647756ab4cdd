//! What one client can take of a server, and what is left for others.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::fixture::{Server, serve};
use super::frames::{END_STREAM, NO_WINDOW, RST_STREAM, Two, frame, preface, request};

/// How long others wait at the most, on a busy machine. On an idle one it is
/// less than 100 ms.
const WAIT: Duration = Duration::from_secs(2);

fn client(server: &Server, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(&server.address).expect("a connection");
    stream.set_nodelay(true).expect("no delay");
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .expect("a limit");
    stream.write_all(bytes).expect("it takes that");
    stream
}

/// Asks as others do, in HTTP/1 and 2, with and without a body.
fn others_are_served(server: &Server) {
    for _ in 0..5 {
        let started = Instant::now();
        assert_eq!(server.get("/headers").0, 200);
        let mut two = Two::new(client(server, &[])).expect("it takes that");
        let echoed = two
            .ask("POST", "/echo", b"what is sent")
            .expect("an answer");
        assert_eq!(echoed, (200, b"what is sent".to_vec()));
        let taken = started.elapsed();
        println!("two requests of others took {taken:.1?}");
        assert!(taken < WAIT, "{taken:?}");
    }
}

/// Waits until guests that were made are gone; returns how many there were.
fn no_guest_is_left(server: &Server) -> usize {
    let started = Instant::now();
    loop {
        let events = server.events();
        let count = |kind: &str| events.iter().filter(|event| event["kind"] == kind).count();
        let (created, dropped) = (count("instance.created"), count("instance.dropped"));
        if created == dropped {
            return created;
        }
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "{created}, and {dropped} are gone"
        );
        sleep(Duration::from_millis(50));
    }
}

#[test]
fn bodies_that_trickle() {
    let server = serve("http-behaviours", &[]);
    let head = "POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n";
    let mut slow: Vec<_> = (0..256).map(|_| client(&server, head.as_bytes())).collect();
    others_are_served(&server);
    for stream in &mut slow {
        let _ = stream.write_all(b"1\r\nx\r\n");
    }
    others_are_served(&server);
}

#[test]
fn bodies_that_start_fast_and_stop() {
    let server = serve("http-behaviours", &[]);
    let head = "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\n";
    let start = [head.as_bytes(), &[b'x'; 100_000]].concat();
    let _slow: Vec<_> = (0..256).map(|_| client(&server, &start)).collect();
    others_are_served(&server);
}

#[test]
fn answers_that_nobody_takes() {
    let server = serve("http-behaviours", &[]);
    let streams = |path, flags| -> Vec<u8> {
        let all = (0..60).flat_map(|number| request(1 + 2 * number, "GET", path, flags));
        [preface(&NO_WINDOW), all.collect()].concat()
    };
    let _deaf: Vec<_> = ["/headers", "/late"]
        .iter()
        .cycle()
        .take(20)
        .map(|path| client(&server, &streams(path, END_STREAM)))
        .collect();
    others_are_served(&server);
}

#[test]
fn streams_that_are_reset() {
    let server = serve("http-behaviours", &[]);
    let mut two = client(&server, &preface(&[]));
    for number in 0..300 {
        let stream = 1 + 2 * number;
        let sent = two.write_all(&request(stream, "GET", "/sleep", END_STREAM));
        sleep(Duration::from_millis(2));
        let reset = frame(RST_STREAM, 0, stream, &[0, 0, 0, 8]);
        // Whoever does so all the time is disconnected.
        if sent.and_then(|()| two.write_all(&reset)).is_err() {
            assert!(number > 100, "after {number}");
            break;
        }
    }
    others_are_served(&server);
    let guests = no_guest_is_left(&server);
    assert!(guests > 10, "{guests}");
}

/// Before and after the head of the answer, and with more bytes behind the
/// request, which nobody reads.
#[test]
fn a_guest_ends_when_its_client_goes() {
    let server = serve("http-behaviours", &[]);
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n");
    for request in [get("/sleep"), get("/late"), get("/sleep").repeat(3)] {
        for wait in [50, 250] {
            let stream = client(&server, request.as_bytes());
            sleep(Duration::from_millis(wait));
            drop(stream);
            no_guest_is_left(&server);
        }
    }
    let requests = server.stop("http.request");
    assert!(requests.len() >= 6);
}

/// Connections of one peer that want more than it may have give way to each other, the
/// one with the most first, which is told so.
#[test]
fn a_full_queue_says_so() {
    allow_more_files();
    let server = serve("http-behaviours", &[]);
    let all: Vec<u8> = (0..64)
        .flat_map(|number| request(1 + 2 * number, "GET", "/sleep", END_STREAM))
        .collect();
    // With those below more than wait of one peer, and than have a guest: who has many waits
    // behind who has one.
    let mut many: Vec<_> = (0..18)
        .map(|_| client(&server, &[preface(&[]), all.clone()].concat()))
        .collect();
    let one = b"GET /sleep HTTP/1.1\r\nhost: a\r\n\r\n";
    let single: Vec<_> = (0..700).map(|_| client(&server, one)).collect();
    let mut answers = Vec::new();
    for stream in &mut many {
        stream
            .set_read_timeout(Some(Duration::from_millis(200)))
            .expect("a limit");
        // It goes on until nothing comes.
        let _ = stream.read_to_end(&mut answers);
    }
    let said = b"Exec.ResourceExhausted\n";
    assert!(answers.windows(said.len()).any(|bytes| bytes == said));
    let events = server.events();
    let refused = events.iter().filter(|event| event["status"] == 503);
    let codes: Vec<_> = refused.map(|event| event["code"].clone()).collect();
    assert!(!codes.is_empty());
    assert!(
        codes.iter().all(|code| code == "Exec.ResourceExhausted"),
        "{codes:?}"
    );
    drop((many, single));
    no_guest_is_left(&server);
    assert_eq!(server.get("/headers").0, 200);
    let requests = server.stop("http.request");
    let refused = requests
        .iter()
        .find(|request| request["status"] == 503)
        .expect("it is told");
    assert_eq!(refused["code"], "Exec.ResourceExhausted");
}

/// Lets this process have as many files open as it may.
fn allow_more_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let most = Rlimit {
        current: limit.maximum,
        ..limit
    };
    setrlimit(Resource::Nofile, most).expect("it may");
}

/// More connections than there may be: those that do nothing make room.
#[test]
fn connections_that_do_nothing() {
    let server = serve("http-behaviours", &[]);
    // Half of what a program may have open without asking for more.
    let silent: Vec<_> = (0..450).map(|_| client(&server, b"")).collect();
    let late: Vec<_> = (0..100).map(|_| client(&server, &preface(&[]))).collect();
    others_are_served(&server);
    let started = Instant::now();
    for mut stream in silent.into_iter().chain(late) {
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all);
    }
    let taken = started.elapsed();
    assert!(taken < Duration::from_secs(40), "{taken:?}");
}
