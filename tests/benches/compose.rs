//! Composing, against the peer, against hashing, and against itself.

use std::path::Path;

use crate::equal::assert_equal;
use crate::input::{Input, Kinds, LARGE, SMALL};
use crate::row::{Metric, Row};
use crate::run::{Prepared, Run};

/// A row from two of the runs.
struct Wanted {
    name: &'static str,
    ours: (usize, Run),
    other: (usize, Run),
    against: &'static str,
    bounds: &'static [(Metric, f64, f64)],
}

/// Runs in turn, over inputs, and the rows that come of them.
struct Set {
    name: &'static str,
    inputs: fn(&Path) -> Vec<Input>,
    rounds: usize,
    runs: &'static [(usize, Run)],
    rows: &'static [Wanted],
}

use Metric::{Memory, Wall};
use Run::{Again, Cold, Compose, First, Hashing, Plug, Stock};

const fn against_plug(
    name: &'static str,
    run: Run,
    bounds: &'static [(Metric, f64, f64)],
) -> Wanted {
    Wanted {
        name,
        ours: (0, run),
        other: (0, Plug),
        against: "wac plug",
        bounds,
    }
}

const fn against_compose(name: &'static str) -> Wanted {
    Wanted {
        name,
        ours: (0, Cold),
        other: (0, Compose),
        against: "wac compose",
        bounds: &[],
    }
}

/// What all inputs are run for that the peer can compose. A run with
/// [`Again`] is behind the one that wrote the artifact.
const AGAINST_PLUG: &[(usize, Run)] = &[(0, First), (0, Cold), (0, Plug)];

const SETS: [Set; 7] = [
    Set {
        name: "program",
        inputs: |folder| vec![Input::program(folder, 0)],
        rounds: 15,
        runs: AGAINST_PLUG,
        rows: &[
            against_plug("Rust program, 2 providers", Cold, &[]),
            against_plug("Rust program, 2 providers, first", First, &[]),
        ],
    },
    Set {
        name: "root",
        inputs: |folder| vec![Input::program(folder, 18 << 20)],
        rounds: 9,
        runs: &[
            (0, First),
            (0, Cold),
            (0, Again),
            (0, Plug),
            (0, Compose),
            (0, Stock),
        ],
        rows: &[
            against_plug(
                "18 MB root, 2 providers",
                Cold,
                &[(Wall, 0.7, 0.5), (Memory, 1.0, 0.5)],
            ),
            against_compose("18 MB root, 2 providers"),
            against_plug("18 MB root, 2 providers, first", First, &[]),
            against_plug("18 MB root, stock wasmtime run", Stock, &[(Wall, 1.5, 1.0)]),
            Wanted {
                name: "18 MB root, again",
                ours: (0, Again),
                other: (0, Cold),
                against: "ours, cold",
                bounds: &[(Wall, 0.2, 0.1)],
            },
            Wanted {
                name: "18 MB root, again",
                ours: (0, Again),
                other: (0, First),
                against: "ours, first",
                bounds: &[],
            },
        ],
    },
    Set {
        name: "wide-10",
        inputs: |folder| vec![Input::wide(folder, 10, SMALL, 0)],
        rounds: 9,
        runs: AGAINST_PLUG,
        rows: &[
            against_plug("10 providers of 20 KB", Cold, &[]),
            against_plug("10 providers of 20 KB, first", First, &[]),
        ],
    },
    Set {
        name: "wide-100",
        inputs: |folder| vec![Input::wide(folder, 100, SMALL, 0)],
        rounds: 9,
        runs: AGAINST_PLUG,
        rows: &[
            against_plug("100 providers of 20 KB", Cold, &[]),
            against_plug("100 providers of 20 KB, first", First, &[]),
        ],
    },
    Set {
        name: "wide-300",
        // Each has a module of code beside its own: a thousand with them is the most.
        inputs: |folder| vec![Input::wide(folder, 300, SMALL, 0)],
        rounds: 7,
        runs: &[(0, First), (0, Cold), (0, Plug), (0, Compose)],
        rows: &[
            against_plug("300 providers of 20 KB", Cold, &[(Wall, 1.0, 0.7)]),
            against_compose("300 providers of 20 KB"),
            against_plug("300 providers of 20 KB, first", First, &[]),
        ],
    },
    Set {
        name: "tree",
        inputs: |folder| {
            vec![
                Input::tree(&folder.join("5000"), 50, 99, Kinds::One),
                Input::tree(&folder.join("500"), 5, 99, Kinds::One),
                // Validators take a thousand modules and components of different types.
                Input::tree(&folder.join("450-kinds"), 9, 49, Kinds::Many),
                Input::tree(&folder.join("45-kinds"), 1, 44, Kinds::Many),
            ]
        },
        rounds: 5,
        runs: &[
            (0, First),
            (1, First),
            (0, Cold),
            (1, Cold),
            (2, Cold),
            (3, Cold),
        ],
        rows: &[
            Wanted {
                name: "5,000 components in a tree",
                ours: (0, Cold),
                other: (1, Cold),
                against: "ours, 500",
                bounds: &[(Wall, 11.0, 10.0)],
            },
            Wanted {
                name: "450 components of as many types",
                ours: (2, Cold),
                other: (3, Cold),
                against: "ours, 45",
                bounds: &[(Wall, 11.0, 10.0)],
            },
            Wanted {
                name: "5,000 components in a tree, first",
                ours: (0, First),
                other: (1, First),
                against: "ours, 500",
                bounds: &[],
            },
        ],
    },
    Set {
        name: "large",
        inputs: |folder| vec![Input::wide(folder, 20, LARGE.0, LARGE.1)],
        rounds: 5,
        runs: &[(0, First), (0, Cold), (0, Again), (0, Hashing), (0, Plug)],
        rows: &[
            against_plug(
                "1 GB in 20 components",
                Cold,
                &[(Wall, 0.5, 0.3), (Memory, 0.1, 0.05)],
            ),
            Wanted {
                name: "1 GB in 20 components",
                ours: (0, Cold),
                other: (0, Hashing),
                against: "hashing in and out",
                bounds: &[(Wall, 2.0, 1.3)],
            },
            against_plug("1 GB in 20 components, first", First, &[]),
            Wanted {
                name: "1 GB in 20 components, again",
                ours: (0, Again),
                other: (0, Cold),
                against: "ours, cold",
                bounds: &[],
            },
        ],
    },
];

