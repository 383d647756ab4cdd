//! The table: for people, as JSON, and in the documents.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::row::{Metric, Row};

const METRICS: [(&str, Metric); 3] = [
    ("wall", Metric::Wall),
    ("cpu", Metric::Processor),
    ("memory", Metric::Memory),
];

/// For a terminal: ratios, and what they are made of.
pub fn text(rows: &[Row]) -> String {
    let names = rows.iter().map(|row| row.name.chars().count());
    let width = names.max().unwrap_or_default();
    let mut out = format!(
        "{:<width$} {:<22} {:>8} {:>8} {:>8}   {:>10} {:>10}\n",
        "", "against", "wall", "cpu", "memory", "ours", "other"
    );
    for row in rows {
        let [wall, processor, memory] = METRICS.map(|(_, metric)| cell(row, metric));
        let _ = writeln!(
            out,
            "{:<width$} {:<22} {wall:>8} {processor:>8} {memory:>8}   {:>10} {:>10}",
            row.name,
            row.against,
            seconds(row.ours.wall, row.ours.processor),
            seconds(row.other.wall, row.other.processor),
        );
    }
    out + "! is more than it should be at the most; ratios are medians, and below 1 ours is better\n"
}

/// For programs.
pub fn json(rows: &[Row]) -> Value {
    let cost = |cost: &crate::cost::Cost| {
        let known = |value: f64| value.is_finite().then_some(value);
        json!({
            "wall_s": known(cost.wall),
            "cpu_s": known(cost.processor),
            "memory_bytes": cost.memory,
        })
    };
    let rows = rows.iter().map(|row| {
        let mut ratio = serde_json::Map::new();
        let mut bounds = serde_json::Map::new();
        for (name, metric) in METRICS {
            ratio.insert(name.into(), row.ratio(metric).into());
            if let Some(bound) = row.bound_of(metric) {
                let most =
                    json!({ "most": bound.most, "goal": bound.goal, "holds": holds(row, metric) });
                bounds.insert(name.into(), most);
            }
        }
        json!({
            "name": row.name, "against": row.against, "ratio": ratio, "bounds": bounds,
            "ours": cost(&row.ours), "other": cost(&row.other),
        })
    });
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    json!({
        "machine": format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
        "processors": processors,
        "rows": rows.collect::<Vec<_>>(),
    })
}

/// For a document.
pub fn markdown(rows: &[Row]) -> String {
    let mut out = String::from(
        "| what | against | wall | cpu | memory | at most | goal | ours | other |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for row in rows {
        let [wall, processor, memory] = METRICS.map(|(_, metric)| cell(row, metric));
        let said = |number: fn(&crate::row::Bound) -> f64| {
            let bounds = row.bounds.iter();
            let bounds = bounds.map(|bound| format!("{} {}", word(bound.metric), number(bound)));
            bounds.collect::<Vec<_>>().join(", ")
        };
        let _ = writeln!(
            out,
            "| {} | {} | {wall} | {processor} | {memory} | {} | {} | {} | {} |",
            row.name,
            row.against,
            said(|bound| bound.most),
            said(|bound| bound.goal),
            seconds(row.ours.wall, row.ours.processor),
            seconds(row.other.wall, row.other.processor),
        );
    }
    out
}

/// Whether a ratio is not more than it may be.
pub fn holds(row: &Row, metric: Metric) -> bool {
    let ratio = row.ratio(metric).unwrap_or(f64::INFINITY);
    row.bound_of(metric).is_none_or(|bound| ratio <= bound.most)
}

fn word(metric: Metric) -> &'static str {
    let found = METRICS.iter().find(|(_, known)| *known == metric);
    found.map_or("", |(name, _)| name)
}

fn cell(row: &Row, metric: Metric) -> String {
    let mark = if holds(row, metric) { "" } else { " !" };
    match row.ratio(metric) {
        Some(ratio) => format!("{ratio:.2}{mark}"),
        None => "–".to_string(),
    }
}

/// A time, in a unit that suits it; the processor's where the clock was not
/// looked at.
pub fn seconds(wall: f64, processor: f64) -> String {
    match if wall.is_finite() { wall } else { processor } {
        time if time >= 1.0 => format!("{time:.2} s"),
        time if time >= 1e-3 => format!("{:.1} ms", time * 1e3),
        time if time >= 1e-6 => format!("{:.1} µs", time * 1e6),
        time => format!("{:.0} ns", time * 1e9),
    }
}
