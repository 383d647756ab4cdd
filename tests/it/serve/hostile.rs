//! Clients that do what they should not, each made of a number.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread::sleep;
use std::time::Duration;

use super::frames::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, NO_WINDOW, PING, RST_STREAM, SETTINGS,
    WINDOW_UPDATE, frame, literal, preface, request,
};

/// How long a client tries to send what is not taken.
const SENDING: Duration = Duration::from_millis(50);

/// Numbers that look random, and are the same each time.
pub struct Numbers(pub u64);

impl Numbers {
    /// One below a bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        test_generate::next(&mut self.0) % bound
    }
}

/// Patterns that there are.
pub const PATTERNS: u64 = 28;

/// Does something to a server; returns the connection, if it is to be left open,
/// with what may be sent on it now and then.
pub fn attack(address: &str, pattern: u64, numbers: &mut Numbers) -> Option<(TcpStream, Vec<u8>)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_nodelay(true).ok()?;
    stream.set_write_timeout(Some(SENDING)).ok()?;
    stream.set_read_timeout(Some(SENDING)).ok()?;
    let (bytes, drip, is_kept) = bytes(pattern, numbers);
    let _ = stream.write_all(&bytes);
    match pattern {
        // It says that it will send nothing more, and reads what it gets.
        7 => {
            let _ = stream.shutdown(Shutdown::Write);
            let _ = stream.read_to_end(&mut Vec::new());
        }
        // It leaves in the middle of the answer, or before it.
        6 | 12 | 23 => {
            sleep(Duration::from_millis(numbers.below(30)));
            let mut some = [0; 64];
            if pattern == 23 {
                let _ = stream.read(&mut some);
            }
        }
        // Streams that are there for a moment.
        13 => {
            for number in 0..20 {
                let _ = stream.write_all(&request(1 + 2 * number, "GET", "/sleep", END_STREAM));
                sleep(Duration::from_millis(numbers.below(4)));
                let _ = stream.write_all(&frame(RST_STREAM, 0, 1 + 2 * number, &[0, 0, 0, 8]));
            }
        }
        _ => {}
    }
    is_kept.then_some((stream, drip))
}

