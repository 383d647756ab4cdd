//! Fields of a plan, or of a host's policy: each read as what the schema says
//! it is, or reported.

use crate::table::{FieldSchema, Most};
use compositor_diagnostic::limits::{self, Limits, at_most};
use compositor_diagnostic::tree::{Field, Node, Value};
use compositor_diagnostic::{Diagnostic, Digest, DigestError, Findings, Remedy, Rule, suggest};

/// Collects errors while it reads; a `None` has been reported.
pub struct Reader<'l> {
    pub findings: Findings,
    what: &'static str,
    help: &'static str,
    pub limits: &'l Limits,
}

/// An object under inspection.
pub struct Object<'a> {
    fields: &'a [Field],
    pub pointer: String,
    what: &'static str,
}

impl<'a> Object<'a> {
    /// A field that may be left out; one that is null is.
    pub fn get(&self, name: &str) -> Option<(&'a Node, String)> {
        let found = self.find(name);
        found.filter(|(node, _)| !matches!(node.value, Value::Null))
    }

    fn find(&self, name: &str) -> Option<(&'a Node, String)> {
        let field = self.fields.iter().find(|field| *field.name == *name)?;
        Some((&field.node, format!("{}/{name}", self.pointer)))
    }
}

impl<'l> Reader<'l> {
    /// Of what it is, such as "the plan", and where to see what that must be.
    pub fn of(what: &'static str, help: &'static str, limits: &'l Limits) -> Self {
        Self {
            findings: Findings::default(),
            what,
            help,
            limits,
        }
    }

