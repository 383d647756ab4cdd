//! Paths as errors name them.

/// A path with a name after it.
pub fn join(path: &str, name: &str) -> String {
    match path {
        "." => name.to_string(),
        path if path.ends_with('/') => format!("{path}{name}"),
        path => format!("{path}/{name}"),
    }
}
