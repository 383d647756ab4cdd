//! A component's types, for everybody above the parser: ids, and enums of what
//! they are the ids of. All of them are copied freely and borrow from what the
//! validator has, so that composing copies no types.

use wasmparser::PrimitiveValType;
use wasmparser::component_types as raw;

/// The types of a component. Its ids mean nothing among the types of another.
pub struct Types(pub(crate) wasmparser::types::Types);

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident($raw:ident);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $name(pub(crate) raw::$raw);
    )*};
}

ids! {
    /// A type of functions.
    FuncTypeId(ComponentFuncTypeId);
    /// A type of instances.
    InstanceTypeId(ComponentInstanceTypeId);
    /// A type of components.
    ComponentTypeId(ComponentTypeId);
    /// A type of values that a component defines, by one of its names.
    DefinedTypeId(ComponentDefinedTypeId);
    /// A resource, by one of its names.
    AliasableResourceId(AliasableResourceId);
    /// A resource, whatever its name.
    ResourceId(ResourceId);
}

impl AliasableResourceId {
    /// The resource, whatever its name.
    pub fn resource(self) -> ResourceId {
        ResourceId(self.0.resource())
    }
}

/// What an import, an export, or an item of an instance is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntityType {
    /// A function.
    Func(FuncTypeId),
    /// An instance.
    Instance(InstanceTypeId),
    /// A type, by the name that it gets here.
    Type(AnyTypeId),
    /// A value.
    Value(ValueType),
    /// A component.
    Component,
    /// A core module.
    Module,
}

impl EntityType {
    pub(crate) fn of(ty: &raw::ComponentEntityType) -> Self {
        match *ty {
            raw::ComponentEntityType::Func(id) => Self::Func(FuncTypeId(id)),
            raw::ComponentEntityType::Instance(id) => Self::Instance(InstanceTypeId(id)),
            raw::ComponentEntityType::Type { created, .. } => Self::Type(AnyTypeId::of(created)),
            raw::ComponentEntityType::Value(ty) => Self::Value(ValueType::of(ty)),
            raw::ComponentEntityType::Component(_) => Self::Component,
            raw::ComponentEntityType::Module(_) => Self::Module,
        }
    }
}

/// A type of any kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AnyTypeId {
    /// A resource.
    Resource(AliasableResourceId),
    /// A type of values.
    Defined(DefinedTypeId),
    /// A type of functions.
    Func(FuncTypeId),
    /// A type of instances.
    Instance(InstanceTypeId),
    /// A type of components.
    Component(ComponentTypeId),
}

impl AnyTypeId {
    pub(crate) fn of(id: raw::ComponentAnyTypeId) -> Self {
        match id {
            raw::ComponentAnyTypeId::Resource(id) => Self::Resource(AliasableResourceId(id)),
            raw::ComponentAnyTypeId::Defined(id) => Self::Defined(DefinedTypeId(id)),
            raw::ComponentAnyTypeId::Func(id) => Self::Func(FuncTypeId(id)),
            raw::ComponentAnyTypeId::Instance(id) => Self::Instance(InstanceTypeId(id)),
            raw::ComponentAnyTypeId::Component(id) => Self::Component(ComponentTypeId(id)),
        }
    }

    fn raw(self) -> raw::ComponentAnyTypeId {
        match self {
            Self::Resource(id) => raw::ComponentAnyTypeId::Resource(id.0),
            Self::Defined(id) => raw::ComponentAnyTypeId::Defined(id.0),
            Self::Func(id) => raw::ComponentAnyTypeId::Func(id.0),
            Self::Instance(id) => raw::ComponentAnyTypeId::Instance(id.0),
            Self::Component(id) => raw::ComponentAnyTypeId::Component(id.0),
        }
    }
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// One that is built in.
    Primitive(Primitive),
    /// One that a component defines.
    Defined(DefinedTypeId),
}

impl ValueType {
    fn of(ty: raw::ComponentValType) -> Self {
        match ty {
            raw::ComponentValType::Primitive(ty) => Self::Primitive(Primitive::of(ty)),
            raw::ComponentValType::Type(id) => Self::Defined(DefinedTypeId(id)),
        }
    }
}

