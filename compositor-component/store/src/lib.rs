//! Blobs and trust in a folder, over wasi:filesystem.
//!
//! ```text
//! <folder>/oci-layout, index.json     an OCI image layout
//!          blobs/sha256/<hex>         its blobs
//!          trust/sha256/<hex>         an empty file for each trusted digest
//!          cache/<hex>                the digest recorded under a key
//! ```
//!
//! Files appear whole or not at all (`temporary`), links and devices are never
//! followed (`folder`), and bytes are hashed before they are believed
//! (`checked`). What one instance knows is in `open`; the rest is a file for
//! each interface: `blobs` with `writer`, `cache`, `trust`.

mod bindings {
    #![allow(missing_docs)]
    wit_bindgen::generate!({
        path: ["../../wit/canon-cbor", "../../wit/sys-compose"],
        world: "sys:compose/folder-store",
        pub_export_macro: true,
    });
}

mod blobs;
mod cache;
mod checked;
mod digest;
mod errors;
mod file;
mod folder;
mod layout;
mod limits;
mod open;
mod path;
mod temporary;
mod trust;
mod writer;

struct FolderStore;

bindings::export!(FolderStore with_types_in bindings);
