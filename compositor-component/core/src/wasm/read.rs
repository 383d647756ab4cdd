//! A component's types and names in one parse, which validates all but code.

use wasmparser::types::Types;
use wasmparser::{Parser, Payload, ValidPayload, Validator};

use crate::wasm::WorldError;

/// Names of the outermost component's imports and exports, in order.
#[derive(Default)]
pub struct Names {
    pub imports: Vec<String>,
    pub exports: Vec<String>,
}

/// What the validator says, without the numbers that it has for resources: they
/// count everything that the process validated before.
fn said(message: &str) -> String {
    let lines = message.lines();
    let lines = lines.map(|line| line.split(" (ResourceId").next().unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// Validates a component but for its code; one parse gives its types and its names.
/// At a depth, it is the component that is embedded in as many others; what these
/// have behind it is not looked at.
pub fn read(skeleton: &[u8], depth: usize) -> Result<(Types, Names), WorldError> {
    let invalid = |error: wasmparser::Error| WorldError::Invalid(said(error.message()));
    let mut validator = Validator::new_with_features(crate::wasm::FEATURES);
    let mut names = Names::default();
    let mut around = 0;
    let mut parser = Parser::new(0);
    parser.set_features(crate::wasm::FEATURES);
    for payload in parser.parse_all(skeleton) {
        let payload = payload.map_err(invalid)?;
        match validator.payload(&payload).map_err(invalid)? {
            ValidPayload::Parser(_) => around += 1,
            ValidPayload::End(types) if around == depth => return Ok((types, names)),
            ValidPayload::End(_) => around -= 1,
            // Code has no part in types; the store validates it.
            ValidPayload::Func(..) | ValidPayload::Ok => {}
        }
        match payload {
            Payload::ComponentImportSection(section) if around == depth => {
                for import in section {
                    names
                        .imports
                        .push(import.map_err(invalid)?.name.name.to_string());
                }
            }
            Payload::ComponentExportSection(section) if around == depth => {
                for export in section {
                    names
                        .exports
                        .push(export.map_err(invalid)?.name.name.to_string());
                }
            }
            _ => {}
        }
    }
    Err(WorldError::Invalid("it does not end".into()))
}
