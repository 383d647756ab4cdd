//! Blobs and trust in a folder.
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
//! (`checked`). What is open is in `open`; the rest is a file for each subject:
//! `blobs` with `writer`, `cache`, `trust`.
//!
//! These rules are the same wherever the store is: a program uses them as a
//! library on the system itself, and a component in a sandbox (`glue`). What
//! differs between the two is `platform`.

mod blobs;
mod cache;
mod checked;
mod digest;
mod errors;
mod file;
mod folder;
#[cfg(target_family = "wasm")]
mod glue;
mod layout;
mod limits;
mod open;
mod piece;
mod platform;
mod progress;
mod temporary;
mod trust;
mod writer;

pub use blobs::Entry;
pub use compositor_validator::{Fault, Ranges, Validated, names as proposals};
pub use digest::Digest;
pub use errors::{Error, ErrorCode};
pub use open::Store;
#[cfg(not(target_family = "wasm"))]
pub use progress::Progress;
pub use writer::Writer;
