//! Answers as `wasi:http/handler` 0.3 does: a greeting, the request's body as
//! it comes, the same through a copy of its own, parts that take their time.

use std::hint::black_box;

use wit_bindgen::{StreamReader, spawn_local};

mod wit;
use bindings::wasi::clocks::monotonic_clock::wait_for;
use bindings::wasi::http::types::{ErrorCode, Fields, Request, Response};
use bindings::{wit_future, wit_stream};
use wit::bindings;

/// How many parts a late answer has, and the nanoseconds before each.
const PARTS: u32 = 10;
const PAUSE: u64 = 100_000_000;

struct Three;

impl bindings::exports::wasi::http::handler::Guest for Three {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let path = request.get_path_with_query().unwrap_or_default();
        match path.as_str() {
            "/echo" => Ok(answer(body(request))),
            "/copy" => Ok(answer(copy(body(request)))),
            "/late" => Ok(answer(late(PARTS, || {}))),
            "/late-trap" => Ok(answer(late(1, || std::process::abort()))),
            "/late-spin" => Ok(answer(late(1, spin))),
            "/trap" => std::process::abort(),
            "/error" => Err(ErrorCode::InternalError(None)),
            _ => Ok(answer(hello())),
        }
    }
}

fn answer(contents: StreamReader<u8>) -> Response {
    let (_, trailers) = wit_future::new(|| Ok(None));
    // Whether it was sent is of no interest.
    let (response, _) = Response::new(Fields::new(), Some(contents), trailers);
    response
}

fn body(request: Request) -> StreamReader<u8> {
    let (_, read) = wit_future::new(|| Ok(()));
    let (body, _) = Request::consume_body(request, read);
    body
}

fn hello() -> StreamReader<u8> {
    let (mut sender, receiver) = wit_stream::new();
    spawn_local(async move {
        sender.write_all(b"Hello, world!\n".to_vec()).await;
    });
    receiver
}

fn copy(mut body: StreamReader<u8>) -> StreamReader<u8> {
    let (mut sender, receiver) = wit_stream::new();
    spawn_local(async move {
        loop {
            let (status, bytes) = body.read(Vec::with_capacity(1 << 16)).await;
            if !sender.write_all(bytes).await.is_empty() || ended(status) {
                return;
            }
        }
    });
    receiver
}

fn ended(status: wit_bindgen::StreamResult) -> bool {
    !matches!(status, wit_bindgen::StreamResult::Complete(_))
}

/// Parts, and what is done after the last.
fn late(parts: u32, after: fn()) -> StreamReader<u8> {
    let (mut sender, receiver) = wit_stream::new();
    spawn_local(async move {
        for part in 0..parts {
            wait_for(PAUSE).await;
            sender
                .write_all(format!("part {part}\n").into_bytes())
                .await;
        }
        after();
    });
    receiver
}

fn spin() {
    loop {
        black_box(());
    }
}

bindings::export!(Three with_types_in bindings);
