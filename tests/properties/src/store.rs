//! The store on the system's files against a model: whatever is put, spliced,
//! removed, trusted and damaged, in any order. `state` has the model.

pub mod folder;
mod state;

use arbitrary::{Arbitrary, Result, Unstructured};
use compositor_store::Error;

use state::{Damage, State, Stored, open, part};

/// A sequence of operations, decided by the bytes.
pub fn store(bytes: &[u8]) {
    let mut state = State::new();
    let mut unstructured = Unstructured::new(bytes);
    while !unstructured.is_empty() && state.blobs.len() < MOST {
        // Only running out of bytes ends it early.
        if step(&mut state, &mut unstructured).is_err() {
            break;
        }
    }
    state.hold();
}

/// Blobs of one sequence: what is found is found with few.
const MOST: usize = 40;

/// Bytes of a blob that are enough.
const LARGEST: usize = 4 << 20;

#[derive(Arbitrary)]
enum Operation {
    Write,
    Splice,
    Finish,
    Abandon,
    Read,
    Bytes,
    Verify,
    Remove,
    Trust,
    Distrust,
    Record,
    Overwrite,
    Resize,
    Replace,
    Reopen,
    Hold,
}

fn step(state: &mut State, input: &mut Unstructured<'_>) -> Result<()> {
    match input.arbitrary()? {
        Operation::Write => {
            let bytes = content(input)?;
            state.write(&bytes);
        }
        Operation::Splice => {
            let (blob, offset, length) = (state.blob(input)?, range(input)?, range(input)?);
            match state.pending().bytes.len() < LARGEST {
                true => state.splice(blob, offset, length),
                false => state.finish(),
            }
        }
        Operation::Finish => state.finish(),
        Operation::Abandon => state.writer = None,
        Operation::Read => {
            let (blob, offset, length) = (state.blob(input)?, range(input)?, range(input)?);
            let (digest, bytes) = &state.blobs[blob];
            let read = state.store.read(digest, offset, length);
            state.answers(blob, read, part(bytes, offset, length));
        }
        Operation::Bytes => {
            let blob = state.blob(input)?;
            let (digest, bytes) = &state.blobs[blob];
            state.answers(blob, state.store.bytes(digest), bytes);
        }
        Operation::Verify => {
            let blob = state.blob(input)?;
            state.verify(blob);
        }
        Operation::Remove => {
            let blob = state.blob(input)?;
            let digest = state.blobs[blob].0;
            let was_there = state.stored(blob) != Stored::Absent;
            assert_eq!(removed(state.store.remove(&digest)), was_there);
            state.stored.insert(digest, Stored::Absent);
        }
        Operation::Trust => {
            let blob = state.blob(input)?;
            let digest = state.blobs[blob].0;
            state.store.trust(&[digest]).expect("it is trusted");
            state.trusted.insert(digest);
        }
        Operation::Distrust => {
            let blob = state.blob(input)?;
            let digest = state.blobs[blob].0;
            let removed = state.store.distrust(&[digest]).expect("it is removed");
            assert_eq!(removed.len() == 1, state.trusted.remove(&digest));
        }
        Operation::Record => {
            let (key, blob) = (state.blob(input)?, state.blob(input)?);
            let (key, digest) = (state.blobs[key].0, state.blobs[blob].0);
            state.store.record_key(&key, &digest).expect("recorded");
            state.keys.insert(key, digest);
        }
        Operation::Overwrite => {
            let blob = state.blob(input)?;
            state.damage(blob, Damage::Overwrite);
        }
        Operation::Resize => {
            let blob = state.blob(input)?;
            state.damage(blob, Damage::Resize);
        }
        Operation::Replace => {
            let blob = state.blob(input)?;
            state.damage(blob, Damage::Replace);
        }
        Operation::Reopen => {
            state.writer = None;
            state.store = open(&state.folder);
        }
        Operation::Hold => state.hold(),
    }
    Ok(())
}

fn removed(answer: std::result::Result<bool, Error>) -> bool {
    answer.expect("it can be removed")
}

/// A range's ends, mostly small.
fn range(input: &mut Unstructured<'_>) -> Result<u64> {
    match input.arbitrary::<u8>()? {
        255 => input.arbitrary(),
        254 => Ok(u64::MAX),
        small => Ok(small.into()),
    }
}

/// Bytes, at times more than the store's buffers hold.
fn content(input: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let length = match input.arbitrary::<u8>()? {
        255 => (1 << 20) + usize::from(input.arbitrary::<u8>()?),
        small => small.into(),
    };
    let byte = input.arbitrary()?;
    Ok(vec![byte; length])
}
