//! Every limit on texts, in one place.

/// Bytes of all files together.
pub const BYTES: usize = 16 << 20;
/// How deep types may nest in a text: components' types may nest no deeper.
pub const NESTING: usize = 100;
/// Interfaces and worlds of all packages together: following what one uses
/// takes stack for each.
pub const ITEMS: usize = 2_000;
