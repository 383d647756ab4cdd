//! Growth as a picture: for each thing that grows a plot whose axes double, and a line
//! where cost grows as much.

use std::fmt::Write as _;

use crate::growth::{Line, TIMES, slope};

const WIDTH: f64 = 990.0;
const HEIGHT: f64 = 250.0;
const TOP: f64 = 64.0;

/// The side of a plot, and what is left of it.
const SIDE: f64 = 150.0;
const LEFT: f64 = 38.0;

/// Doublings from one edge to the other.
const DOUBLINGS: f64 = 3.0;

/// An SVG. Its colours suit light and dark pages.
pub fn svg(lines: &[Line]) -> String {
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"12\">\n\
         <title>Growth of time and memory: below the dashed line is less than linear</title>\n\
         <style>text{{fill:#59636e}} path{{fill:none;stroke-width:2}} \
         .time{{stroke:#2f81f7}} .memory{{stroke:#d1741f}} \
         .edge{{stroke:#8b949e;stroke-width:1}} \
         @media (prefers-color-scheme:dark){{text{{fill:#9198a1}}}}</style>\n\
         <path class=\"time\" d=\"M{LEFT} 16h24\"/><text x=\"68\" y=\"20\">time</text>\
         <path class=\"memory\" d=\"M120 16h24\"/><text x=\"150\" y=\"20\">memory</text>\
         <path class=\"edge\" stroke-dasharray=\"3 3\" d=\"M220 16h24\"/>\
         <text x=\"250\" y=\"20\">linear</text>\n"
    );
    let step = WIDTH / lines.len().max(1) as f64;
    for (index, line) in lines.iter().enumerate() {
        plot(&mut out, line, LEFT + step * index as f64);
    }
    out + "</svg>\n"
}

fn plot(out: &mut String, line: &Line, left: f64) {
    let (wall, memory) = (line.wall(), line.memory());
    let bottom = TOP + SIDE;
    let (above, middle) = (TOP - 10.0, left + SIDE / 2.0);
    let _ = writeln!(
        out,
        "<text x=\"{middle:.1}\" y=\"{above}\" text-anchor=\"middle\">{}: {:.2}, {:.2}</text>\
         <path class=\"edge\" d=\"M{left:.1} {TOP}v{SIDE}h{SIDE}\"/>\
         <path class=\"edge\" stroke-dasharray=\"3 3\" d=\"M{left:.1} {bottom}l{SIDE} -{SIDE}\"/>",
        line.name,
        slope(&wall),
        slope(&memory),
    );
    for times in TIMES {
        let place = along(times as f64);
        let (x, y) = (left + place, bottom - place + 4.0);
        let (below, beside) = (bottom + 16.0, left - 6.0);
        let _ = writeln!(
            out,
            "<text x=\"{x:.1}\" y=\"{below}\" text-anchor=\"middle\">{times}×</text>\
             <text x=\"{beside:.1}\" y=\"{y:.1}\" text-anchor=\"end\">{times}×</text>"
        );
    }
    for (class, values) in [("time", wall), ("memory", memory)] {
        let points = TIMES.iter().zip(&values).map(|(times, value)| {
            let (x, y) = (
                left + along(*times as f64),
                bottom - along(value / values[0]),
            );
            format!("{x:.1} {y:.1}")
        });
        let points: Vec<String> = points.collect();
        let _ = writeln!(out, "<path class=\"{class}\" d=\"M{}\"/>", points.join("L"));
    }
}

/// How far so many times is from once.
fn along(times: f64) -> f64 {
    SIDE * times.log2() / DOUBLINGS
}
