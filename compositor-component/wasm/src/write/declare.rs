//! Where types are declared: in a component, or in the type of one.

use wasm_encoder::{Alias, ComponentExportKind, ComponentType, ComponentTypeEncoder};

use crate::write::builder::Builder;

/// What writing types takes.
pub trait Declare {
    /// The next type: its index, and what encodes it.
    fn ty(&mut self) -> (u32, ComponentTypeEncoder<'_>);
    /// A type that is an export of an instance, by itself.
    fn alias_type(&mut self, instance: u32, export: &str) -> u32;
}

impl Declare for Builder {
    fn ty(&mut self) -> (u32, ComponentTypeEncoder<'_>) {
        Builder::ty(self)
    }

    fn alias_type(&mut self, instance: u32, export: &str) -> u32 {
        self.alias(instance, ComponentExportKind::Type, export)
    }
}

impl Declare for ComponentType {
    fn ty(&mut self) -> (u32, ComponentTypeEncoder<'_>) {
        (self.type_count(), ComponentType::ty(self))
    }

    fn alias_type(&mut self, instance: u32, export: &str) -> u32 {
        let index = self.type_count();
        self.alias(Alias::InstanceExport {
            instance,
            kind: ComponentExportKind::Type,
            name: export,
        });
        index
    }
}
