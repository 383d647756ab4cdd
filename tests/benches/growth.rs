//! How time and memory of composing grow, where one thing grows and the others stay:
//! each at 1, 2, 4 and 8 times.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::cost::Cost;
use crate::input::{Filling, Input};
use crate::report::seconds;
use crate::run::{Prepared, Run};

/// How many times what there is at first.
pub const TIMES: [usize; 4] = [1, 2, 4, 8];

/// Runs of each, in turn.
const ROUNDS: usize = 5;

/// More than this is over linear; what is below may be noise.
const LINEAR: f64 = 1.05;

/// Something that grows.
struct Axis {
    name: &'static str,
    /// How much of it there is at first, in a unit.
    first: usize,
    unit: (usize, &'static str),
    input: fn(&Path, usize) -> Input,
}

const ONE: (usize, &str) = (1, "");

const AXES: [Axis; 5] = [
    Axis {
        name: "components",
        first: 50,
        unit: ONE,
        input: |folder, count| Input::filled(folder, count, Filling::None),
    },
    Axis {
        name: "bindings",
        first: 200,
        unit: ONE,
        // A hundred of them are the root's.
        input: |folder, count| Input::mesh(folder, 20, 80, (count - 100) / 20),
    },
    Axis {
        name: "bytes",
        first: 4 << 20,
        unit: (1 << 20, " MiB"),
        input: Input::program,
    },
    Axis {
        name: "imports",
        first: 100,
        unit: ONE,
        input: |folder, count| Input::open(folder, count, 0),
    },
    Axis {
        name: "policy rules",
        first: 100,
        unit: ONE,
        input: |folder, count| Input::open(folder, 800, count),
    },
];

/// What it takes as something grows.
pub struct Line {
    /// What grows.
    pub name: &'static str,
    /// How much of it there is.
    counts: Vec<usize>,
    unit: (usize, &'static str),
    /// The medians.
    costs: Vec<Cost>,
}

impl Line {
    /// Seconds of the clock, at each of [`TIMES`].
    pub fn wall(&self) -> Vec<f64> {
        self.costs.iter().map(|cost| cost.wall).collect()
    }

    /// Bytes of memory, at each of [`TIMES`].
    pub fn memory(&self) -> Vec<f64> {
        let costs = self.costs.iter();
        costs.map(|cost| cost.memory.unwrap_or(f64::NAN)).collect()
    }
}

/// Measures all.
pub fn lines(folder: &Path) -> Vec<Line> {
    let axes = AXES.iter();
    axes.map(|axis| line(axis, &folder.join(axis.name.replace(' ', "-"))))
        .collect()
}

fn line(axis: &Axis, folder: &Path) -> Line {
    let counts: Vec<usize> = TIMES.iter().map(|times| times * axis.first).collect();
    let inputs = counts.iter();
    let inputs = inputs.map(|count| (axis.input)(&folder.join(count.to_string()), *count));
    let inputs: Vec<Prepared> = inputs.map(Prepared::new).collect();
    let mut costs = vec![Vec::new(); inputs.len()];
    for round in 0..=ROUNDS {
        eprintln!("  growth of {}: round {round} of {ROUNDS}", axis.name);
        for (input, costs) in inputs.iter().zip(&mut costs) {
            let cost = input.run(Run::Cold);
            // The first round warms what is warm in the others.
            if round > 0 {
                costs.push(cost);
            }
        }
    }
    Line {
        name: axis.name,
        counts,
        unit: axis.unit,
        costs: costs.iter().map(|costs| Cost::median(costs)).collect(),
    }
}

/// The exponent of growth: 1 when twice as much takes twice as long. It is the slope of
/// the line that fits the logarithms best.
pub fn slope(values: &[f64]) -> f64 {
    let points = TIMES.iter().zip(values);
    let points: Vec<(f64, f64)> = points
        .map(|(times, value)| ((*times as f64).ln(), value.ln()))
        .collect();
    let mean = |of: fn(&(f64, f64)) -> f64| {
        let sum: f64 = points.iter().map(of).sum();
        sum / points.len() as f64
    };
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let along: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
    let both: f64 = points
        .iter()
        .map(|point| (point.0 - x) * (point.1 - y))
        .sum();
    both / along
}

/// The exponent of the last doubling alone, where what stays the same weighs least.
fn last_slope(values: &[f64]) -> f64 {
    let end = values.len();
    (values[end - 1] / values[end - 2]).log2()
}

/// For a document, and for a terminal.
pub fn markdown(lines: &[Line]) -> String {
    let mut out = String::from(
        "| growth of | from | to | time | slope | at the end | memory | slope | at the end |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for line in lines {
        let (wall, memory) = (line.wall(), line.memory());
        let (one, unit) = line.unit;
        let count = |count: usize| format!("{}{unit}", count / one);
        let ends = |values: &[f64], shown: fn(f64) -> String| {
            let (first, last) = (values[0], values[values.len() - 1]);
            format!("{} → {}", shown(first), shown(last))
        };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            line.name,
            count(line.counts[0]),
            count(line.counts[line.counts.len() - 1]),
            ends(&wall, |time| seconds(time, time)),
            marked(slope(&wall)),
            marked(last_slope(&wall)),
            ends(&memory, |bytes| format!("{:.0} MiB", bytes / 1048576.0)),
            marked(slope(&memory)),
            marked(last_slope(&memory)),
        );
    }
    out
}

/// For programs.
pub fn json(lines: &[Line]) -> Value {
    let lines = lines.iter().map(|line| {
        let (wall, memory) = (line.wall(), line.memory());
        json!({
            "of": line.name, "counts": line.counts,
            "wall_s": wall, "wall_slope": slope(&wall), "wall_last_slope": last_slope(&wall),
            "memory_bytes": memory, "memory_slope": slope(&memory),
            "memory_last_slope": last_slope(&memory),
        })
    });
    lines.collect()
}

fn marked(slope: f64) -> String {
    let mark = if slope > LINEAR { " !" } else { "" };
    format!("{slope:.2}{mark}")
}
