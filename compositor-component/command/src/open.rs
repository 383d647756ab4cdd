//! What an artifact leaves open: imports that nothing inside it satisfies.

use std::collections::BTreeSet;

use crate::bindings::sys::compose::grants::{Decided, Decision};
use crate::escape;
use crate::wrap::wrapped;

/// A line for the imports that are the host's, by their packages, and one for those that are
/// for whoever uses the artifact.
pub fn lines(imports: &[Decided]) -> String {
    let is_open = |of: &&Decided| {
        matches!(
            of.decision,
            Decision::Granted | Decision::Left | Decision::Recorded
        )
    };
    let (mut of_host, mut of_user) = (BTreeSet::new(), BTreeSet::new());
    for import in imports.iter().filter(is_open) {
        let interface = import.interface.as_str();
        let package = interface.split('/').next().unwrap_or(interface);
        if package == "compose:dynlink" || package.starts_with("wasi:") {
            of_host.insert(package);
        } else {
            of_user.insert(import.import_name.as_str());
        }
    }
    let line = |names: BTreeSet<&str>, whose: &str| match names.is_empty() {
        true => String::new(),
        false => {
            let names: Vec<String> = names.into_iter().map(escape::line).collect();
            wrapped(&format!("  {whose}: {}", names.join(", ")), 4) + "\n"
        }
    };
    line(of_host, "left to the host") + &line(of_user, "left to who uses it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_who_is_to_give_them() {
        let decided = |name: &str, decision| Decided {
            import_name: name.to_string(),
            interface: name.to_string(),
            consumers: Vec::new(),
            decision,
            why: String::new(),
        };
        let imports = [
            decided("wasi:io/poll@0.2.0", Decision::Granted),
            decided("wasi:io/error@0.2.0", Decision::Granted),
            decided("wasi:http/types@0.2.0", Decision::Types),
            decided("wasi:random/random@0.2.0", Decision::Denied(None)),
            decided("a:b/c@1.0.0", Decision::Granted),
        ];
        assert_eq!(
            lines(&imports),
            "  left to the host: wasi:io\n  left to who uses it: a:b/c@1.0.0\n"
        );
        assert_eq!(lines(&imports[2..4]), "");
    }
}
