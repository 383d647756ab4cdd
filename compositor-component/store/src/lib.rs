//! Blobs and trust in a folder.
//!
//! ```text
//! <folder>/oci-layout, index.json     an OCI image layout
//!          blobs/sha256/<hex>         its blobs
//!          cache/<hex>                what saves time, and is proved before it is used
//!          tmp/                       files in the making
//! ```
//!
//! Whoever may write there can waste time and no more: what is believed without a
//! check is in the user's own folder (`state`). Files appear whole or not at all
//! (`temporary`), links and devices are never followed (`folder`), and bytes are
//! hashed in the memory that they are used from (`proof`, `proven`). What is open is in
//! `open` and `checked`; the rest is a file for each subject: `blobs` with
//! `writer`, `cache` and `holds` for artifacts, `records` with `mac`, `trust`.
//!
//! These rules are the same wherever the store is: a program uses them as a
//! library on the system itself, and a component in a sandbox (`glue`). What
//! differs between the two is `platform`.

mod blobs;
mod cache;
mod checked;
mod digest;
mod error;
mod errors;
mod file;
mod folder;
#[cfg(target_family = "wasm")]
mod glue;
mod holds;
mod index;
mod layout;
mod limits;
mod mac;
mod open;
mod path;
mod piece;
mod platform;
mod progress;
mod proof;
mod proven;
mod records;
mod source;
mod state;
mod temporary;
mod trust;
mod writer;

pub use blobs::Entry;
pub use compositor_validator::{Fault, Ranges, Validated, names as proposals};
pub use digest::Digest;
pub use error::{Error, ErrorCode};
pub use holds::Segment;
pub use open::Store;
#[cfg(not(target_family = "wasm"))]
pub use progress::Progress;
pub use writer::Writer;
