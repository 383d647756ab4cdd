//! A text that findings point into.

/// A plan or a policy under the name that the user knows it by.
#[derive(Debug)]
pub struct Text {
    /// The path, or `<stdin>`.
    pub name: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}
