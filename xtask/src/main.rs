//! Build, dist, demo, test and bench.

fn main() {}
