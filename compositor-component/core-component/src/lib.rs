//! The core as a component: glue between its WIT and the library.

mod convert;
mod grants;
mod guest;
mod imports;

/// The WIT as Rust.
mod bindings {
    #![allow(missing_docs)]
    wit_bindgen::generate!({
        path: ["../../wit/canon-cbor", "../../wit/canon-wit", "../../wit/sys-compose"],
        world: "sys:compose/core",
        pub_export_macro: true,
    });
}

struct Core;

bindings::export!(Core with_types_in bindings);
