//! Streams through a provider, awaits its future, and runs two calls at once.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;

use wit_bindgen::spawn_local;

mod wit;
wit::bindings!("root");
use bindings::concurrent::words::words;
use bindings::exports::concurrent::app::app::{Guest, Summary};
use bindings::wit_stream;

struct Root;

impl Guest for Root {
    async fn run(text: String) -> Summary {
        let (mut sender, quiet) = wit_stream::new();
        let loud = words::shout(quiet).await;
        let mut found = words::split(text).await;
        spawn_local(async move {
            while let Some(word) = found.next().await {
                sender.write_one(word).await;
            }
        });
        let words = loud.collect().await;

        let (mut sender, receiver) = wit_stream::new();
        let longest = words::longest(receiver).await;
        sender.write_all(words.clone()).await;
        drop(sender);
        let longest = longest.await;

        let slow = words::yield_("slow".to_string(), 50);
        let fast = words::yield_("fast".to_string(), 1);
        let first_done = first_of(slow, fast).await;
        Summary {
            words,
            longest,
            first_done,
        }
    }
}

/// The answer of whichever is done first; the other is cancelled.
async fn first_of<T>(a: impl Future<Output = T>, b: impl Future<Output = T>) -> T {
    let (mut a, mut b) = (pin!(a), pin!(b));
    std::future::poll_fn(|context| match a.as_mut().poll(context) {
        Poll::Pending => b.as_mut().poll(context),
        ready => ready,
    })
    .await
}

bindings::export!(Root with_types_in bindings);
