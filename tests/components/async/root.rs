//! Streams through a provider, awaits its future, and runs two calls at once.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;

mod wit;
wit::bindings!("root");
use bindings::concurrent::words::words;
use bindings::exports::concurrent::app::app::{Guest, Summary};

struct Root;

impl Guest for Root {
    async fn run(text: String) -> Summary {
        let longest = words::longest(words::split(&text)).await;
        let words = words::shout(words::split(&text)).collect().await;
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
