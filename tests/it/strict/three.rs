//! A component of WASI 0.3.

use compositor_tests::read;

use super::super::exec::fixture::bytes;
use super::{ambient, number, said, stock, strict};

const HOUR: f64 = 3.6e12;

#[test]
fn wasi_0_3_is_the_same_everywhere() {
    let component = bytes("deterministic-three");
    assert!(ambient(&component).len() >= 5, "{:?}", ambient(&component));
    let folder = strict(component);
    let artifact = ambient(&read(folder.0.join("artifact.wasm")));
    assert!(artifact.is_empty(), "{artifact:?}");

    let here = || folder.invoke(&[], &["report()"]).success();
    let options = ["-Wcomponent-model-async", "--invoke", "report()"];
    let printed = here();
    assert_eq!(here(), printed, "composectl, again");
    for turn in ["first", "second"] {
        assert_eq!(stock(&folder, &options, &[]), printed, "wasmtime, {turn}");
    }

    let report = printed.trim().trim_matches('"').replace("\\n", "\n");
    assert_eq!(said(&report, "date"), "(946684800, 1000000)");
    let within = |name: &str, from: f64| {
        let found = number(&report, name);
        assert!((from..from + 1e9).contains(&found), "{name}: {found} ns");
    };
    within("waited", HOUR);
    within("waited until", HOUR);
    within("until the past", HOUR);
    assert_eq!(said(&report, "bytes").split(',').count(), 100);
    assert_ne!(said(&report, "number"), said(&report, "insecure number"));
}
