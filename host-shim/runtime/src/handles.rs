//! What the host holds behind a guest's handles.
//!
//! The fields of a request, and what was written to a stream and is not sent yet,
//! are the host's memory. No account counts them byte by byte; instead there are
//! only so many handles, and behind each only so much, that all of them together
//! take no more than the guest's memory may.

/// Bytes behind a handle, below which programs would hardly work: a request's
/// fields, or a part of a body.
const LEAST: u64 = 16 << 10;

/// Bytes of the fields of one handle at the most, as the runtime has it.
const FIELDS: u64 = 128 << 10;

/// Bytes of one write to a body at the most: more is no faster.
const CHUNK: u64 = 256 << 10;

/// How many handles a guest may hold, and what may be behind each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handles {
    /// How many.
    pub count: usize,
    /// Bytes of the fields of one.
    pub fields: usize,
    /// Bytes of one write to a body, of which the host holds up to two.
    pub chunk: usize,
}

impl Handles {
    /// Of a guest that may hold so many, with so many bytes of memory.
    pub fn new(handles: u64, memory_bytes: u64) -> Self {
        let count = handles.min(memory_bytes / LEAST);
        let behind = memory_bytes / count.max(1);
        // What does not fit is more than there can be.
        let size = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
        Self {
            count: size(count),
            fields: size(behind.min(FIELDS)),
            chunk: size((behind / 2).min(CHUNK)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_them_fit_into_the_memory() {
        for memory in [0, 1 << 20, 64 << 20, 1 << 30, 4 << 30, u64::MAX] {
            for handles in [0, 1, 100, 10_000, 100_000, u64::MAX] {
                let of = Handles::new(handles, memory);
                let behind = of.fields.max(2 * of.chunk) as u128;
                assert!(of.count as u128 * behind <= u128::from(memory), "{of:?}");
                assert!(of.count as u64 <= handles);
            }
        }
    }

    #[test]
    fn a_request_has_what_programs_take() {
        let of = Handles::new(10_000, 1 << 30);
        assert_eq!(of.count, 10_000);
        assert!(of.fields > 100_000 && of.chunk > 50_000, "{of:?}");
    }
}
