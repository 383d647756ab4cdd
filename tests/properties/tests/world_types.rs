//! Many plans over components whose types are the world's own, the same each time.
//! `COMPOSITOR_SOAK` is how many.

use test_properties::{many, world_types};

#[test]
fn what_worlds_name_is_composed_or_refused_in_words() {
    let (count, composed) = many(600, 600, world_types);
    assert!(composed > count / 3, "{composed} of {count} composed");
}
