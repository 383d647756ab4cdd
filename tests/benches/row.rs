//! A row of the table: what one thing costs against another, in turn.

use crate::cost::Cost;

/// What a cost is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// The clock.
    Wall,
    /// Processors.
    Processor,
    /// Memory.
    Memory,
}

/// What a ratio is to be.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    /// Of what.
    pub metric: Metric,
    /// At the most.
    pub most: f64,
    /// Better.
    pub goal: f64,
}

/// One thing against another.
#[derive(Clone, Debug)]
pub struct Row {
    /// What it is about.
    pub name: String,
    /// Against what.
    pub against: String,
    /// The median of ours.
    pub ours: Cost,
    /// The median of the other.
    pub other: Cost,
    /// The median of the ratios of two that ran one after the other.
    pub ratio: Cost,
    /// What is to hold.
    pub bounds: Vec<Bound>,
}

impl Row {
    /// Of runs in turn.
    pub fn new(name: &str, against: &str, ours: &[Cost], other: &[Cost]) -> Self {
        let ratios = ours.iter().zip(other).map(|(ours, other)| ours.over(other));
        Self {
            name: name.to_string(),
            against: against.to_string(),
            ours: Cost::median(ours),
            other: Cost::median(other),
            ratio: Cost::median(&ratios.collect::<Vec<_>>()),
            bounds: Vec::new(),
        }
    }

    /// The same, with a bound.
    pub fn bound(mut self, metric: Metric, most: f64, goal: f64) -> Self {
        self.bounds.push(Bound { metric, most, goal });
        self
    }

    /// The ratio of a metric, where it is known.
    pub fn ratio(&self, metric: Metric) -> Option<f64> {
        match metric {
            Metric::Wall => Some(self.ratio.wall),
            Metric::Processor => Some(self.ratio.processor),
            Metric::Memory => self.ratio.memory,
        }
        .filter(|ratio| ratio.is_finite())
    }

    /// The bound of a metric.
    pub fn bound_of(&self, metric: Metric) -> Option<&Bound> {
        self.bounds.iter().find(|bound| bound.metric == metric)
    }
}
