//! Whether two artifacts are equivalent: valid, with the same world; and if they
//! are programs that a round runs, with the same output.

use std::path::Path;

use compositor_tests::{read, run, wasmtime_cli};
use wit_component::DecodedWasm;

use crate::run::{OURS, PEER};

/// Compiling more than this takes longer than measuring.
const RUNS: usize = 1 << 20;

/// Holds ours to the peer's.
pub fn assert_equal(folder: &Path) {
    let [ours, peer] = [OURS, PEER].map(|file| read(folder.join(file)));
    assert_eq!(world(&ours), world(&peer), "{}", folder.display());
    if ours.len() < RUNS && world(&ours).contains("wasi:cli/run") {
        let output = |file| run(wasmtime_cli().args(["run", file]).current_dir(folder)).success();
        assert_eq!(output(OURS), output(PEER), "{}", folder.display());
    }
}

/// The imports and exports of a valid component, sorted.
fn world(component: &[u8]) -> String {
    wasmparser::Validator::new()
        .validate_all(component)
        .expect("a valid artifact");
    let decoded = wit_component::decode(component).expect("a component");
    let DecodedWasm::Component(resolve, world) = decoded else {
        panic!("a component, not a WIT package");
    };
    let world = &resolve.worlds[world];
    let [imports, exports] = [&world.imports, &world.exports].map(|items| {
        let mut names: Vec<String> = items
            .keys()
            .map(|key| resolve.name_world_key(key))
            .collect();
        names.sort();
        names.join("\n")
    });
    format!("{imports}\n--\n{exports}")
}
