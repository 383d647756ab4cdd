//! Every limit on texts, in one place.

/// Bytes of all files together. All of WASI is a quarter of one MiB.
pub const BYTES: usize = 4 << 20;
/// Marks in all files together, those in comments too: each definition, field,
/// case, parameter and type inside another takes one of `,` `;` `{` `<` `@`, and
/// many times its bytes in memory. All of WASI has under 4,000.
pub const MARKS: usize = 20_000;
/// Commas in one pair of parentheses: the parser compares each parameter with all
/// before it. WebAssembly takes 1,000 parameters, and types of them have commas.
pub const PARAMETERS: usize = 2_000;
/// Interfaces and worlds of all packages together: worlds are filled up with
/// what they use, so that each may be in each.
pub const ITEMS: usize = 1_000;
/// What becomes of them: items that worlds are filled up with, and items in
/// binary, where an interface or a world has with it whatever it uses.
pub const WRITTEN: usize = 50_000;
