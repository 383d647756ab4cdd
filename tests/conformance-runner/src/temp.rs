//! Folders that go when the test ends.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// An empty folder of one test.
pub struct Temp(PathBuf);

impl Temp {
    /// Makes one, named after the process and a counter: tests of one process
    /// run at the same time, and so may two checkouts.
    #[expect(clippy::new_without_default, reason = "it writes to the disk")]
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("compositor-test-{}-{count}", std::process::id());
        let path = std::env::temp_dir().join(name);
        // A process with the same id may have died before it could clean up.
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self(path)
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A path in it.
    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file in it, with the folders it needs, and returns its path.
    pub fn write(&self, name: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.join(name);
        let written = path
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(&path, bytes));
        written.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        path
    }
}

/// Where the state is kept of a user who knows a folder alone: beside it, because
/// a guest may be lent what is in it.
pub fn state_of(folder: &Path) -> PathBuf {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    folder.with_file_name(format!(".{name}-state"))
}

impl Drop for Temp {
    fn drop(&mut self) {
        // A folder that stays behind is no reason to fail a test.
        let _ = std::fs::remove_dir_all(&self.0);
        let _ = std::fs::remove_dir_all(state_of(&self.0));
    }
}
