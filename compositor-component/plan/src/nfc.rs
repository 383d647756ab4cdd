//! Unicode normalization form C.
//!
//! `unicode-normalization` composes in an iterator that decides only when it
//! runs which form it makes, so its tables for compatibility forms would be part
//! of the component: they make the core's module 68,976 bytes larger, 4.3 percent,
//! and 32,261 of them compressed. Here are the same steps from the crate's functions
//! for single characters, which need none of those.

use unicode_normalization::char::{canonical_combining_class, compose, decompose_canonical};
use unicode_normalization::{IsNormalized, is_nfc_quick};

use compositor_diagnostic::order::sort_by;

/// Whether a text is in normalization form C.
pub fn is_nfc(text: &str) -> bool {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => true,
        IsNormalized::No => false,
        IsNormalized::Maybe => composed(text) == text,
    }
}

/// A text in normalization form C.
pub fn nfc(text: String) -> String {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text,
        IsNormalized::No | IsNormalized::Maybe => composed(&text),
    }
}

/// The canonical composition algorithm (UAX #15, and D117 of the standard).
fn composed(text: &str) -> String {
    let mut composed = Vec::new();
    // Where the last starter is, and the class of what follows it so far.
    let (mut starter, mut last) = (None, 0);
    for (class, character) in decomposed(text) {
        if let Some(at) = starter
            && (last < class || at + 1 == composed.len())
            && let Some(both) = compose(composed[at], character)
        {
            composed[at] = both;
            continue;
        }
        if class == 0 {
            starter = Some(composed.len());
        }
        last = class;
        composed.push(character);
    }
    composed.into_iter().collect()
}

/// A text's canonical decomposition, each character with its combining class.
fn decomposed(text: &str) -> Vec<(u8, char)> {
    let mut decomposed = Vec::with_capacity(text.len());
    for character in text.chars() {
        decompose_canonical(character, |part| {
            decomposed.push((canonical_combining_class(part), part));
        });
    }
    let marks = decomposed.chunk_by_mut(|(a, _), (b, _)| (*a == 0) == (*b == 0));
    for run in marks.filter(|run| run[0].0 != 0) {
        sort_by(run, |(a, _), (b, _)| a.cmp(b));
    }
    decomposed
}

#[cfg(test)]
mod tests {
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    fn check(text: &str) {
        let expected: String = text.nfc().collect();
        assert_eq!(composed(text), expected, "{text:?}");
        assert_eq!(nfc(text.to_string()), expected, "{text:?}");
        assert_eq!(is_nfc(text), text == expected, "{text:?}");
    }

    /// Alone, and between what composes, blocks and is put in order; behind these
    /// planes nothing decomposes.
    #[test]
    fn every_character_as_the_crate_has_it() {
        for character in '\0'..='\u{30000}' {
            check(&character.to_string());
            check(&format!("a{character}\u{323}\u{301}"));
        }
    }

    #[test]
    fn runs_of_characters_as_the_crate_has_them() {
        // Starters that compose with what follows them and with each other,
        // marks of several classes, and characters that form C excludes.
        let characters = [
            'a',
            'q',
            '\u{1e9}',
            '\u{301}',
            '\u{307}',
            '\u{308}',
            '\u{323}',
            '\u{327}',
            '\u{338}',
            '\u{345}',
            '\u{340}',
            '\u{344}',
            '\u{958}',
            '\u{9c7}',
            '\u{9be}',
            '\u{1100}',
            '\u{1161}',
            '\u{11a8}',
            '\u{ac00}',
            '\u{212b}',
            '\u{fb1f}',
            '\u{110a5}',
            '\u{110ba}',
            '\u{1d15e}',
            '\u{fb01}',
        ];
        let mut state = 7u32;
        for round in 0..100_000 {
            let text: String = (0..=round % 9)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    characters[(state >> 16) as usize % characters.len()]
                })
                .collect();
            check(&text);
        }
    }
}
