//! What the table of a plan's fields is made of. The table itself is `types.rs`; it drives
//! reading and writing in both forms, and the schema files are held to it by a test.

use compositor_diagnostic::limits::Limits;

/// A field of a plan or of something in it: what a schema says of it.
#[derive(Clone, Copy)]
pub struct FieldSchema {
    /// What JSON calls it.
    pub name: &'static str,
    /// The integer that stands for the name in CBOR; none for what is in JSON alone.
    pub key: Option<u64>,
    /// What a value of it looks like.
    pub shape: Shape,
    /// Whether it may be left out.
    pub presence: Presence,
}

/// Whether a field may be left out. What may is null in JSON just as well.
#[derive(Clone, Copy)]
pub enum Presence {
    /// It must be there.
    Required,
    /// It may be left out, which is not the same as any value of it.
    Optional,
    /// It may be left out while a plan is not locked. CBOR is written of locked plans.
    UntilLocked,
    /// It may be left out, which is the same as its default.
    Default {
        /// The default, in JSON.
        value: fn() -> serde_json::Value,
        /// Whether JSON is written with it all the same.
        in_json: bool,
        /// Whether CBOR is, and has to be.
        in_cbor: bool,
    },
}

impl Presence {
    /// Whether JSON may not leave it out.
    pub fn is_required(self) -> bool {
        matches!(self, Self::Required)
    }

    /// Whether canonical CBOR always has it.
    pub fn is_in_cbor(self) -> bool {
        match self {
            Self::Required | Self::UntilLocked => true,
            Self::Optional => false,
            Self::Default { in_cbor, .. } => in_cbor,
        }
    }
}

/// What a value looks like.
#[derive(Clone, Copy)]
pub enum Shape {
    /// A text, or an integer where JSON has one; the name that the schemas give the rule.
    Plain(&'static str),
    /// 32 bytes, which JSON may have in hexadecimal digits; the name of the rule.
    Digest(&'static str),
    /// One of these words. In CBOR, the place that it has among them.
    OneOf(&'static [&'static str]),
    /// An object; in CBOR, a map. What it is, as messages say, such as "a component".
    Object(&'static str, &'static [FieldSchema]),
    /// An array of such values.
    List {
        /// What an item looks like.
        item: &'static Shape,
        /// Whether it may be empty.
        may_be_empty: bool,
        /// How many items it may have.
        most: Most,
    },
}

/// A limit on the items of a list, by its name.
#[derive(Clone, Copy)]
pub struct Most {
    /// The name that the limit is set by.
    pub name: &'static str,
    /// Its value.
    pub of: fn(&Limits) -> usize,
}

impl Most {
    pub(crate) const COMPONENTS: Self = Self {
        name: "components",
        of: |limits| limits.components,
    };
    pub(crate) const BINDINGS: Self = Self {
        name: "bindings",
        of: |limits| limits.bindings,
    };
    pub(crate) const LIST_ITEMS: Self = Self {
        name: "list-items",
        of: |limits| limits.list_items,
    };
}
