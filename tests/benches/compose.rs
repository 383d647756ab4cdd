//! Composing, against the peer, against a copy and hashing, and against itself.

mod large;
mod programs;
mod providers;
mod set;

use std::path::Path;

use crate::equal::assert_equal;
use crate::row::Row;
use crate::run::{Prepared, Run};
use set::{Set, Wanted};

fn sets() -> Vec<Set> {
    let all = [programs::sets(), providers::sets(), large::sets()];
    all.into_iter().flatten().collect()
}

/// The names of what [`rows`] measures.
pub fn names() -> Vec<&'static str> {
    sets().iter().map(|set| set.name).collect()
}

/// Measures a set of rows, if there is one of that name.
pub fn rows(name: &str, folder: &Path) -> Vec<Row> {
    let sets = sets();
    let sets = sets.iter().filter(|set| set.name == name);
    sets.flat_map(|set| measure(set, folder)).collect()
}

fn measure(set: &Set, folder: &Path) -> Vec<Row> {
    let inputs = (set.inputs)(folder).into_iter();
    let inputs: Vec<Prepared> = inputs.map(Prepared::new).collect();
    // What makes them is not on this machine, and has said so.
    if inputs.is_empty() {
        return Vec::new();
    }
    let runs = set.runs();
    let mut costs = vec![Vec::new(); runs.len()];
    // The first round warms what is warm in the others, and is not counted.
    for round in 0..=set.rounds {
        eprintln!("  {}: round {round} of {}", set.name, set.rounds);
        for ((input, run), costs) in runs.iter().zip(&mut costs) {
            let cost = inputs[*input].run(*run);
            if round > 0 {
                costs.push(cost);
            }
            if round == 0 && matches!(run, Run::Plug | Run::Compose) {
                assert_equal(&inputs[*input].input.folder);
            }
        }
    }
    let of = |wanted: &(usize, Run)| {
        let index = runs.iter().position(|run| run == wanted);
        &costs[index.expect("a row of what is run")]
    };
    let row = |wanted: &Wanted| {
        let (ours, other) = (of(&wanted.ours), of(&wanted.other));
        let row = Row::new(&wanted.name, &wanted.against, ours, other);
        let bounds = wanted.bounds.iter();
        bounds.fold(row, |row, (metric, most, goal)| {
            row.bound(*metric, *most, *goal)
        })
    };
    set.rows.iter().map(row).collect()
}