/// What a pattern sends, what it sends later, and whether it stays.
fn bytes(pattern: u64, numbers: &mut Numbers) -> (Vec<u8>, Vec<u8>, bool) {
    let one = |head: &str| head.as_bytes().to_vec();
    let chunk = b"1\r\nx\r\n".to_vec();
    let post = "POST /echo HTTP/1.1\r\nhost: a\r\n";
    let streams = |path: &str, method: &str, flags: u8, count: u32| -> Vec<u8> {
        let each = (0..count).map(|number| request(1 + 2 * number, method, path, flags));
        each.flatten().collect()
    };
    let two = |settings: &[u8], rest: Vec<u8>| [preface(settings), rest].concat();
    match pattern {
        0 => (Vec::new(), Vec::new(), true),
        1 => (one("GET / HTTP/1.1\r\nhost: te"), one("s"), true),
        2 => (
            [
                one(post),
                one("transfer-encoding: chunked\r\n\r\n"),
                chunk.clone(),
            ]
            .concat(),
            chunk,
            true,
        ),
        3 => {
            let sent = numbers.below(70_000);
            let head = format!("{post}content-length: {}\r\n\r\n", sent + 1000);
            (
                [one(&head), vec![b'x'; sent as usize]].concat(),
                one("x"),
                true,
            )
        }
        4 => {
            let head = format!("{post}content-length: 100000000\r\n\r\n");
            ([one(&head), vec![b'x'; 8 << 20]].concat(), Vec::new(), true)
        }
        5 => {
            let count = numbers.below(200) as usize;
            let get = "GET /headers HTTP/1.1\r\nhost: a\r\n\r\n".repeat(count);
            (one(&get), Vec::new(), numbers.below(2) == 0)
        }
        6 => {
            let path = ["/sleep", "/late", "/headers"][numbers.below(3) as usize];
            let get = format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n");
            (
                one(&get.repeat(1 + numbers.below(3) as usize)),
                Vec::new(),
                false,
            )
        }
        7 => (
            one("GET /headers HTTP/1.1\r\nhost: a\r\n\r\n"),
            Vec::new(),
            false,
        ),
        8 => {
            let value = "x".repeat(300_000);
            (
                one(&format!("GET / HTTP/1.1\r\nhost: a\r\nx: {value}\r\n\r\n")),
                one("x"),
                true,
            )
        }
        9 => {
            let headers = "x-y: z\r\n".repeat(500);
            (
                one(&format!("GET / HTTP/1.1\r\nhost: a\r\n{headers}\r\n")),
                Vec::new(),
                true,
            )
        }
        10 => {
            let noise = (0..numbers.below(3000)).map(|_| numbers.below(256) as u8);
            (noise.collect(), one("\0"), true)
        }
        11 => {
            let path = ["/spin", "/alloc", "/trap", "/error", "/late-trap"];
            let path = path[numbers.below(5) as usize];
            (
                one(&format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n")),
                Vec::new(),
                true,
            )
        }
        12 => {
            let reset = |number: u32| {
                let stream = 1 + 2 * number;
                let get = request(stream, "GET", "/sleep", END_STREAM);
                [get, frame(RST_STREAM, 0, stream, &[0, 0, 0, 8])].concat()
            };
            let count = numbers.below(300) as u32;
            (
                two(&[], (0..count).flat_map(reset).collect()),
                Vec::new(),
                false,
            )
        }
        13 => (two(&[], Vec::new()), Vec::new(), false),
        14 => {
            let gets = streams("/headers", "GET", END_STREAM, 60);
            (two(&NO_WINDOW, gets), frame(PING, 0, 0, &[0; 8]), true)
        }
        15 => (
            two(&[], frame(PING, 0, 0, &[1; 8]).repeat(20_000)),
            frame(PING, 0, 0, &[0; 8]),
            true,
        ),
        16 => (
            two(&[], frame(SETTINGS, 0, 0, &[]).repeat(5000)),
            Vec::new(),
            true,
        ),
        17 => {
            let start = frame(HEADERS, END_STREAM, 1, &literal(":method", "GET"));
            let more = frame(
                CONTINUATION,
                0,
                1,
                &literal("x", &"y".repeat(100)).repeat(100),
            );
            let count = numbers.below(50) as usize;
            (two(&[], [start, more.repeat(count)].concat()), more, true)
        }
        18 => {
            let posts = streams("/echo", "POST", 0, 40);
            let byte: Vec<u8> = (0..40)
                .flat_map(|n| frame(DATA, 0, 1 + 2 * n, b"x"))
                .collect();
            (two(&[], [posts, byte.clone()].concat()), byte, true)
        }
        19 => (two(&[], Vec::new()), frame(PING, 0, 0, &[0; 8]), true),
        20 => (
            two(&[], streams("/late", "GET", END_STREAM, 200)),
            Vec::new(),
            true,
        ),
        21 => {
            let posts = streams("/echo", "POST", 0, 1);
            let empty = frame(DATA, 0, 1, &[]).repeat(20_000);
            (
                two(&[], [posts, empty].concat()),
                frame(DATA, 0, 1, &[]),
                true,
            )
        }
        22 => {
            let most = frame(WINDOW_UPDATE, 0, 0, &[0x7f, 255, 255, 255]);
            (two(&[], most.repeat(2)), Vec::new(), true)
        }
        23 => (
            one("GET /late HTTP/1.1\r\nhost: a\r\n\r\n"),
            Vec::new(),
            false,
        ),
        24 => {
            // A head that never ends, after one that was answered.
            let get = "GET /headers HTTP/1.1\r\nhost: a\r\n\r\nGET / HT";
            (one(get), one("x"), true)
        }
        25 => {
            let kind = numbers.below(12) as u8;
            let payload = vec![numbers.below(256) as u8; numbers.below(40) as usize];
            let noise = frame(
                kind,
                numbers.below(256) as u8,
                numbers.below(4) as u32,
                &payload,
            );
            (
                two(&[], noise.repeat(1 + numbers.below(100) as usize)),
                noise,
                true,
            )
        }
        26 => {
            // All of a window's bytes at once, and none more.
            let posts = streams("/echo", "POST", 0, 4);
            let full = |n: u32| frame(DATA, 0, 1 + 2 * n, &[0; 16 << 10]).repeat(4);
            let data: Vec<u8> = (0..4).flat_map(full).collect();
            (two(&NO_WINDOW, [posts, data].concat()), Vec::new(), true)
        }
        _ => {
            let head = request(1, "GET", "/headers", END_STREAM & !END_HEADERS);
            (
                two(&[], [head, b"half a fra".to_vec()].concat()),
                Vec::new(),
                true,
            )
        }
    }
}
