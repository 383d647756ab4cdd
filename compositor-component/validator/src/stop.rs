//! Why a module is not read to its end, or is not valid.

use wasmparser::WasmFeatures;

/// Why a module's stream ends early.
pub enum Stop<E> {
    /// It cannot be read.
    Read(E),
    /// It is invalid.
    Invalid(Why),
}

/// What is wrong with a module.
#[derive(Clone)]
pub struct Why {
    /// For people.
    pub message: String,
    /// A proposal that it would take, where that is said.
    pub missing: Option<WasmFeatures>,
}

impl From<wasmparser::Error> for Why {
    fn from(error: wasmparser::Error) -> Self {
        Self {
            message: error.message().to_string(),
            missing: error.missing_wasm_feature(),
        }
    }
}

impl<E> From<wasmparser::Error> for Stop<E> {
    fn from(error: wasmparser::Error) -> Self {
        Self::Invalid(error.into())
    }
}

impl From<String> for Why {
    fn from(message: String) -> Self {
        let missing = None;
        Self { message, missing }
    }
}

impl<E> From<String> for Stop<E> {
    fn from(message: String) -> Self {
        Self::Invalid(message.into())
    }
}
