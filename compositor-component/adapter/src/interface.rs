//! One import, virtualized: a component whose exports are the import's own.
//!
//! An instance of it is what the import asks for. It needs the resources that
//! the import's types are made of and that it does not define itself, as
//! imports `t0`, `t1` and so on, and the functions of the deterministic source.

use std::collections::{HashMap, HashSet};

use super::code::Core;
use super::interface_writer::{InterfaceRequest, InterfaceWriter, Need};
use compositor_plan::Decision;
use compositor_wasm::write::types::{Outer, Untypable};

/// A component that virtualizes an import.
pub struct Interface {
    pub bytes: Vec<u8>,
    /// What it imports, in order.
    pub needs: Vec<Need>,
}

/// Writes the component.
pub fn interface(wanted: InterfaceRequest<'_>) -> Result<Interface, Untypable> {
    let mut writer = InterfaceWriter {
        wanted,
        outer: Outer::default(),
        needs: Vec::new(),
        named: HashSet::new(),
        own: HashSet::new(),
        exported: HashMap::new(),
        resources: HashMap::new(),
        core: Core::default(),
        functions: Vec::new(),
        intrinsics: Vec::new(),
        stream: None,
    };
    writer.names();
    writer.import_types()?;
    match wanted.decision {
        Decision::Recorded => writer.record()?,
        _ => {
            writer.export_types()?;
            writer.functions()?;
        }
    }
    Ok(Interface {
        bytes: writer.outer.builder.finish(),
        needs: writer.needs,
    })
}
