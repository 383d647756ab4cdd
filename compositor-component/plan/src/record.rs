//! Objects of a plan, each declared once, as a table of its fields.

use crate::fields::{Object, Reader};
use crate::kind::{Form, Kind};
use crate::table::{FieldSchema, Most, Shape};
use compositor_diagnostic::tree::Node;

/// An object of a plan. [`record!`] declares it.
pub trait Record: Sized {
    /// What messages call it, such as "a component".
    const WHAT: &'static str;
    /// Its fields, in the order in which they are read, reported and written in JSON.
    const FIELDS: &'static [FieldSchema];
    /// How many of them a list may have.
    const MOST: Most;

    /// Reads all fields, so that all that is wrong is reported at once.
    fn read_fields(reader: &mut Reader<'_>, object: &Object<'_>) -> Option<Self>;

    /// Writes all fields.
    fn write_fields<F: Form>(&self) -> F;
}

impl<R: Record> Kind for R {
    type Value = R;
    const SHAPE: Shape = Shape::Object(R::WHAT, R::FIELDS);
    const MOST: Most = <R as Record>::MOST;

    fn read(reader: &mut Reader<'_>, node: &Node, pointer: String) -> Option<R> {
        let object = reader.object(node, pointer, R::WHAT, R::FIELDS)?;
        R::read_fields(reader, &object)
    }

    fn write<F: Form>(value: &R) -> F {
        value.write_fields()
    }
}

/// Declares a struct, and of each of its fields, behind `=>`: its key in CBOR, or `_` for
/// what is in JSON alone; its name in JSON; whether it may be left out, and its kind.
///
/// Behind the struct's name stands what messages call it; then, where a list may have
/// another number of them than other lists, the limit; and what of [`Reader`] checks
/// the fields together.
macro_rules! record {
    (
        $(#[$about:meta])*
        $record:ident = $what:literal $(, at most $most:ident)? $(, checked by $check:ident)?;
        $($(#[$doc:meta])* $field:ident: $type:ty => $key:tt, $name:literal, $kind:ty;)+
    ) => {
        $(#[$about])*
        pub struct $record {
            $($(#[$doc])* pub $field: $type,)+
        }

        impl $crate::record::Record for $record {
            const WHAT: &'static str = $what;
            const FIELDS: &'static [$crate::table::FieldSchema] = &[$(
                $crate::table::FieldSchema {
                    name: $name,
                    key: $crate::record::record!(@key $key),
                    shape: <$kind as $crate::presence::Field>::SHAPE,
                    presence: <$kind as $crate::presence::Field>::PRESENCE,
                },
            )+];
            const MOST: $crate::table::Most = $crate::record::record!(@most $($most)?);

            fn read_fields(
                reader: &mut $crate::fields::Reader<'_>,
                object: &$crate::fields::Object<'_>,
            ) -> Option<Self> {
                $(let $field = <$kind as $crate::presence::Field>::read(reader, object, $name);)+
                $(reader.$check(object)?;)?
                Some(Self { $($field: $field?,)+ })
            }

            fn write_fields<F: $crate::kind::Form>(&self) -> F {
                let values = [$(
                    match $crate::record::record!(@is_in_cbor $key) || !F::IS_CBOR {
                        true => <$kind as $crate::presence::Field>::write(&self.$field),
                        false => None,
                    },
                )+];
                let fields = Self::FIELDS.iter().zip(values);
                F::object(fields.filter_map(|(field, value)| Some((field, value?))))
            }
        }
    };
    (@key _) => { None };
    (@key $key:literal) => { Some($key) };
    (@is_in_cbor _) => { false };
    (@is_in_cbor $key:literal) => { true };
    (@most) => { $crate::table::Most::LIST_ITEMS };
    (@most $most:ident) => { $crate::table::Most::$most };
}

pub(crate) use record;
