//! Embeds the compositor component. `cargo xtask dist` composes it first and
//! says where it is; a plain `cargo build` makes a program that says so.

use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-env-changed=COMPOSITOR_WASM");
    println!("cargo::rerun-if-changed=build.rs");
    let bytes = match env::var_os("COMPOSITOR_WASM") {
        Some(path) => {
            let path = Path::new(&path);
            println!("cargo::rerun-if-changed={}", path.display());
            fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        }
        None => Vec::new(),
    };
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR for build scripts");
    let out = Path::new(&out).join("compositor.wasm");
    fs::write(&out, bytes).unwrap_or_else(|error| panic!("{}: {error}", out.display()));
}
