//! Where the checkout and what `cargo xtask` built are.

use std::path::{Path, PathBuf};

/// The folder of the checkout.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests are a folder of the checkout")
}

/// A file of `dist/`: `compositor.wasm`, `compositor-core.wasm`, `composectl`,
/// `parts/store.wasm`.
///
/// # Panics
///
/// When it was not built.
pub fn dist(name: &str) -> PathBuf {
    let path = root().join("dist").join(name);
    assert!(
        path.exists(),
        "{} was not built: run `cargo xtask test`",
        path.display()
    );
    path
}

/// The component made of a guest program, `dist/guests/NAME.wasm`.
///
/// # Panics
///
/// When it was not built.
pub fn guest(name: &str) -> PathBuf {
    dist(&format!("guests/{name}.wasm"))
}

/// The bytes of a file.
///
/// # Panics
///
/// When it cannot be read.
pub fn read(path: impl AsRef<Path>) -> Vec<u8> {
    let path = path.as_ref();
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
