//! Many plans whose components have custom sections everywhere, stripped, the same each
//! time. `COMPOSITOR_SOAK` is how many.

use test_properties::{many, strip};

#[test]
fn what_is_stripped_is_what_another_tool_leaves() {
    let (count, composed) = many(200, 1500, strip);
    assert!(composed > count / 2, "{composed} of {count} composed");
}
