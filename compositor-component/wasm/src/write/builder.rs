//! A component written item by item, with its index spaces counted.
//!
//! `wasm_encoder::ComponentBuilder` does the same, but has no way to write an
//! instance of inline exports, which the compositor needs for interfaces of
//! types alone.

use wasm_encoder::{
    Alias, CanonicalFunctionSection, CanonicalOption, Component, ComponentAliasSection,
    ComponentExportKind, ComponentExportSection, ComponentExternName, ComponentImportSection,
    ComponentInstanceSection, ComponentNameSection, ComponentOuterAliasKind, ComponentSectionId,
    ComponentTypeEncoder, ComponentTypeRef, ComponentTypeSection, ExportKind, InstanceSection,
    InstanceType, Module, ModuleArg, ModuleSection, NameMap, RawSection,
};

/// A component in the making.
#[derive(Default)]
pub struct Builder {
    component: Component,
    pending: Pending,
    types: u32,
    instances: u32,
    components: u32,
    funcs: u32,
    values: u32,
    modules: u32,
    core_instances: u32,
    core_funcs: u32,
    core_memories: u32,
    instance_names: NameMap,
    component_names: NameMap,
}

/// The section that items are being added to.
#[derive(Default)]
enum Pending {
    #[default]
    None,
    Types(ComponentTypeSection),
    Imports(ComponentImportSection),
    Aliases(ComponentAliasSection),
    Instances(ComponentInstanceSection),
    Exports(ComponentExportSection),
    CoreInstances(InstanceSection),
    Canonical(CanonicalFunctionSection),
}

macro_rules! pending {
    ($self:ident, $kind:ident) => {{
        if !matches!($self.pending, Pending::$kind(_)) {
            $self.flush();
            $self.pending = Pending::$kind(Default::default());
        }
        match &mut $self.pending {
            Pending::$kind(section) => section,
            _ => unreachable!("set above"),
        }
    }};
}

impl Builder {
    /// The next type: its index, and what encodes it.
    pub fn ty(&mut self) -> (u32, ComponentTypeEncoder<'_>) {
        let index = take(&mut self.types);
        (index, pending!(self, Types).ty())
    }

    /// An instance type.
    pub fn type_instance(&mut self, ty: &InstanceType) -> u32 {
        pending!(self, Types).instance(ty);
        take(&mut self.types)
    }

    /// An import.
    pub fn import(&mut self, name: ComponentExternName<'_>, ty: ComponentTypeRef) -> u32 {
        pending!(self, Imports).import(name, ty);
        let kind = match ty {
            ComponentTypeRef::Module(_) => ComponentExportKind::Module,
            ComponentTypeRef::Func(_) => ComponentExportKind::Func,
            ComponentTypeRef::Value(_) => ComponentExportKind::Value,
            ComponentTypeRef::Type(_) => ComponentExportKind::Type,
            ComponentTypeRef::Instance(_) => ComponentExportKind::Instance,
            ComponentTypeRef::Component(_) => ComponentExportKind::Component,
        };
        self.next(kind)
    }

    /// An export of an instance, by itself.
    pub fn alias(&mut self, instance: u32, kind: ComponentExportKind, name: &str) -> u32 {
        pending!(self, Aliases).alias(Alias::InstanceExport {
            instance,
            kind,
            name,
        });
        self.next(kind)
    }

    /// An embedded component.
    pub fn component(&mut self, name: &str, bytes: &[u8]) -> u32 {
        self.flush();
        self.component.section(&RawSection {
            id: ComponentSectionId::Component.into(),
            data: bytes,
        });
        self.component_names.append(self.components, name);
        take(&mut self.components)
    }

    /// How many instances it has.
    pub fn instances(&self) -> usize {
        self.instances as usize
    }

    /// A component of this component, at a count of 0, or of one around it.
    pub fn outer_component(&mut self, name: &str, count: u32, index: u32) -> u32 {
        pending!(self, Aliases).alias(Alias::Outer {
            kind: ComponentOuterAliasKind::Component,
            count,
            index,
        });
        self.component_names.append(self.components, name);
        take(&mut self.components)
    }

    /// An instance of an embedded component.
    pub fn instantiate(
        &mut self,
        name: &str,
        component: u32,
        arguments: Vec<(&str, ComponentExportKind, u32)>,
    ) -> u32 {
        pending!(self, Instances).instantiate(component, arguments);
        self.instance_names.append(self.instances, name);
        take(&mut self.instances)
    }

