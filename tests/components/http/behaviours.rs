//! Does what the path says, well or badly: a server has to live with both.

use std::hint::black_box;

use wasip2::cli::{stderr, stdout};
use wasip2::clocks::monotonic_clock::subscribe_duration;
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{
    ErrorCode, Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
};
use wasip2::io::streams::OutputStream;

/// How many parts a late answer has, and the nanoseconds before each.
const PARTS: u32 = 10;
const PAUSE: u64 = 100_000_000;

struct Behaviours;

impl Guest for Behaviours {
    fn handle(request: IncomingRequest, outparam: ResponseOutparam) {
        match request.path_with_query().unwrap_or_default().as_str() {
            "/echo" => echo(&request, outparam),
            "/headers" => headers(&request, outparam),
            "/late" => {
                send(outparam, |stream| late(stream, PARTS));
            }
            "/trap" => std::process::abort(),
            "/late-trap" => {
                send(outparam, |stream| {
                    late(stream, 1);
                    std::process::abort();
                });
            }
            "/spin" => spin(),
            "/late-spin" => {
                send(outparam, |stream| {
                    late(stream, 1);
                    spin();
                });
            }
            "/alloc" => alloc(),
            "/sleep" => loop {
                subscribe_duration(PAUSE).block();
            },
            "/silent" => {}
            "/say" => {
                say();
                send(outparam, |_| {});
            }
            "/error" => {
                let error = ErrorCode::InternalError(Some("as was asked".to_string()));
                ResponseOutparam::set(outparam, Err(error));
            }
            _ => send(outparam, |_| {}),
        }
    }
}

/// Answers with what is written to a stream.
fn send(outparam: ResponseOutparam, write: impl FnOnce(&OutputStream)) {
    let response = OutgoingResponse::new(Fields::new());
    let body = response.body().expect("its only body");
    ResponseOutparam::set(outparam, Ok(response));
    let stream = body.write().expect("its only stream");
    write(&stream);
    drop(stream);
    // A client that is gone needs nothing more.
    let _ = OutgoingBody::finish(body, None);
}

/// Sends the request's body back as it comes.
fn echo(request: &IncomingRequest, outparam: ResponseOutparam) {
    let body = request.consume().expect("its only body");
    let input = body.stream().expect("its only stream");
    send(outparam, |output| {
        while output.blocking_splice(&input, 1 << 16).is_ok() {}
    });
}

/// Answers with the request's headers, one a line.
fn headers(request: &IncomingRequest, outparam: ResponseOutparam) {
    let mut text = Vec::new();
    for (name, value) in request.headers().entries() {
        text.extend([name.as_bytes(), b": ", &value, b"\n"].concat());
    }
    send(outparam, |stream| {
        let _ = stream.blocking_write_and_flush(&text);
    });
}

/// Says something in pieces, of which the last one is no whole line.
fn say() {
    for piece in ["one ", "line\ntwo", " lines\nand a half"] {
        let _ = stdout::get_stdout().blocking_write_and_flush(piece.as_bytes());
        let _ = stderr::get_stderr().blocking_write_and_flush(b"\x1b[2Jx\n");
        subscribe_duration(PAUSE / 10).block();
    }
}

fn late(stream: &OutputStream, parts: u32) {
    for part in 0..parts {
        subscribe_duration(PAUSE).block();
        let _ = stream.blocking_write_and_flush(format!("part {part}\n").as_bytes());
    }
}

fn spin() -> ! {
    loop {
        black_box(());
    }
}

fn alloc() -> ! {
    let mut kept: Vec<Vec<u8>> = Vec::new();
    loop {
        kept.push(black_box(vec![1; 1 << 20]));
    }
}

wasip2::http::proxy::export!(Behaviours);
