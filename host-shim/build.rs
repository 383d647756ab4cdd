//! Embeds the compositor component. `cargo xtask dist` composes it first and
//! says where it is; a plain `cargo build` makes a program that says so.

use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-env-changed=COMPOSITOR_CWASM");
    println!("cargo::rerun-if-changed=build.rs");
    let bytes = match env::var_os("COMPOSITOR_CWASM") {
        Some(path) => {
            let path = Path::new(&path);
            println!("cargo::rerun-if-changed={}", path.display());
            // The first time there is none: this program compiles it.
            fs::read(path).unwrap_or_default()
        }
        None => Vec::new(),
    };
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR for build scripts");
    let out = Path::new(&out).join("compositor.cwasm");
    fs::write(&out, bytes).unwrap_or_else(|error| panic!("{}: {error}", out.display()));
}
