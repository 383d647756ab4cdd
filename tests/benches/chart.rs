//! The table as a picture: a bar for each ratio, and a line where both are the
//! same.

use std::fmt::Write as _;

use crate::report::holds;
use crate::row::{Metric, Row};

/// What a letter takes, in the middle.
const LETTER: f64 = 6.0;

/// What the longest bar and its number take.
const BARS: f64 = 550.0;
const LINE: f64 = 24.0;
const TOP: f64 = 34.0;

/// The ratio that the right edge stands for; a longer bar is cut there.
const EDGE: f64 = 3.0;

/// An SVG. Its colours suit light and dark pages.
pub fn svg(rows: &[Row]) -> String {
    let bars: Vec<(String, f64, bool)> = rows.iter().flat_map(bars).collect();
    let letters = bars.iter().map(|(name, ..)| name.chars().count());
    let left = letters.max().unwrap_or_default() as f64 * LETTER + 16.0;
    let width = left + BARS;
    let height = TOP + LINE * bars.len() as f64 + 12.0;
    let scale = (BARS - 60.0) / EDGE;
    let one = left + scale;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"12\">\n\
         <title>Ratios to peers: shorter is better, the line is the peer</title>\n\
         <style>text{{fill:#59636e}} .good{{fill:#2f81f7}} .bad{{fill:#d1741f}} \
         @media (prefers-color-scheme:dark){{text{{fill:#9198a1}}}}</style>\n\
         <text x=\"{one}\" y=\"20\" text-anchor=\"middle\">1.0</text>\n"
    );
    for (index, (name, ratio, holds)) in bars.iter().enumerate() {
        let y = TOP + LINE * index as f64;
        let length = ratio.min(EDGE) * scale;
        let class = if *holds { "good" } else { "bad" };
        let (label, end) = (left - 8.0, left + length + 6.0);
        let middle = y + 13.0;
        let _ = writeln!(
            out,
            "<text x=\"{label}\" y=\"{middle}\" text-anchor=\"end\">{name}</text>\
             <rect class=\"{class}\" x=\"{left}\" y=\"{y}\" width=\"{length:.1}\" height=\"17\" rx=\"2\"/>\
             <text x=\"{end:.1}\" y=\"{middle}\">{ratio:.2}</text>"
        );
    }
    let bottom = height - 8.0;
    let _ = writeln!(
        out,
        "<path d=\"M{one} 26V{bottom}\" stroke=\"#8b949e\" stroke-dasharray=\"3 3\"/>\n</svg>"
    );
    out
}

/// A bar for each ratio that is to hold; for a row without any, its first.
fn bars(row: &Row) -> Vec<(String, f64, bool)> {
    let named = [
        (Metric::Wall, ""),
        (Metric::Processor, ", cpu"),
        (Metric::Memory, ", memory"),
    ];
    let known = named
        .iter()
        .filter_map(|(metric, word)| Some((*metric, word, row.ratio(*metric)?)));
    let wanted: Vec<_> = match row.bounds.is_empty() {
        true => known.take(1).collect(),
        false => known
            .filter(|(metric, ..)| row.bound_of(*metric).is_some())
            .collect(),
    };
    let bar = |(metric, word, ratio): (Metric, &&str, f64)| {
        let name = format!("{} / {}{word}", row.name, row.against);
        (
            name.replace('&', "&amp;").replace('<', "&lt;"),
            ratio,
            holds(row, metric),
        )
    };
    wanted.into_iter().map(bar).collect()
}
