//! What a run costs, and what many cost in the middle.

/// Seconds of the clock and of processors, and bytes of memory at the most,
/// where they are known; or ratios of them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// Of the clock.
    pub wall: f64,
    /// Of processors.
    pub processor: f64,
    /// At the most.
    pub memory: Option<f64>,
}

impl Cost {
    /// So many times another.
    pub fn over(&self, other: &Self) -> Self {
        Self {
            wall: self.wall / other.wall,
            processor: self.processor / other.processor,
            memory: self.memory.zip(other.memory).map(|(a, b)| a / b),
        }
    }

    /// The median of each.
    pub fn median(costs: &[Self]) -> Self {
        let memory: Option<Vec<f64>> = costs.iter().map(|cost| cost.memory).collect();
        Self {
            wall: median(costs.iter().map(|cost| cost.wall).collect()),
            processor: median(costs.iter().map(|cost| cost.processor).collect()),
            memory: memory.map(median),
        }
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