/// The names of what [`rows`] measures.
pub fn names() -> impl Iterator<Item = &'static str> {
    SETS.iter().map(|set| set.name)
}

/// Measures a set of rows, if there is one of that name.
pub fn rows(name: &str, folder: &Path) -> Vec<Row> {
    let sets = SETS.iter().filter(|set| set.name == name);
    sets.flat_map(|set| measure(set, folder)).collect()
}

fn measure(set: &Set, folder: &Path) -> Vec<Row> {
    let inputs = (set.inputs)(folder).into_iter();
    let inputs: Vec<Prepared> = inputs.map(Prepared::new).collect();
    let mut costs = vec![Vec::new(); set.runs.len()];
    // The first round warms what is warm in the others, and is not counted.
    for round in 0..=set.rounds {
        eprintln!("  {}: round {round} of {}", set.name, set.rounds);
        for ((input, run), costs) in set.runs.iter().zip(&mut costs) {
            let cost = inputs[*input].run(*run);
            if round > 0 {
                costs.push(cost);
            }
            if round == 0 && matches!(run, Plug | Compose) {
                assert_equal(&inputs[*input].input.folder);
            }
        }
    }
    let of = |wanted: &(usize, Run)| {
        let index = set.runs.iter().position(|run| run == wanted);
        &costs[index.expect("a row of what is run")]
    };
    let row = |wanted: &Wanted| {
        let (ours, other) = (of(&wanted.ours), of(&wanted.other));
        let row = Row::new(wanted.name, wanted.against, ours, other);
        let bounds = wanted.bounds.iter();
        bounds.fold(row, |row, (metric, most, goal)| {
            row.bound(*metric, *most, *goal)
        })
    };
    set.rows.iter().map(row).collect()
}
