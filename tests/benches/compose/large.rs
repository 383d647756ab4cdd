//! Many components, and large ones.

use Run::{Again, Cold, Copying, First, Hashing, Plug};

use super::set::Set;
use crate::input::{Input, Kinds, LARGE};
use crate::row::Metric;
use crate::run::Run;

/// The sets.
pub fn sets() -> Vec<Set> {
    vec![tree(), large()]
}

/// No peer composes as many, so each is held to a tenth of itself.
fn tree() -> Set {
    const RUNS: [Run; 3] = [Cold, First, Again];
    Set::of_several("tree", "", 5, |folder| {
        vec![
            Input::tree(&folder.join("5000"), 50, 99, Kinds::One),
            Input::tree(&folder.join("500"), 5, 99, Kinds::One),
            // Validators take a thousand modules and components of different types.
            Input::tree(&folder.join("450-kinds"), 9, 49, Kinds::Many),
            Input::tree(&folder.join("45-kinds"), 1, 44, Kinds::Many),
            Input::tree(&folder.join("5000-few"), 50, 99, Kinds::Few),
            Input::tree(&folder.join("500-few"), 5, 99, Kinds::Few),
        ]
    })
    .rows_between(
        "5,000 components in a tree",
        (0, 1),
        "ours, 500",
        &RUNS,
        (11.0, 10.0),
    )
    .rows_between(
        "450 components of as many types",
        (2, 3),
        "ours, 45",
        &RUNS,
        (11.0, 10.0),
    )
    .rows_between(
        "5,000 instances of few components",
        (4, 5),
        "ours, 500",
        &RUNS,
        (10.5, 10.0),
    )
}

fn large() -> Set {
    Set::new("large", "1 GB in 20 components", 3, |folder| {
        Some(Input::wide(folder, 20, LARGE.0, LARGE.1))
    })
    .row(First, Copying)
    .row(Cold, Hashing)
    .row(Again, Cold)
    .wall(Cold, Plug, 0.5, 0.3)
    .bound(Cold, Plug, (Metric::Memory, 0.1, 0.05))
    .bound(First, Plug, (Metric::Memory, 0.7, 0.4))
    .bound(Again, Plug, (Metric::Memory, 0.7, 0.4))
    .wall(Cold, Hashing, 2.0, 1.3)
    .wall(First, Copying, 2.5, 1.5)
    .wall(Again, Copying, 1.3, 1.1)
}
