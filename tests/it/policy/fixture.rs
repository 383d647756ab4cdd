//! Plans under a policy, and what comes of their artifacts.

use std::collections::BTreeMap;

use compositor_tests::Compiled;
pub use test_generate::plan::{Plan, plan};
use wasmtime::component::Val;
use wasmtime_wasi::WasiCtxBuilder;

use super::describe::outcome;
use super::guest::Guest;

/// The names of a component's own imports that have functions, and those that
/// have none.
pub fn imports(component: &[u8]) -> (Vec<String>, Vec<String>) {
    let imports = test_generate::functions(component).into_iter();
    let (open, types): (Vec<_>, Vec<_>) = imports.partition(|(_, functions)| !functions.is_empty());
    let names = |of: Vec<(String, _)>| of.into_iter().map(|(name, _)| name).collect();
    (names(open), names(types))
}

/// What comes of each call of a guest, each in an instance of its own.
pub fn outcomes(
    guest: &Guest,
    artifact: &[u8],
    wasi: impl Fn() -> WasiCtxBuilder,
) -> BTreeMap<String, String> {
    let compiled = Compiled::new(artifact).unwrap_or_else(|error| panic!("{error:?}"));
    let functions = guest.functions.iter().enumerate();
    let tried = functions.filter(|(_, called)| !is_base(&called.name));
    let tried = tried.map(|(index, called)| {
        let started = compiled.start(wasi());
        let mut started = started.unwrap_or_else(|error| panic!("{error:?}"));
        let mut call = || match started.call(&guest.call, &[Val::U32(index as u32)]) {
            Ok(values) => Ok(bytes(&values)),
            Err(error) => Err(format!("{error:?}")),
        };
        let result = call();
        // Handles that a call leaves behind would be in the next one's way.
        if result.is_ok()
            && let Err(trap) = call()
        {
            panic!("{}: a second call {trap}", called.name);
        }
        (called.name.clone(), outcome(guest, index, result))
    });
    tried.collect()
}

fn bytes(values: &[Val]) -> Vec<u8> {
    let [Val::List(bytes)] = values else {
        panic!("{values:?} is not a list of bytes");
    };
    let byte = |value: &Val| match value {
        Val::U8(byte) => *byte,
        _ => panic!("{value:?} is not a byte"),
    };
    bytes.iter().map(byte).collect()
}

/// Whether a name is of what is always there.
pub fn is_base(name: &str) -> bool {
    let of = |start: &str| name.starts_with(start);
    of("wasi:io/")
        || of("wasi:cli/types@")
        || of("wasi:cli/std")
        || of("wasi:cli/exit@")
        || of("wasi:cli/terminal-")
}
