//! Bytes that change through a mapped page, which changes no time of the file, in
//! the middle of whatever is done with them.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use compositor_core::Digest;
use compositor_store::{ErrorCode, Progress, Store};
use compositor_tests::Temp;
use libc::{MAP_SHARED, PROT_READ, PROT_WRITE};

use super::instance::{blob, noise};
use super::native::ours;

/// Of the files that are mapped.
pub const SIZE: usize = 3 << 20;

/// A mapped file.
pub struct Mapped(*mut u8);

// SAFETY: bytes are written one at a time, and the store copes with whatever it reads.
unsafe impl Send for Mapped {}

impl Mapped {
    /// Maps a file of that size, whose bytes stay what they are.
    pub fn new(file: &File) -> Self {
        use std::os::fd::AsRawFd as _;
        let (access, none) = (PROT_READ | PROT_WRITE, std::ptr::null_mut());
        // SAFETY: the file has that many bytes, and nothing else is mapped there.
        let at = unsafe { libc::mmap(none, SIZE, access, MAP_SHARED, file.as_raw_fd(), 0) };
        assert_ne!(at, libc::MAP_FAILED);
        // So that its pages are dirty, and writing to them changes no time any more.
        let mapped = Self(at.cast());
        (0..SIZE).step_by(4096).for_each(|at| mapped.flip(at));
        (0..SIZE).step_by(4096).for_each(|at| mapped.flip(at));
        mapped
    }

    /// Changes a byte, and back the second time.
    pub fn flip(&self, at: usize) {
        // SAFETY: it is mapped.
        unsafe {
            self.0
                .add(at)
                .write_volatile(self.0.add(at).read_volatile() ^ 1)
        };
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // SAFETY: it was mapped.
        unsafe { libc::munmap(self.0.cast(), SIZE) };
    }
}

/// Flips a byte after so many bytes were seen.
struct Flip {
    mapped: Mutex<Mapped>,
    left: AtomicU64,
    done: AtomicBool,
    at: usize,
}

impl Progress for Flip {
    fn bytes(&self, count: u64) {
        let left = self.left.load(Relaxed).saturating_sub(count);
        self.left.store(left, Relaxed);
        if left == 0 && !self.done.swap(true, Relaxed) {
            self.mapped.lock().unwrap().flip(self.at);
        }
    }
}

#[test]
fn what_is_used_is_what_was_hashed() {
    let bytes = noise(1, SIZE);
    let digest = ours(&Digest::of(&bytes));
    for at in [0, SIZE / 2 + 7, SIZE - 1] {
        // Before it is hashed, right after, and in the middle of both.
        for after in [1, SIZE / 2, SIZE - 1, SIZE, SIZE + 1, SIZE + SIZE / 2] {
            let folder = Temp::new();
            let path = folder.path().to_str().unwrap();
            let store = Arc::new(Store::open(path, None, true).unwrap());
            let mut writer = store.create(false).unwrap();
            writer.write(&bytes).unwrap();
            assert!(writer.finish().unwrap() == digest);
            let path = blob(&folder, &Digest::of(&bytes));
            let file = File::options().read(true).write(true).open(path).unwrap();
            let flip = Arc::new(Flip {
                mapped: Mutex::new(Mapped::new(&file)),
                left: AtomicU64::new(after as u64),
                done: AtomicBool::new(false),
                at,
            });
            store.watch(flip.clone());
            let _ = store.verify(&[digest]);

            // Each part that is read is good, or an error.
            for offset in (0..SIZE).step_by(300_000) {
                match store.read(&digest, offset as u64, 300_000) {
                    Ok(read) => assert!(read == bytes[offset..SIZE.min(offset + 300_000)]),
                    Err(error) => assert_eq!(error.code, ErrorCode::BlobDigestMismatch),
                }
            }
            for length in [SIZE as u64, SIZE as u64 - 1] {
                let mut writer = store.create(false).unwrap();
                let spliced = writer.splice(&digest, 0, length);
                match spliced {
                    Ok(()) => {
                        let whole = ours(&Digest::of(&bytes[..length as usize]));
                        assert!(writer.finish().unwrap() == whole, "{at} {after}");
                    }
                    Err(error) => assert_eq!(error.code, ErrorCode::BlobDigestMismatch),
                }
            }
            if let Ok(read) = store.bytes(&digest) {
                assert!(read == bytes);
            }
            // And it stays what the file now says, which a good splice replaced.
            let mut now = [0];
            let file = File::open(blob(&folder, &Digest::of(&bytes))).unwrap();
            file.read_exact_at(&mut now, at as u64).unwrap();
            let is_good = now[0] == bytes[at];
            assert_eq!(store.verify(&[digest]).remove(0).is_ok(), is_good);
            let is_flipped = flip.done.load(Relaxed);
            assert!(is_flipped, "{at} {after}: no byte was flipped");
        }
    }
}
