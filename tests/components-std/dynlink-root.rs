//! Does what its arguments say with providers that it resolves, and prints a
//! line for each, `ok …` or `err CODE MESSAGE [CONTEXT]`:
//!
//! ```text
//! resolve NAME ID                 digest NAME HEX        drop NAME
//! invoke NAME METHOD [PAYLOAD]    times NAME COUNT METHOD [PAYLOAD]
//! hold NAME COUNT ID              renew NAME COUNT ID
//! size NAME METHOD BYTES          length NAME METHOD PAYLOAD
//! ```

#[path = "../components/dynlink/codes.rs"]
mod codes;
#[path = "../components/dynlink/wit.rs"]
mod wit;
wit::bindings!("root");

use std::collections::BTreeMap;
use std::process::ExitCode;

use bindings::compose::dynlink::linker::{Instance, resolve_by_digest, resolve_by_id};
use bindings::sys::compose::types::Error;

/// What is done when nothing is asked for.
const EXAMPLE: [&str; 5] = [
    "resolve counter counter",
    "invoke counter add 5",
    "invoke counter add 7",
    "resolve answer answer",
    "invoke answer answer",
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut script: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if script.is_empty() {
        script = EXAMPLE.to_vec();
    }
    let mut instances = BTreeMap::new();
    for line in script {
        let words: Vec<&str> = line.splitn(4, ' ').collect();
        let Some(done) = step(&mut instances, &words) else {
            eprintln!("not a line of a script: {line}");
            return ExitCode::from(2);
        };
        match done {
            Ok(text) => println!("{}", format!("ok {text}").trim_end()),
            Err(error) => {
                let context = error.context.unwrap_or_default();
                println!(
                    "err {} {} [{context}]",
                    codes::name(error.code),
                    error.message
                );
            }
        }
    }
    ExitCode::SUCCESS
}

/// Does one line; none when it cannot be read.
fn step(
    instances: &mut BTreeMap<String, Instance>,
    words: &[&str],
) -> Option<Result<String, Error>> {
    Some(match *words {
        ["resolve", name, id] => keep(instances, name, resolve_by_id(id)),
        ["digest", name, hex] => keep(instances, name, resolve_by_digest(&bytes(hex))),
        ["hold", name, count, id] => (0..number(count)?)
            .try_for_each(|number| {
                let name = format!("{name}{number}");
                keep(instances, &name, resolve_by_id(id)).map(drop)
            })
            .map(|()| count.to_string()),
        ["renew", name, count, id] => (0..number(count)?)
            .try_for_each(|_| keep(instances, name, resolve_by_id(id)).map(drop))
            .map(|()| count.to_string()),
        ["drop", name] => instances
            .remove(name)
            .map_or_else(|| Err(none(name)), |_| Ok(String::new())),
        ["invoke", name, method] => call(instances, name, method, b"").map(text),
        ["invoke", name, method, payload] => {
            call(instances, name, method, payload.as_bytes()).map(text)
        }
        ["size", name, method, size] => {
            let payload = vec![b'x'; number(size)?];
            call(instances, name, method, &payload).map(|answer| answer.len().to_string())
        }
        ["length", name, method, payload] => {
            call(instances, name, method, payload.as_bytes()).map(|answer| answer.len().to_string())
        }
        ["times", name, count, rest] => {
            let (method, payload) = rest.split_once(' ').unwrap_or((rest, ""));
            let mut last = Ok(Vec::new());
            for _ in 0..number(count)? {
                last = call(instances, name, method, payload.as_bytes());
            }
            last.map(text)
        }
        _ => return None,
    })
}

fn number(text: &str) -> Option<usize> {
    text.parse().ok()
}

fn keep(
    instances: &mut BTreeMap<String, Instance>,
    name: &str,
    resolved: Result<Instance, Error>,
) -> Result<String, Error> {
    instances.insert(name.to_string(), resolved?);
    Ok(String::new())
}

fn call(
    instances: &BTreeMap<String, Instance>,
    name: &str,
    method: &str,
    payload: &[u8],
) -> Result<Vec<u8>, Error> {
    let instance = instances.get(name).ok_or_else(|| none(name))?;
    instance.invoke(method, payload)
}

/// A name that stands for nothing, such as when it could not be resolved.
fn none(name: &str) -> Error {
    codes::error("invalid-input", &format!("nothing is called {name:?}"))
}

fn text(answer: Vec<u8>) -> String {
    String::from_utf8_lossy(&answer).into_owned()
}

/// Bytes of hexadecimal digits; what is none is left out.
fn bytes(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks(2);
    let pair = |pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    pairs.filter_map(pair).collect()
}