    pub fn object<'a>(
        &mut self,
        node: &'a Node,
        pointer: String,
        what: &'static str,
        table: &[FieldSchema],
    ) -> Option<Object<'a>> {
        let Value::Object(fields) = &node.value else {
            self.wrong(&pointer, &node.value, format!("an object, {what}"));
            return None;
        };
        let known = || table.iter().map(|field| field.name);
        let expected = || format!("one of {}", known().collect::<Vec<_>>().join(", "));
        // Of those that are known: of others there may be any number.
        let mut seen: Vec<&str> = Vec::new();
        for field in fields {
            if field.name.len() > limits::QUOTED {
                self.findings.error(|| {
                    let message = format!("{what} has a field with a long name");
                    Diagnostic::error(Rule::UnknownField, message, "remove it")
                        .at(&pointer)
                        .found(format!("a name of {} bytes", field.name.len()))
                        .expected(expected())
                });
                continue;
            }
            let at = || {
                let name = field.name.replace('~', "~0").replace('/', "~1");
                format!("{pointer}/{name}")
            };
            if seen.contains(&&*field.name) {
                self.findings.error(|| {
                    let message = format!("field {:?} is given twice in {what}", field.name);
                    Diagnostic::error(Rule::DuplicateField, message, "remove one of them")
                        .at(at())
                        .about_key()
                });
            } else if known().any(|name| *name == *field.name) {
                seen.push(&field.name);
            } else {
                self.findings.error(|| {
                    let help = match suggest::nearest(&field.name, known()) {
                        Some(name) => format!("did you mean {name:?}?"),
                        None => "remove it".to_string(),
                    };
                    let message = format!("unknown field {:?} in {what}", field.name);
                    Diagnostic::error(Rule::UnknownField, message, help)
                        .at(at())
                        .about_key()
                        .expected(expected())
                });
            }
        }
        Some(Object {
            fields,
            pointer,
            what,
        })
    }

    /// The items of a list.
    pub fn items<T>(
        &mut self,
        node: &Node,
        pointer: String,
        most: Most,
        item: fn(&mut Self, &Node, String) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Value::Array(items) = &node.value else {
            self.wrong(&pointer, &node.value, "an array");
            return None;
        };
        let limit = (most.of)(self.limits);
        if items.len() > limit {
            let expected = at_most(limit, "items", most.name);
            self.wrong_as(Rule::PlanTooLarge, &pointer, &node.value, expected, None);
            return None;
        }
        let read: Vec<Option<T>> = items
            .iter()
            .enumerate()
            .map(|(index, node)| item(self, node, format!("{pointer}/{index}")))
            .collect();
        read.into_iter().collect()
    }

    /// A field that must be there.
    pub fn required<'a>(&mut self, object: &Object<'a>, name: &str) -> Option<(&'a Node, String)> {
        let found = object.find(name);
        if found.is_none() {
            let message = format!("{} lacks field {name:?}", object.what);
            let error = Diagnostic::error(Rule::MissingField, message, "add it");
            self.findings.push(error.at(&object.pointer));
        }
        found
    }

    /// A text that means something: not empty, in one form, on one line.
    pub fn name(&mut self, node: &Node, pointer: String) -> Option<String> {
        let Value::Text(text) = &node.value else {
            self.wrong(&pointer, &node.value, "a text");
            return None;
        };
        if text.is_empty() || text.len() > self.limits.name_bytes {
            let most = at_most(self.limits.name_bytes, "bytes", "name-bytes");
            let expected = format!("a text that is not empty, {most}");
            self.wrong(&pointer, &node.value, expected);
            return None;
        }
        if !crate::nfc::is_nfc(text) || text.chars().any(char::is_control) {
            let expected = "a text in Unicode normalization form C, without control characters";
            self.wrong(&pointer, &node.value, expected);
            return None;
        }
        Some(text.clone())
    }

    /// A text for people or their editors, of which nothing follows.
    pub fn note(&mut self, node: &Node, pointer: String) -> Option<String> {
        match &node.value {
            Value::Text(text) => Some(text.clone()),
            other => {
                self.wrong(&pointer, other, "a text");
                None
            }
        }
    }

    /// What a component, a secret or a tenant is called.
    pub fn id(&mut self, node: &Node, pointer: String) -> Option<String> {
        let Value::Text(text) = &node.value else {
            self.wrong(&pointer, &node.value, "an id");
            return None;
        };
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._-:/@+".contains(c);
        if text.is_empty() || text.len() > self.limits.id_bytes || !text.chars().all(allowed) {
            let most = at_most(self.limits.id_bytes, "bytes", "id-bytes");
            let expected = format!("ASCII letters, digits and . _ - : / @ +, {most}");
            self.wrong(&pointer, &node.value, expected);
            return None;
        }
        Some(text.clone())
    }

    /// The digest of a component, or what stands for it until the plan is locked.
    pub fn digest_or_source(&mut self, object: &Object<'_>) -> Option<()> {
        if object.get("digest").is_some() || object.get("source").is_some() {
            return Some(());
        }
        let message = "a component has neither digest nor source";
        let help = "add \"digest\": \"sha256:…\", or \"source\": \"file:…\" and lock the plan";
        let error = Diagnostic::error(Rule::MissingSource, message, help);
        let error = error.remedies([Remedy::LockPlan]);
        self.findings.push(error.at(&object.pointer));
        None
    }

    /// A digest; `help` says where one comes from.
    pub fn digest(
        &mut self,
        node: &Node,
        pointer: String,
        help: &str,
        remedies: &[Remedy],
    ) -> Option<Digest> {
        let digest = match &node.value {
            Value::Text(text) => text.parse().map_err(|error: DigestError| error.to_string()),
            Value::Bytes(bytes) => Digest::try_from(&bytes[..]).map_err(|error| error.to_string()),
            Value::Array(items) => items
                .iter()
                .map(|item| match item.value {
                    Value::Integer(byte) => u8::try_from(byte).ok(),
                    _ => None,
                })
                .collect::<Option<Vec<u8>>>()
                .ok_or_else(|| "an array with items that are not integers from 0 to 255".into())
                .and_then(|bytes| Digest::try_from(&bytes[..]).map_err(|error| error.to_string())),
            other => Err(other.describe()),
        };
        match digest {
            Ok(digest) => Some(digest),
            Err(found) => {
                let error = Diagnostic::error(Rule::InvalidDigest, "not a sha-256 digest", help)
                    .at(pointer)
                    .remedies(remedies.iter().cloned())
                    .found(found)
                    .expected("\"sha256:<64 hex>\", 64 hex digits, or an array of 32 integers");
                self.findings.push(error);
                None
            }
        }
    }

    /// A number that every reader of JSON keeps exactly.
    pub fn count(&mut self, node: &Node, pointer: String) -> Option<u64> {
        const MOST: i64 = (1 << 53) - 1;
        match node.value {
            Value::Integer(count @ 0..=MOST) => Some(count as u64),
            _ => {
                let expected = format!("an integer from 0 to {MOST}");
                self.wrong(&pointer, &node.value, expected);
                None
            }
        }
    }

    /// One of few words.
    pub fn choice<T: Copy>(
        &mut self,
        node: &Node,
        pointer: String,
        choices: &[(&str, T)],
    ) -> Option<T> {
        let chosen = match &node.value {
            Value::Text(text) => choices.iter().find(|(choice, _)| choice == text),
            _ => None,
        };
        if chosen.is_none() {
            let names: Vec<String> = choices
                .iter()
                .map(|(name, _)| format!("{name:?}"))
                .collect();
            self.wrong(&pointer, &node.value, names.join(" or "));
        }
        chosen.map(|(_, value)| *value)
    }

    pub fn wrong(&mut self, pointer: &str, found: &Value, expected: impl Into<String>) {
        self.wrong_as(Rule::WrongValue, pointer, found, expected, None);
    }

    /// Something wrong that is near to what would be right.
    pub fn misspelt(&mut self, pointer: &str, found: &Value, expected: &str, near: &str) {
        self.wrong_as(Rule::WrongValue, pointer, found, expected, Some(near));
    }

    fn wrong_as(
        &mut self,
        rule: Rule,
        pointer: &str,
        found: &Value,
        expected: impl Into<String>,
        near: Option<&str>,
    ) {
        let field = pointer.rsplit('/').next().unwrap_or_default();
        let message = match field.parse::<usize>() {
            Ok(index) => format!("item {index} is not valid"),
            Err(_) if field.is_empty() => format!("{} is not valid", self.what),
            Err(_) => format!("{field:?} is not valid"),
        };
        let (expected, help) = (expected.into(), self.help);
        self.findings.error(|| {
            let help = match near {
                Some(near) => format!("did you mean {near:?}?"),
                None => help.to_string(),
            };
            Diagnostic::error(rule, message, help)
                .at(pointer)
                .found(found.describe())
                .expected(expected)
        });
    }
}