macro_rules! primitives {
    ($($(#[$doc:meta])* $name:ident: $wit:literal,)*) => {
        /// A type of values that is built in.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Primitive {
            $($(#[$doc])* $name,)*
        }

        impl Primitive {
            fn of(ty: PrimitiveValType) -> Self {
                match ty {
                    $(PrimitiveValType::$name => Self::$name,)*
                }
            }

            /// Its name in WIT.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $wit,)*
                }
            }

            pub(crate) fn encoded(self) -> wasm_encoder::PrimitiveValType {
                match self {
                    $(Self::$name => wasm_encoder::PrimitiveValType::$name,)*
                }
            }
        }
    };
}

primitives! {
    /// True or false.
    Bool: "bool",
    /// A number of 8 bits with a sign.
    S8: "s8",
    /// A number of 8 bits.
    U8: "u8",
    /// A number of 16 bits with a sign.
    S16: "s16",
    /// A number of 16 bits.
    U16: "u16",
    /// A number of 32 bits with a sign.
    S32: "s32",
    /// A number of 32 bits.
    U32: "u32",
    /// A number of 64 bits with a sign.
    S64: "s64",
    /// A number of 64 bits.
    U64: "u64",
    /// A floating-point number of 32 bits.
    F32: "f32",
    /// A floating-point number of 64 bits.
    F64: "f64",
    /// A Unicode scalar value.
    Char: "char",
    /// A text.
    String: "string",
    /// What is known of an error.
    ErrorContext: "error-context",
}

/// What a type is that a component defines.
#[derive(Clone, Copy)]
pub enum DefinedType<'a> {
    /// Another name of a primitive type.
    Primitive(Primitive),
    /// Fields by name.
    Record(Record<'a>),
    /// Cases by name.
    Variant(Variant<'a>),
    /// Any number of elements.
    List(ValueType),
    /// As many elements as it says.
    FixedLengthList(ValueType, u32),
    /// Keys and their values.
    Map(ValueType, ValueType),
    /// Fields without names.
    Tuple(Tuple<'a>),
    /// The names of flags.
    Flags(Labels<'a>),
    /// The names of cases that have no value.
    Enum(Labels<'a>),
    /// A value, or none.
    Option(ValueType),
    /// What comes of success, and what of an error.
    Result(Option<ValueType>, Option<ValueType>),
    /// A handle that is passed on.
    Own(AliasableResourceId),
    /// A handle that is lent.
    Borrow(AliasableResourceId),
    /// A value that is there later.
    Future(Option<ValueType>),
    /// Values one after the other.
    Stream(Option<ValueType>),
}

/// The fields of a record.
#[derive(Clone, Copy)]
pub struct Record<'a>(&'a raw::RecordType);

/// The cases of a variant.
#[derive(Clone, Copy)]
pub struct Variant<'a>(&'a raw::VariantType);

/// The fields of a tuple.
#[derive(Clone, Copy)]
pub struct Tuple<'a>(&'a raw::TupleType);

/// Names of flags, or of cases.
#[derive(Clone, Copy)]
pub struct Labels<'a>(&'a wasmparser::collections::IndexSet<wasmparser::names::KebabString>);

impl<'a> Record<'a> {
    /// Each field, in order.
    pub fn fields(self) -> impl ExactSizeIterator<Item = (&'a str, ValueType)> {
        let fields = self.0.fields.iter();
        fields.map(|(name, ty)| (name.as_str(), ValueType::of(*ty)))
    }

    /// The type of each field, in order.
    pub fn types(self) -> impl ExactSizeIterator<Item = ValueType> {
        self.fields().map(|(_, ty)| ty)
    }
}

impl<'a> Variant<'a> {
    /// Each case with the type of its value, if it has one, in order.
    pub fn cases(self) -> impl ExactSizeIterator<Item = (&'a str, Option<ValueType>)> {
        let cases = self.0.cases.iter();
        cases.map(|(name, case)| (name.as_str(), case.ty.map(ValueType::of)))
    }

    /// The type of the value of each case, in order.
    pub fn types(self) -> impl ExactSizeIterator<Item = Option<ValueType>> {
        self.cases().map(|(_, ty)| ty)
    }
}

impl<'a> Tuple<'a> {
    /// The type of each field, in order.
    pub fn types(self) -> impl ExactSizeIterator<Item = ValueType> + use<'a> {
        self.0.types.iter().map(|ty| ValueType::of(*ty))
    }
}

impl<'a> Labels<'a> {
    /// Each name, in order.
    pub fn names(self) -> impl ExactSizeIterator<Item = &'a str> {
        self.0.iter().map(|name| name.as_str())
    }
}

/// A type of functions.
#[derive(Clone, Copy)]
pub struct FuncType<'a>(&'a raw::ComponentFuncType);

