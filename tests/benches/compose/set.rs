//! Inputs, the rows that are made of them, and what their ratios are to be.

use std::path::Path;

use crate::input::Input;
use crate::row::Metric;
use crate::run::Run;

/// A ratio: of what, at the most, and better.
pub type Bound = (Metric, f64, f64);

/// Makes inputs in a folder; none when their tools are not there.
type Make = Box<dyn Fn(&Path) -> Vec<Input>>;

/// A row from two of the runs, each with the number of its input.
pub struct Wanted {
    pub name: String,
    pub ours: (usize, Run),
    pub other: (usize, Run),
    pub against: String,
    pub bounds: Vec<Bound>,
}

/// Runs in turn, over inputs, and the rows that come of them.
pub struct Set {
    /// What it is called on the command line.
    pub name: &'static str,
    pub inputs: Make,
    pub rounds: usize,
    pub rows: Vec<Wanted>,
    /// What names of rows start with.
    label: &'static str,
}

impl Set {
    /// A set of one input, with the rows that every input has.
    pub fn new(
        name: &'static str,
        label: &'static str,
        rounds: usize,
        input: impl Fn(&Path) -> Option<Input> + 'static,
    ) -> Self {
        let inputs = move |folder: &Path| input(folder).into_iter().collect();
        Self::of_several(name, label, rounds, inputs)
            .row(Run::First, Run::Plug)
            .row(Run::Cold, Run::Plug)
            .row(Run::Again, Run::Plug)
            .row(Run::Again, Run::Copying)
    }

    /// A set of several inputs, without rows.
    pub fn of_several(
        name: &'static str,
        label: &'static str,
        rounds: usize,
        inputs: impl Fn(&Path) -> Vec<Input> + 'static,
    ) -> Self {
        Self {
            name,
            inputs: Box::new(inputs),
            rounds,
            rows: Vec::new(),
            label,
        }
    }

    /// Another row of the first input.
    pub fn row(mut self, ours: Run, other: Run) -> Self {
        self.rows.push(Wanted {
            name: format!("{}{}", self.label, suffix(ours)),
            ours: (0, ours),
            other: (0, other),
            against: against(other),
            bounds: Vec::new(),
        });
        self
    }

    /// A row of each run of one input against the same of another, with a bound of
    /// the first of them.
    pub fn rows_between(
        mut self,
        label: &str,
        inputs: (usize, usize),
        against: &str,
        runs: &[Run],
        bound: (f64, f64),
    ) -> Self {
        for (place, run) in runs.iter().enumerate() {
            let (most, goal) = bound;
            let bound = (place == 0).then_some((Metric::Wall, most, goal));
            self.rows.push(Wanted {
                name: format!("{label}{}", suffix(*run)),
                ours: (inputs.0, *run),
                other: (inputs.1, *run),
                against: against.to_string(),
                bounds: bound.into_iter().collect(),
            });
        }
        self
    }

    /// What the ratio of the clock is to be, in a row of the first input.
    pub fn wall(self, ours: Run, other: Run, most: f64, goal: f64) -> Self {
        self.bound(ours, other, (Metric::Wall, most, goal))
    }

    /// What the memory of each row against `wac plug` is to be: 0.7 at the most, and 0.4.
    pub fn memory(mut self) -> Self {
        for row in &mut self.rows {
            if row.other.1 == Run::Plug {
                row.bounds.push((Metric::Memory, 0.7, 0.4));
            }
        }
        self
    }

    /// What a ratio is to be, in a row of the first input.
    pub fn bound(mut self, ours: Run, other: Run, bound: Bound) -> Self {
        let (ours, other) = ((0, ours), (0, other));
        let mut rows = self.rows.iter_mut();
        let row = rows.find(|row| row.ours == ours && row.other == other);
        row.expect("a row to bound").bounds.push(bound);
        self
    }

    /// What is run for the rows, in the order of a round.
    pub fn runs(&self) -> Vec<(usize, Run)> {
        let rows = self.rows.iter();
        let mut runs: Vec<_> = rows.flat_map(|row| [row.ours, row.other]).collect();
        runs.sort_by_key(|(input, run)| (*run, *input));
        runs.dedup();
        runs
    }
}

fn suffix(run: Run) -> &'static str {
    match run {
        Run::First => ", first",
        Run::Again => ", again",
        Run::Stock => ", stock wasmtime run",
        Run::Cold | Run::Copying | Run::Hashing | Run::Plug | Run::Compose => "",
    }
}

fn against(run: Run) -> String {
    let name = match run {
        Run::First => "ours, first",
        Run::Cold => "ours, cold",
        Run::Again => "ours, again",
        Run::Stock => "stock wasmtime run",
        Run::Copying => "read and write",
        Run::Hashing => "hashing in and out",
        Run::Plug => "wac plug",
        Run::Compose => "wac compose",
    };
    name.to_string()
}
