//! Several instances on one folder at once. To the folder, threads with an
//! instance each are what processes are.

use std::sync::Barrier;
use std::thread;

use compositor_core::Digest;
use compositor_tests::Temp;

use super::form::On;
use super::instance::{Instance, names, noise};

both!(
    the_same_blobs,
    put_read_and_remove,
    no_trust_is_lost_or_comes_back,
    a_record_is_one_of_those_written,
);

const THREADS: usize = 4;

/// The form of each thread's instance.
struct Forms([On; THREADS]);

impl From<On> for Forms {
    fn from(on: On) -> Self {
        Self([on; THREADS])
    }
}

/// Both forms at once.
mod together {
    use super::{Forms, On};

    const MIXED: Forms = Forms([On::Component, On::Native, On::Native, On::Component]);

    #[test]
    fn the_same_blobs() {
        super::the_same_blobs(MIXED);
    }

    #[test]
    fn put_read_and_remove() {
        super::put_read_and_remove(MIXED);
    }

    #[test]
    fn no_trust_is_lost_or_comes_back() {
        super::no_trust_is_lost_or_comes_back(MIXED);
    }

    #[test]
    fn a_record_is_one_of_those_written() {
        super::a_record_is_one_of_those_written(MIXED);
    }
}

/// Runs a step in each of some instances, all at once.
fn at_once(forms: impl Into<Forms>, folder: &Temp, step: impl Fn(usize, &mut dyn Instance) + Sync) {
    let Forms(forms) = forms.into();
    let barrier = Barrier::new(THREADS);
    thread::scope(|scope| {
        for (number, on) in forms.into_iter().enumerate() {
            let (barrier, step) = (&barrier, &step);
            scope.spawn(move || {
                let mut instance = on.inside(folder.path());
                barrier.wait();
                instance.open(".", true).unwrap();
                step(number, &mut *instance);
            });
        }
    });
}

fn the_same_blobs(forms: impl Into<Forms>) {
    let folder = Temp::new();
    let blobs: Vec<Vec<u8>> = (0..30).map(|seed| noise(seed, 40_000)).collect();
    at_once(forms, &folder, |_, store| {
        for bytes in &blobs {
            let digest = store.put(bytes).unwrap();
            assert!(store.get(&digest).unwrap() == *bytes);
            assert!(
                store
                    .list()
                    .unwrap()
                    .iter()
                    .all(|(_, size)| *size == Some(40_000))
            );
        }
    });
    let mut digests: Vec<_> = blobs.iter().map(|bytes| Digest::of(bytes).hex()).collect();
    digests.sort();
    assert_eq!(names(&folder.join("blobs/sha256")), digests);
    let layout = ["blobs", "index.json", "oci-layout", "tmp"];
    assert_eq!(names(folder.path()), layout);
}

fn put_read_and_remove(forms: impl Into<Forms>) {
    let folder = Temp::new();
    let bytes = noise(1, 100_000);
    let digest = Digest::of(&bytes);
    at_once(forms, &folder, |number, store| {
        for _ in 0..40 {
            if number % 2 == 0 {
                store.put(&bytes).unwrap();
                store.remove(&digest).unwrap();
            } else if let Ok(read) = store.get(&digest) {
                assert!(read == bytes);
                store.list().unwrap();
            }
        }
    });
}

fn no_trust_is_lost_or_comes_back(forms: impl Into<Forms>) {
    let folder = Temp::new();
    let digest = |thread: usize, number: usize| Digest::of(format!("{thread}/{number}").as_bytes());
    at_once(forms, &folder, |thread, store| {
        for number in 0..25 {
            store.trust(&[digest(thread, number)]).unwrap();
            store.trusted(&digest(thread, number)).unwrap();
            if number % 5 == 0 {
                let removed = store.distrust(&[digest(thread, number)]).unwrap();
                assert_eq!(removed, [digest(thread, number)]);
            }
        }
    });
    let mut expected: Vec<Digest> = (0..THREADS)
        .flat_map(|thread| (0..25).map(move |number| (thread, number)))
        .filter(|(_, number)| number % 5 != 0)
        .map(|(thread, number)| digest(thread, number))
        .collect();
    expected.sort();
    let mut store = On::Native.over(folder.path());
    assert_eq!(store.list_trusted().unwrap(), expected);
}

fn a_record_is_one_of_those_written(forms: impl Into<Forms>) {
    let folder = Temp::new();
    let key = Digest::of(b"key");
    let written: Vec<Digest> = (0..THREADS).map(|n| Digest::of(&[n as u8])).collect();
    at_once(forms, &folder, |number, store| {
        for _ in 0..25 {
            store.record(&key, &written[number]).unwrap();
            let found = store.find_key(&key).unwrap().expect("a record");
            assert!(written.contains(&found));
        }
    });
    assert_eq!(names(&folder.join("cache")), [key.hex()]);
}
