//! Says hello in a few languages.

mod wit;
wit::bindings!("phrases");

const HELLO: [(&str, &str); 3] = [("en", "Hello"), ("fr", "Bonjour"), ("mi", "Kia ora")];

struct Phrases;

impl bindings::exports::hello::phrases::phrases::Guest for Phrases {
    fn languages() -> Vec<String> {
        HELLO
            .iter()
            .map(|(language, _)| language.to_string())
            .collect()
    }

    fn hello(language: String) -> Option<String> {
        let (_, hello) = HELLO.iter().find(|(known, _)| *known == language)?;
        Some(hello.to_string())
    }
}

bindings::export!(Phrases with_types_in bindings);
