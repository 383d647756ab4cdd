//! Many plans whose components have custom sections everywhere, stripped, the same each
//! time. `COMPOSITOR_SOAK` is how many.

use std::panic::catch_unwind;

use test_generate::noise;
use test_properties::{Outcome, strip};

#[test]
fn what_is_stripped_is_what_another_tool_leaves() {
    let count = std::env::var("COMPOSITOR_SOAK").ok();
    let count: u64 = count.map_or(200, |count| count.parse().expect("a number"));
    let (mut composed, mut refused) = (0, 0);
    let mut wrong = Vec::new();
    for number in 0..count {
        let bytes = noise(number, 1500);
        match catch_unwind(|| strip(&bytes)) {
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
    assert!(composed > count / 2, "{composed} of {count} composed");
}
