//! A root with a typed import that also resolves a provider.

mod wit;
wit::bindings!("both");
use bindings::compose::dynlink::linker::resolve_by_id;
use bindings::dynlink::words::words;
use bindings::sys::compose::types::Error;

struct Both;

impl bindings::exports::dynlink::app::app::Guest for Both {
    fn run(provider: String) -> Result<Vec<String>, Error> {
        let mut seen = vec![words::next()];
        let answer = resolve_by_id(&provider)?.invoke("next", &[])?;
        seen.push(String::from_utf8_lossy(&answer).into_owned());
        seen.push(words::next());
        Ok(seen)
    }
}

bindings::export!(Both with_types_in bindings);
