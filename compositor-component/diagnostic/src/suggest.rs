//! The nearest of the names that would have been right.

/// The name at the smallest edit distance, when it is near enough to be meant.
pub fn nearest<'a>(name: &str, among: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // A suggestion is worth this much and no more, whatever the input.
    const LONGEST: usize = 128;
    const MOST: usize = 256;
    if name.len() > LONGEST {
        return None;
    }
    let near = 1 + name.chars().count() / 3;
    among
        .take(MOST)
        .filter(|candidate| candidate.len() <= LONGEST)
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= near)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's, in characters, one row at a time.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_names_only() {
        let names = ["components", "bindings", "policy"];
        assert_eq!(nearest("component", names.into_iter()), Some("components"));
        assert_eq!(nearest("binding", names.into_iter()), Some("bindings"));
        assert_eq!(nearest("author", names.into_iter()), None);
        let words = ["validate", "lock", "info"];
        assert_eq!(nearest("valdiate", words.into_iter()), Some("validate"));
        assert_eq!(nearest("lokc", words.into_iter()), Some("lock"));
        assert_eq!(nearest("emit", words.into_iter()), None);
    }
}
