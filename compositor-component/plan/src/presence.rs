//! Whether a field may be left out, what it is then, and where it is written all the same.

use std::marker::PhantomData;

use crate::fields::{Object, Reader};
use crate::kind::{Form, Kind};
use crate::table::{Presence, Shape};

/// A field: a kind of value, and whether it may be left out.
pub trait Field {
    /// What a plan has of it.
    type Value;
    /// What it looks like, when it is there.
    const SHAPE: Shape;
    /// Whether it may be left out.
    const PRESENCE: Presence;

    /// Reads it from an object; `None` has been reported.
    fn read(reader: &mut Reader<'_>, object: &Object<'_>, name: &str) -> Option<Self::Value>;

    /// Writes it; `None` where it is left out.
    fn write<F: Form>(value: &Self::Value) -> Option<F>;
}

/// What must be there.
pub struct Required<K>(PhantomData<K>);

impl<K: Kind> Field for Required<K> {
    type Value = K::Value;
    const SHAPE: Shape = K::SHAPE;
    const PRESENCE: Presence = Presence::Required;

    fn read(reader: &mut Reader<'_>, object: &Object<'_>, name: &str) -> Option<K::Value> {
        let (node, pointer) = reader.required(object, name)?;
        K::read(reader, node, pointer)
    }

    fn write<F: Form>(value: &K::Value) -> Option<F> {
        Some(K::write(value))
    }
}

/// What may be left out, which is not the same as any value of it.
pub struct Optional<K>(PhantomData<K>);

impl<K: Kind> Field for Optional<K> {
    type Value = Option<K::Value>;
    const SHAPE: Shape = K::SHAPE;
    const PRESENCE: Presence = Presence::Optional;

    fn read(reader: &mut Reader<'_>, object: &Object<'_>, name: &str) -> Option<Self::Value> {
        match object.get(name) {
            Some((node, pointer)) => K::read(reader, node, pointer).map(Some),
            None => Some(None),
        }
    }

    fn write<F: Form>(value: &Self::Value) -> Option<F> {
        value.as_ref().map(K::write)
    }
}

/// What may be left out of a plan that is not locked, and so is not written in CBOR.
pub struct UntilLocked<K>(PhantomData<K>);

impl<K: Kind> Field for UntilLocked<K> {
    type Value = Option<K::Value>;
    const SHAPE: Shape = K::SHAPE;
    const PRESENCE: Presence = Presence::UntilLocked;

    fn read(reader: &mut Reader<'_>, object: &Object<'_>, name: &str) -> Option<Self::Value> {
        <Optional<K> as Field>::read(reader, object, name)
    }

    fn write<F: Form>(value: &Self::Value) -> Option<F> {
        <Optional<K> as Field>::write(value)
    }
}

/// What may be left out, which is the same as its default; it is written where it has
/// another value, and in JSON or in CBOR always where these are true.
pub struct OrDefault<K, const IN_JSON: bool = false, const IN_CBOR: bool = false>(PhantomData<K>);

/// What JSON leaves out where it is the default, and CBOR does not.
pub type InCborOrDefault<K> = OrDefault<K, false, true>;

/// What is written even where it is the default.
pub type WrittenOrDefault<K> = OrDefault<K, true, true>;

impl<K, const IN_JSON: bool, const IN_CBOR: bool> Field for OrDefault<K, IN_JSON, IN_CBOR>
where
    K: Kind<Value: Default + PartialEq>,
{
    type Value = K::Value;
    const SHAPE: Shape = K::SHAPE;
    const PRESENCE: Presence = Presence::Default {
        value: || K::write(&K::Value::default()),
        in_json: IN_JSON,
        in_cbor: IN_CBOR,
    };

    fn read(reader: &mut Reader<'_>, object: &Object<'_>, name: &str) -> Option<K::Value> {
        match object.get(name) {
            Some((node, pointer)) => K::read(reader, node, pointer),
            None => Some(K::Value::default()),
        }
    }

    fn write<F: Form>(value: &K::Value) -> Option<F> {
        let is_always = if F::IS_CBOR { IN_CBOR } else { IN_JSON };
        (is_always || *value != K::Value::default()).then(|| K::write(value))
    }
}
