//! Keeps a total and answers simple questions, by name.

use std::cell::Cell;

mod codes;
mod wit;
wit::bindings!("provider");
use bindings::sys::compose::types::Error;

thread_local! {
    static TOTAL: Cell<i64> = const { Cell::new(0) };
}

struct Counter;

impl bindings::exports::compose::dynlink::endpoint::Guest for Counter {
    fn handle(method: String, payload: Vec<u8>) -> Result<Vec<u8>, Error> {
        let text = || String::from_utf8_lossy(&payload).into_owned();
        match &*method {
            "add" => {
                let number = text().parse::<i64>().map_err(|cause| {
                    codes::error("invalid-input", &format!("{:?}: {cause}", text()))
                })?;
                TOTAL.set(TOTAL.get() + number);
                Ok(TOTAL.get().to_string().into_bytes())
            }
            "total" => Ok(TOTAL.get().to_string().into_bytes()),
            "answer" => Ok(b"42".to_vec()),
            "echo" => Ok(payload),
            // The payload names a code.
            "fail" => Err(codes::error(&text(), "as asked")),
            _ => Err(codes::error(
                "invalid-input",
                &format!("no method {method:?}"),
            )),
        }
    }
}

bindings::export!(Counter with_types_in bindings);