impl<'a> FuncType<'a> {
    /// Whether it is async.
    pub fn is_async(self) -> bool {
        self.0.async_
    }

    /// Each parameter, in order.
    pub fn params(self) -> impl ExactSizeIterator<Item = (&'a str, ValueType)> {
        let params = self.0.params.iter();
        params.map(|(name, ty)| (name.as_str(), ValueType::of(*ty)))
    }

    /// The type of each parameter, in order.
    pub fn param_types(self) -> impl ExactSizeIterator<Item = ValueType> + use<'a> {
        self.0.params.iter().map(|(_, ty)| ValueType::of(*ty))
    }

    /// The type of what it returns, if it returns something.
    pub fn result(self) -> Option<ValueType> {
        self.0.result.map(ValueType::of)
    }

    /// The types of parameters and result, in order.
    pub fn values(self) -> impl Iterator<Item = ValueType> + use<'a> {
        self.param_types().chain(self.result())
    }
}

/// The items of a type of instances.
#[derive(Clone, Copy)]
pub struct Items<'a>(&'a wasmparser::collections::IndexMap<String, raw::ComponentItem>);

impl<'a> Items<'a> {
    /// Each item, in order.
    pub fn iter(self) -> impl ExactSizeIterator<Item = (&'a str, EntityType)> + use<'a> {
        let items = self.0.iter();
        items.map(|(name, item)| (name.as_str(), EntityType::of(&item.ty)))
    }

    /// What each item is, in order.
    pub fn types(self) -> impl ExactSizeIterator<Item = EntityType> + use<'a> {
        self.iter().map(|(_, ty)| ty)
    }

    /// The item of a name.
    pub fn get(self, name: &str) -> Option<EntityType> {
        self.0.get(name).map(|item| EntityType::of(&item.ty))
    }

    /// The name of the item at a position.
    pub fn name(self, position: usize) -> Option<&'a str> {
        self.0.get_index(position).map(|(name, _)| name.as_str())
    }
}

impl Types {
    /// The type that a type is another name of.
    pub(crate) fn aliased(&self, ty: AnyTypeId) -> Option<AnyTypeId> {
        self.0.peel_alias(ty.raw()).map(AnyTypeId::of)
    }

    /// The type of values that a type of values is another name of.
    pub(crate) fn aliased_defined(&self, ty: DefinedTypeId) -> Option<DefinedTypeId> {
        self.0.peel_alias(ty.0).map(DefinedTypeId)
    }

    /// A type of functions.
    pub fn func(&self, id: FuncTypeId) -> FuncType<'_> {
        FuncType(&self.0[id.0])
    }

    /// The items of a type of instances.
    pub fn items(&self, id: InstanceTypeId) -> Items<'_> {
        Items(&self.0[id.0].exports)
    }

    /// What a type of values is.
    pub fn defined(&self, id: DefinedTypeId) -> DefinedType<'_> {
        use raw::ComponentDefinedType as Raw;
        let value = |ty: &raw::ComponentValType| ValueType::of(*ty);
        let optional = |ty: &Option<raw::ComponentValType>| ty.map(ValueType::of);
        match &self.0[id.0] {
            Raw::Primitive(ty) => DefinedType::Primitive(Primitive::of(*ty)),
            Raw::Record(record) => DefinedType::Record(Record(record)),
            Raw::Variant(variant) => DefinedType::Variant(Variant(variant)),
            Raw::List { element, .. } => DefinedType::List(value(element)),
            Raw::FixedLengthList {
                element, length, ..
            } => DefinedType::FixedLengthList(value(element), *length),
            Raw::Map {
                key, value: other, ..
            } => DefinedType::Map(value(key), value(other)),
            Raw::Tuple(tuple) => DefinedType::Tuple(Tuple(tuple)),
            Raw::Flags(names) => DefinedType::Flags(Labels(names)),
            Raw::Enum(names) => DefinedType::Enum(Labels(names)),
            Raw::Option { ty, .. } => DefinedType::Option(value(ty)),
            Raw::Result { ok, err, .. } => DefinedType::Result(optional(ok), optional(err)),
            Raw::Own(id) => DefinedType::Own(AliasableResourceId(*id)),
            Raw::Borrow(id) => DefinedType::Borrow(AliasableResourceId(*id)),
            Raw::Future { ty, .. } => DefinedType::Future(optional(ty)),
            Raw::Stream { ty, .. } => DefinedType::Stream(optional(ty)),
        }
    }
}
