//! A program, as the interface has it.

use crate::bindings::sys::compose::runner::Program;

/// The id that names a program.
pub fn id_of(program: &Program) -> String {
    let part = program.parts.first();
    part.map(|part| part.id.clone()).unwrap_or_default()
}
