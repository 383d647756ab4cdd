//! A property over many inputs, the same each time.

use std::env;
use std::panic::catch_unwind;

use test_generate::noise;

use crate::Outcome;

/// Inputs of so many bytes each, as many as `COMPOSITOR_SOAK` says or else `count`; at most
/// three that do not hold are looked for. Returns how many there were, and how many of
/// them composed.
///
/// # Panics
/// When one does not hold.
pub fn many(count: u64, bytes: usize, property: fn(&[u8]) -> Outcome) -> (u64, u64) {
    let given = env::var("COMPOSITOR_SOAK").ok();
    let count = given.map_or(count, |count| count.parse().expect("a number"));
    let (mut composed, mut refused) = (0, 0);
    let mut wrong = Vec::new();
    for number in 0..count {
        let input = noise(number, bytes);
        match catch_unwind(|| property(&input)) {
            Ok(Outcome::Composed) => composed += 1,
            Ok(Outcome::Refused) => refused += 1,
            Ok(Outcome::None) => {}
            Err(_) => wrong.push(number),
        }
        if wrong.len() == 3 {
            break;
        }
    }
    assert!(wrong.is_empty(), "{wrong:?} do not hold");
    println!("{composed} composed, {refused} were refused");
    (count, composed)
}
