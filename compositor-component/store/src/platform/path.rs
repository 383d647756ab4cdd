//! Which open folder a path is in.
//!
//! A host opens folders under names of its choice; all else is out of reach.
//! Paths are compared part by part, after `.` and `..` are worked out.

/// The index of the open folder that a path is in, and the path from there
/// (`.` for the folder itself). The longest name wins.
///
/// A relative path is in `.`, or, where the host opened nothing relative, in
/// `/`: that is where programs start on hosts without a current folder.
pub fn locate(path: &str, open: &[&str]) -> Option<(usize, String)> {
    let path = Parts::of(path);
    longest(&path, open).or_else(|| match path {
        Parts {
            absolute: false,
            parts,
        } if parts.first() != Some(&"..") => {
            let absolute = true;
            longest(&Parts { absolute, parts }, open)
        }
        _ => None,
    })
}

struct Parts<'a> {
    absolute: bool,
    parts: Vec<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(path: &'a str) -> Self {
        let absolute = path.starts_with('/');
        let mut parts = Vec::new();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => match parts.last() {
                    None if absolute => {}
                    None | Some(&"..") => parts.push(part),
                    Some(_) => {
                        parts.pop();
                    }
                },
                _ => parts.push(part),
            }
        }
        Self { absolute, parts }
    }

    /// The path of `self` from `folder`, when it is in there.
    fn from(&self, folder: &Self) -> Option<String> {
        if self.absolute != folder.absolute {
            return None;
        }
        let rest = self.parts.strip_prefix(&folder.parts[..])?;
        match rest.first() {
            None => Some(".".to_string()),
            // It leads out of the folder again.
            Some(&"..") => None,
            Some(_) => Some(rest.join("/")),
        }
    }
}

fn longest(path: &Parts<'_>, open: &[&str]) -> Option<(usize, String)> {
    let mut best: Option<(usize, usize, String)> = None;
    for (index, name) in open.iter().enumerate() {
        let folder = Parts::of(name);
        let length = folder.parts.len();
        if let Some(rest) = path.from(&folder)
            && best.as_ref().is_none_or(|(best, _, _)| length > *best)
        {
            best = Some((length, index, rest));
        }
    }
    best.map(|(_, index, rest)| (index, rest))
}
