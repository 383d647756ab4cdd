//! A guest that calls every function that it imports: what tests know of it.

use wit_parser::abi::{AbiVariant, WasmSignature};
use wit_parser::{Function, Resolve, SizeAlign, WorldKey};

/// Where the results are in memory; what is allocated is behind them.
pub const RESULT: u32 = 1 << 16;

/// A component, and what it calls.
pub struct Guest {
    pub bytes: Vec<u8>,
    pub functions: Vec<Called>,
    /// The name of its export.
    pub call: String,
    pub resolve: Resolve,
    pub sizes: SizeAlign,
}

/// A function that is imported.
#[derive(Clone, Debug)]
pub struct Called {
    /// `INTERFACE#NAME`, or the name alone.
    pub name: String,
    pub interface: Option<WorldKey>,
    pub function: Function,
}

impl Guest {
    /// The index of a function.
    pub fn index(&self, name: &str) -> usize {
        let found = self.functions.iter().position(|called| called.name == name);
        found.unwrap_or_else(|| panic!("nothing calls {name}"))
    }
}

/// How a function is called.
pub fn signature(guest: &Guest, function: &Function) -> WasmSignature {
    guest
        .resolve
        .wasm_signature(AbiVariant::GuestImport, function)
}
