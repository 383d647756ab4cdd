//! A provider that does what limits are there to end; the payload says how
//! often, and without one there is no end.

mod abuse;
mod codes;
mod wit;
wit::bindings!("provider");
use bindings::sys::compose::types::Error;
use wasip2::cli::exit::exit;
use wasip2::cli::stdin::get_stdin;

struct Hostile;

impl bindings::exports::compose::dynlink::endpoint::Guest for Hostile {
    fn handle(method: String, payload: Vec<u8>) -> Result<Vec<u8>, Error> {
        let text = String::from_utf8_lossy(&payload);
        let times = text.parse().unwrap_or(u64::MAX);
        match &*method {
            "echo" => return Ok(payload),
            // An answer of so many bytes.
            "answer" => return Ok(vec![b'x'; times as usize]),
            // What is on stdin.
            "input" => return Ok(get_stdin().blocking_read(100).unwrap_or_default()),
            "trap" => panic!("as asked"),
            "exit" => exit(Ok(())),
            "spin" => abuse::spin(),
            "sleep" => abuse::sleep(times),
            "alloc" => (0..times).for_each(|_| abuse::alloc()),
            "io" => (0..times).for_each(|_| abuse::io()),
            "handles" => (0..times).for_each(|_| abuse::handle()),
            "output" => (0..times).for_each(|_| abuse::output()),
            _ => {
                let message = format!("no method {method:?}");
                return Err(codes::error("invalid-input", &message));
            }
        }
        Ok(payload)
    }
}

bindings::export!(Hostile with_types_in bindings);