    /// An instance of types that are there.
    pub fn instance_of_types(&mut self, types: &[(&str, u32)]) -> u32 {
        let exports = types
            .iter()
            .map(|(name, index)| (*name, ComponentExportKind::Type, *index));
        pending!(self, Instances).export_items(exports.collect::<Vec<_>>());
        take(&mut self.instances)
    }

    /// An export; it adds an item to the index space of its kind.
    pub fn export(
        &mut self,
        name: ComponentExternName<'_>,
        kind: ComponentExportKind,
        index: u32,
    ) -> u32 {
        self.export_as(name, kind, index, None)
    }

    /// An export under a type of its own, if there is one.
    pub fn export_as(
        &mut self,
        name: ComponentExternName<'_>,
        kind: ComponentExportKind,
        index: u32,
        ty: Option<ComponentTypeRef>,
    ) -> u32 {
        pending!(self, Exports).export(name, kind, index, ty);
        self.next(kind)
    }

    /// A core module.
    pub fn core_module(&mut self, module: &Module) -> u32 {
        self.flush();
        self.component.section(&ModuleSection(module));
        take(&mut self.modules)
    }

    /// A core instance of functions that are there, under their positions, and
    /// of a memory.
    pub fn core_items(&mut self, functions: &[u32], memory: Option<u32>) -> u32 {
        let names = (0..functions.len()).map(|position| position.to_string());
        let functions = names.zip(functions);
        let mut items: Vec<(String, ExportKind, u32)> = functions
            .map(|(name, function)| (name, ExportKind::Func, *function))
            .collect();
        items.extend(memory.map(|memory| ("memory".to_string(), ExportKind::Memory, memory)));
        pending!(self, CoreInstances).export_items(items);
        take(&mut self.core_instances)
    }

    /// An instance of a core module; it imports from one instance at most.
    pub fn core_instantiate(&mut self, module: u32, from: Option<(&str, u32)>) -> u32 {
        let from = from.map(|(name, instance)| (name, ModuleArg::Instance(instance)));
        pending!(self, CoreInstances).instantiate(module, from.into_iter().collect::<Vec<_>>());
        take(&mut self.core_instances)
    }

    /// A function or the memory of a core instance.
    pub fn core_alias(&mut self, instance: u32, kind: ExportKind, name: &str) -> u32 {
        pending!(self, Aliases).alias(Alias::CoreInstanceExport {
            instance,
            kind,
            name,
        });
        take(match kind {
            ExportKind::Memory => &mut self.core_memories,
            _ => &mut self.core_funcs,
        })
    }

    /// A core function that the component model has built in.
    pub fn canonical(&mut self, write: impl FnOnce(&mut CanonicalFunctionSection)) -> u32 {
        write(pending!(self, Canonical));
        take(&mut self.core_funcs)
    }

    /// A function made of a core function.
    pub fn lift(&mut self, core: u32, ty: u32, options: Vec<CanonicalOption>) -> u32 {
        pending!(self, Canonical).lift(core, ty, options);
        take(&mut self.funcs)
    }

    /// The component, with names for debuggers.
    pub fn finish(mut self) -> Vec<u8> {
        self.flush();
        let mut names = ComponentNameSection::new();
        names.components(&self.component_names);
        names.instances(&self.instance_names);
        self.component.section(&names);
        self.component.finish()
    }

    fn next(&mut self, kind: ComponentExportKind) -> u32 {
        take(match kind {
            ComponentExportKind::Module => &mut self.modules,
            ComponentExportKind::Func => &mut self.funcs,
            ComponentExportKind::Value => &mut self.values,
            ComponentExportKind::Type => &mut self.types,
            ComponentExportKind::Instance => &mut self.instances,
            ComponentExportKind::Component => &mut self.components,
        })
    }

    fn flush(&mut self) {
        match std::mem::take(&mut self.pending) {
            Pending::None => {}
            Pending::Types(section) => drop(self.component.section(&section)),
            Pending::Imports(section) => drop(self.component.section(&section)),
            Pending::Aliases(section) => drop(self.component.section(&section)),
            Pending::Instances(section) => drop(self.component.section(&section)),
            Pending::Exports(section) => drop(self.component.section(&section)),
            Pending::CoreInstances(section) => drop(self.component.section(&section)),
            Pending::Canonical(section) => drop(self.component.section(&section)),
        }
    }
}

fn take(count: &mut u32) -> u32 {
    let index = *count;
    *count += 1;
    index
}
