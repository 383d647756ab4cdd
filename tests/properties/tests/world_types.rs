//! Many plans over components whose types are the world's own, the same each time.
//! `COMPOSITOR_SOAK` is how many.

use std::panic::catch_unwind;

use test_generate::noise;
use test_properties::{Outcome, world_types};

#[test]
fn what_worlds_name_is_composed_or_refused_in_words() {
    let count = std::env::var("COMPOSITOR_SOAK").ok();
    let count: u64 = count.map_or(600, |count| count.parse().expect("a number"));
    let (mut composed, mut refused) = (0, 0);
    let mut wrong = Vec::new();
    for number in 0..count {
        let bytes = noise(number, 600);
        match catch_unwind(|| world_types(&bytes)) {
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
    assert!(composed > count / 3, "{composed} of {count} composed");
}
