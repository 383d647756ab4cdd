//! Streams words, answers with futures, and takes its time.

use wit_bindgen::{FutureReader, StreamReader, spawn_local, yield_async};

mod wit;
wit::bindings!("words");
use bindings::{wit_future, wit_stream};

struct Words;

impl bindings::exports::concurrent::words::words::Guest for Words {
    async fn split(text: String) -> StreamReader<String> {
        let (mut sender, receiver) = wit_stream::new();
        spawn_local(async move {
            for word in text.split_whitespace() {
                if sender.write_one(word.to_string()).await.is_some() {
                    return;
                }
            }
        });
        receiver
    }

    async fn shout(mut words: StreamReader<String>) -> StreamReader<String> {
        let (mut sender, receiver) = wit_stream::new();
        spawn_local(async move {
            while let Some(word) = words.next().await {
                if sender.write_one(word.to_uppercase()).await.is_some() {
                    return;
                }
            }
        });
        receiver
    }

    async fn longest(words: StreamReader<String>) -> FutureReader<String> {
        let (sender, receiver) = wit_future::new(String::new);
        spawn_local(async move {
            let words = words.collect().await;
            let longest = words.into_iter().max_by_key(String::len);
            // A reader that is gone wants no answer.
            let _ = sender.write(longest.unwrap_or_default()).await;
        });
        receiver
    }

    async fn yield_(name: String, times: u32) -> String {
        for _ in 0..times {
            yield_async().await;
        }
        name
    }
}

bindings::export!(Words with_types_in bindings);
