//! The corpora of the fuzz targets as plain tests, on any compiler; and a short
//! run beyond them: inputs that are new, but the same each time.

use std::env;
use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use arbitrary::{Result, Unstructured};
use test_generate::{Worlds, noise};
use test_properties::composed_worlds;

/// Runs a property on each input of its corpus, and on so many new ones, or as
/// many as the variable `COMPOSITOR_SOAK` says.
fn replay(name: &str, new: u64) {
    let soak = env::var("COMPOSITOR_SOAK").ok();
    let new = soak.map_or(new, |soak| soak.parse().expect("a number"));
    let (_, property) = test_properties::ALL
        .iter()
        .find(|(other, _)| *other == name)
        .expect("a property");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let files = fs::read_dir(folder.join(name)).expect("a corpus");
    let mut paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    paths.sort();
    let count = paths.len();
    assert!(count >= 10, "the corpus has {count} inputs");
    let mut corpus = Vec::with_capacity(count);
    for path in paths {
        let bytes = fs::read(&path).expect("an input");
        let held = catch_unwind(|| property(&bytes));
        assert!(held.is_ok(), "{} does not hold", path.display());
        corpus.push(bytes);
    }
    for number in 0..new {
        let bytes = match number % 4 {
            0 => noise(number, number as usize * 37 % 1000),
            _ => mutated(&corpus, number).expect("enough to choose by"),
        };
        let held = catch_unwind(|| property(&bytes));
        assert!(held.is_ok(), "{number} does not hold: {}", hex(&bytes));
    }
}

/// An input of a corpus, with some parts taken out, made up, or taken from
/// another.
fn mutated(corpus: &[Vec<u8>], number: u64) -> Result<Vec<u8>> {
    let noise = noise(number, 1000);
    let mut choice = Unstructured::new(&noise);
    let mut bytes = choice.choose(corpus)?.clone();
    for _ in 0..choice.int_in_range(1..=4)? {
        let (start, end) = range(&bytes, &mut choice)?;
        let with = match choice.int_in_range(0..=3)? {
            0 => Vec::new(),
            1 => vec![choice.arbitrary()?],
            2 => choice.bytes(end - start)?.to_vec(),
            _ => {
                let other = choice.choose(corpus)?;
                let (start, end) = range(other, &mut choice)?;
                other[start..end].to_vec()
            }
        };
        bytes.splice(start..end, with);
    }
    Ok(bytes)
}

/// A part of some bytes, mostly a short one.
fn range(bytes: &[u8], choice: &mut Unstructured<'_>) -> Result<(usize, usize)> {
    let most = *choice.choose(&[1, 4, 16, 64])?;
    let start = choice.int_in_range(0..=bytes.len())?;
    let length = choice.int_in_range(0..=(bytes.len() - start).min(most))?;
    Ok((start, start + length))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn plan_json() {
    replay("plan_json", 4000);
}

#[test]
fn plan_cbor() {
    replay("plan_cbor", 8000);
}

#[test]
fn canonical_cbor() {
    replay("canonical_cbor", 20_000);
}

#[test]
fn skeleton() {
    replay("skeleton", 200);
}

#[test]
fn compose() {
    replay("compose", 25);
}

#[test]
fn grants() {
    replay("grants", 300);
}

#[test]
fn names() {
    replay("names", 1000);
}

#[test]
fn store() {
    replay("store", 200);
}

#[test]
fn worlds() {
    replay("worlds", 300);
}

/// A plan that is refused is held to little: many are not.
#[test]
fn worlds_of_any_kind_are_composed() {
    let (mut given, mut composed) = (0, 0);
    for number in 0..100 {
        let bytes = noise(number, 600);
        if let Ok(Some(worlds)) = Worlds::new(&mut Unstructured::new(&bytes)) {
            given += 1;
            composed += usize::from(composed_worlds(&worlds).is_some());
        }
    }
    assert!(composed > 20, "{composed} of {given} composed");
}

#[test]
fn cache() {
    replay("cache", 300);
}
