//! The kinds of values that a plan's fields have: how each is read, and how it is written.

use std::marker::PhantomData;

use crate::choice::Words;
use crate::fields::Reader;
use crate::table::{FieldSchema, Most, Shape};
use compositor_diagnostic::tree::Node;
use compositor_diagnostic::{Digest, Remedy};

/// A kind of value.
pub trait Kind {
    /// What a plan has of it.
    type Value;
    /// What it looks like in the schemas.
    const SHAPE: Shape;
    /// How many of them a list may have.
    const MOST: Most = Most::LIST_ITEMS;

    /// Reads a value; `None` has been reported.
    fn read(reader: &mut Reader<'_>, node: &Node, pointer: String) -> Option<Self::Value>;

    /// Writes a value in one of the two forms.
    fn write<F: Form>(value: &Self::Value) -> F;
}

/// A value as it is written: JSON or canonical CBOR.
pub trait Form: Sized {
    /// Whether it is CBOR.
    const IS_CBOR: bool;

    /// A text.
    fn text(text: &str) -> Self;
    /// A whole number.
    fn number(number: u64) -> Self;
    /// A digest.
    fn digest(digest: &Digest) -> Self;
    /// One of few words, each of which has a number.
    fn word(number: u64, word: &str) -> Self;
    /// Values in order.
    fn list(items: impl ExactSizeIterator<Item = Self>) -> Self;
    /// The fields that are there and that it has, in the order of the table.
    fn object(fields: impl Iterator<Item = (&'static FieldSchema, Self)>) -> Self;
}

/// Declares kinds of texts: what each is, the name of its rule in the schemas, and what
/// of [`Reader`] reads it.
macro_rules! texts {
    ($($(#[$about:meta])* $kind:ident = $rule:literal, $read:ident;)+) => {$(
        $(#[$about])*
        pub struct $kind;

        impl Kind for $kind {
            type Value = String;
            const SHAPE: Shape = Shape::Plain($rule);

            fn read(reader: &mut Reader<'_>, node: &Node, pointer: String) -> Option<String> {
                reader.$read(node, pointer)
            }

            fn write<F: Form>(text: &String) -> F {
                F::text(text)
            }
        }
    )+};
}

texts! {
    /// What a component, a secret or a tenant is called.
    Id = "id", id;
    /// A text that means something: not empty, in one form, on one line.
    Name = "name", name;
    /// A text for people or their editors, of which nothing follows.
    Note = "note", note;
    /// What a rule of a policy is about.
    RuleName = "rule-name", rule_name;
    /// What is asked for: what a rule may be about, or an import that has no package.
    CapabilityName = "name", capability_name;
}

/// Declares kinds of digests, each with what to do about one that is none.
macro_rules! digests {
    ($($(#[$about:meta])* $kind:ident = $rule:literal, $help:literal, [$($remedy:ident),+];)+) => {$(
        $(#[$about])*
        pub struct $kind;

        impl Kind for $kind {
            type Value = Digest;
            const SHAPE: Shape = Shape::Digest($rule);

            fn read(reader: &mut Reader<'_>, node: &Node, pointer: String) -> Option<Digest> {
                reader.digest(node, pointer, $help, &[$(Remedy::$remedy),+])
            }

            fn write<F: Form>(digest: &Digest) -> F {
                F::digest(digest)
            }
        }
    )+};
}

digests! {
    /// The digest of a component's bytes.
    BlobDigest = "digest",
        "write the digest of the file, or leave it out and lock the plan",
        [PutBlob, LockPlan];
    /// The canon:wit id of a world.
    WorldId = "world", "write the id of the component's world", [IdentifyWorld];
}

/// A number that every reader of JSON keeps exactly.
pub struct Count;

impl Kind for Count {
    type Value = u64;
    const SHAPE: Shape = Shape::Plain("count");

    fn read(reader: &mut Reader<'_>, node: &Node, pointer: String) -> Option<u64> {
        reader.count(node, pointer)
    }

    fn write<F: Form>(count: &u64) -> F {
        F::number(*count)
    }
}

/// One of the words of a `choice!`.
pub struct Choice<T>(PhantomData<T>);

impl<T: Words> Kind for Choice<T> {
    type Value = T;
    const SHAPE: Shape = Shape::OneOf(T::WORDS);

    fn read(reader: &mut Reader<'_>, node: &Node, pointer: String) -> Option<T> {
        reader.choice(node, pointer, T::CHOICES)
    }

    fn write<F: Form>(chosen: &T) -> F {
        F::word(chosen.number(), chosen.word())
    }
}

/// Whether something is required; else it is optional.
pub struct Level;

impl Kind for Level {
    type Value = bool;
    const SHAPE: Shape = Shape::OneOf(&["required", "optional"]);

    fn read(reader: &mut Reader<'_>, node: &Node, pointer: String) -> Option<bool> {
        reader.choice(node, pointer, &[("required", true), ("optional", false)])
    }

    fn write<F: Form>(is_required: &bool) -> F {
        match is_required {
            true => F::word(0, "required"),
            false => F::word(1, "optional"),
        }
    }
}

/// The version of the schema, of which there is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Version;

impl Kind for Version {
    type Value = Self;
    const SHAPE: Shape = Shape::Plain("version");

    fn read(reader: &mut Reader<'_>, node: &Node, pointer: String) -> Option<Self> {
        reader.choice(node, pointer, &[("1", Self)])
    }

    fn write<F: Form>(_: &Self) -> F {
        F::text("1")
    }
}

/// An array.
pub struct List<K>(PhantomData<K>);

impl<K: Kind> Kind for List<K> {
    type Value = Vec<K::Value>;
    const SHAPE: Shape = Shape::List {
        item: &K::SHAPE,
        may_be_empty: true,
        most: K::MOST,
    };

    fn read(reader: &mut Reader<'_>, node: &Node, pointer: String) -> Option<Self::Value> {
        reader.items(node, pointer, K::MOST, K::read)
    }

    fn write<F: Form>(items: &Self::Value) -> F {
        F::list(items.iter().map(K::write))
    }
}

/// The components that something is for. Left out it means all of them, so that none of
/// them is not a list.
pub struct Components;

impl Kind for Components {
    type Value = Vec<String>;
    const SHAPE: Shape = Shape::List {
        item: &Id::SHAPE,
        may_be_empty: false,
        most: Most::COMPONENTS,
    };

    fn read(reader: &mut Reader<'_>, node: &Node, pointer: String) -> Option<Vec<String>> {
        reader.components(node, pointer)
    }

    fn write<F: Form>(ids: &Vec<String>) -> F {
        <List<Id> as Kind>::write(ids)
    }
}
