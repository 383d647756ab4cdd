//! What systems have a word of their own for, and people one.

pub const ACCESS: &str = "access denied";
pub const READ_ONLY: &str = "the file system is read-only";
pub const IS_FOLDER: &str = "a folder of that name is in the way";
pub const NOT_FOLDER: &str = "a part of the path is not a folder";
pub const NOT_EMPTY: &str = "a folder of that name is in the way, and is not empty";
pub const NO_SPACE: &str = "no space is left";
pub const QUOTA: &str = "the quota is used up";
pub const TOO_LARGE: &str = "the file would be too large";
pub const BUSY: &str = "it is busy";
pub const UNSUPPORTED: &str = "the host does not support that";
