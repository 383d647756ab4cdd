//! Lists in messages, as many items as people read.

/// A list for people, cut where it gets long.
pub fn some_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    const SHOWN: usize = 12;
    let names: Vec<&str> = names.collect();
    let mut text = names[..names.len().min(SHOWN)].join(", ");
    if names.len() > SHOWN {
        text.push_str(&format!(" and {} more", names.len() - SHOWN));
    }
    text
}

/// Lines for people, cut where they get many.
pub fn few_lines<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    const SHOWN: usize = 20;
    let mut lines: Vec<&str> = lines.collect();
    let more = lines.len().saturating_sub(SHOWN);
    lines.truncate(SHOWN);
    let mut text = lines.join("\n");
    if more > 0 {
        text.push_str(&format!("\nand {more} more"));
    }
    text
}
