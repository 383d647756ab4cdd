//! Bytes to a plan: the schema, with all its errors at once.

use super::*;
use crate::diagnostic::{Diagnostic, end_phase};
use crate::error::Code;
use crate::limits;
use crate::plan::from_cbor::{from_cbor, hold_to_canonical};
use crate::tree::{Node, Source, Value};
use crate::{json, suggest};

/// How a plan is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// RFC 8259.
    Json,
    /// Canonical CBOR.
    Cbor,
}

/// A plan and the text it came from.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The plan.
    pub plan: Plan,
    /// How it is written.
    pub encoding: Encoding,
    pub(crate) source: Source,
}

impl Parsed {
    /// Gives findings their places in the text.
    pub(crate) fn place(&self, mut findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
        self.source.place(&mut findings);
        findings
    }
}

/// Reads a plan from JSON or canonical CBOR. A CBOR plan is a map, whose
/// first byte no JSON text starts with.
pub fn parse(bytes: &[u8]) -> Result<Parsed, Vec<Diagnostic>> {
    if bytes.len() > limits::PLAN_BYTES {
        let error = schema("the plan is too large", "split the plan")
            .found(format!("{} bytes", bytes.len()))
            .expected(format!("at most {} bytes", limits::PLAN_BYTES));
        return Err(vec![error]);
    }
    let encoding = match bytes.first() {
        Some(0x80..) => Encoding::Cbor,
        _ => Encoding::Json,
    };
    let source = match encoding {
        Encoding::Json => {
            let text = std::str::from_utf8(bytes).map_err(|error| {
                let message = format!("the plan is not UTF-8 at byte {}", error.valid_up_to());
                vec![schema(
                    message,
                    "write the plan as UTF-8, or as canonical CBOR",
                )]
            })?;
            // A byte order mark is not JSON, but editors write it.
            if text.starts_with('\u{feff}') {
                let message = "the plan starts with a byte order mark";
                return Err(vec![schema(message, "save the plan without it")]);
            }
            Source {
                tree: json::parse(text).map_err(|error| vec![error])?,
                text: Some(text.to_string()),
            }
        }
        Encoding::Cbor => Source {
            tree: from_cbor(bytes).map_err(|error| vec![error])?,
            text: None,
        },
    };
    let mut reader = Reader::default();
    let plan = reader.plan(&source.tree);
    match (end_phase(reader.findings), plan) {
        (Ok(_), Some(plan)) => {
            if encoding == Encoding::Cbor {
                // Unlocked plans have no CBOR: the plan id is the hash of it.
                let unlocked = crate::resolve::unlocked(&plan);
                if !unlocked.is_empty() {
                    return Err(unlocked);
                }
                hold_to_canonical(&plan, bytes).map_err(|error| vec![error])?;
            }
            Ok(Parsed {
                plan,
                encoding,
                source,
            })
        }
        (Ok(mut findings) | Err(mut findings), _) => {
            source.place(&mut findings);
            findings.truncate(limits::FINDINGS);
            Err(findings)
        }
    }
}

fn schema(message: impl Into<String>, help: impl Into<String>) -> Diagnostic {
    Diagnostic::error(Code::PlanInvalidSchema, message, help)
}

/// Collects errors while it reads; a `None` has been reported.
#[derive(Default)]
struct Reader {
    findings: Vec<Diagnostic>,
}

/// An object under inspection.
struct Object<'a> {
    fields: &'a [crate::tree::Field],
    pointer: String,
    what: &'static str,
}

impl<'a> Object<'a> {
    fn get(&self, name: &str) -> Option<(&'a Node, String)> {
        let field = self.fields.iter().find(|field| field.name == name)?;
        Some((&field.node, format!("{}/{name}", self.pointer)))
    }
}

impl Reader {
    fn plan(&mut self, tree: &Node) -> Option<Plan> {
        const FIELDS: &[&str] = &[
            "version",
            "root",
            "linkage",
            "components",
            "bindings",
            "explicit_exports",
            "imports",
            "secrets",
            "policy",
        ];
        let object = self.object(tree, String::new(), "the plan", FIELDS)?;
        self.choice(&object, "version", &[("1", ())], None);
        let root = self.id(&object, "root");
        let linkages = [("static", Linkage::Static), ("runtime", Linkage::Runtime)];
        let linkage = self.choice(&object, "linkage", &linkages, Some(Linkage::Static));
        let components =
            self.required_list(&object, "components", limits::COMPONENTS, Self::component);
        let bindings = self.list(&object, "bindings", limits::BINDINGS, Self::binding);
        let explicit_exports = self.list(
            &object,
            "explicit_exports",
            limits::EXTERNS,
            Self::explicit_export,
        );
        let imports = self.list(&object, "imports", limits::EXTERNS, Self::name_item);
        let secrets = self.list(&object, "secrets", limits::EXTERNS, Self::secret);
        let policy = match object.get("policy") {
            Some((node, pointer)) => Some(self.policy(node, pointer)?),
            None => None,
        };
        let (root, mut bindings) = (root?, bindings?);
        for binding in &mut bindings {
            if binding.consumer.as_ref() == Some(&root) {
                binding.consumer = None;
            }
        }
        Some(Plan {
            root,
            linkage: linkage?,
            components: components?,
            bindings,
            explicit_exports: explicit_exports?,
            imports: imports?,
            secrets: secrets?,
            policy,
        })
    }

    fn component(&mut self, node: &Node, pointer: String) -> Option<Component> {
        let object = self.object(node, pointer, "a component", &["id", "digest", "source"])?;
        let id = self.id(&object, "id");
        let digest = object.get("digest");
        let digest = digest.map(|(node, pointer)| self.digest(node, pointer));
        let source = self.optional_text(&object, "source")?;
        if digest.is_none() && source.is_none() {
            let message = "a component has neither digest nor source";
            let help = "add \"digest\": \"sha256:…\", or \"source\": \"file:…\" and lock the plan";
            let error = Diagnostic::error(Code::PlanMissingField, message, help);
            self.findings.push(error.at(&object.pointer));
            return None;
        }
        let digest = match digest {
            Some(digest) => Some(digest?),
            None => None,
        };
        Some(Component {
            id: id?,
            digest,
            source,
        })
    }

    fn binding(&mut self, node: &Node, pointer: String) -> Option<Binding> {
        const FIELDS: &[&str] = &["consumer_id", "import_name", "provider_id", "export_name"];
        let object = self.object(node, pointer, "a binding", FIELDS)?;
        let consumer = object.get("consumer_id");
        let consumer = consumer.map(|_| self.id(&object, "consumer_id"));
        let import_name = self.name(&object, "import_name");
        let provider = self.id(&object, "provider_id");
        let export_name = self.name(&object, "export_name");
        let consumer = match consumer {
            Some(id) => Some(id?),
            None => None,
        };
        Some(Binding {
            consumer,
            import_name: import_name?,
            provider: provider?,
            export_name: export_name?,
        })
    }

    fn explicit_export(&mut self, node: &Node, pointer: String) -> Option<ExplicitExport> {
        const FIELDS: &[&str] = &["source_instance", "interface_name"];
        let object = self.object(node, pointer, "an explicit export", FIELDS)?;
        let source_instance = self.id(&object, "source_instance");
        let interface_name = self.name(&object, "interface_name");
        Some(ExplicitExport {
            source_instance: source_instance?,
            interface_name: interface_name?,
        })
    }

    fn secret(&mut self, node: &Node, pointer: String) -> Option<Secret> {
        let object = self.object(node, pointer, "a secret", &["secret_id", "backend_uri"])?;
        let id = self.id(&object, "secret_id");
        let uri = self.name(&object, "backend_uri");
        Some(Secret { id: id?, uri: uri? })
    }

    fn policy(&mut self, node: &Node, pointer: String) -> Option<Policy> {
        const FIELDS: &[&str] = &["determinism", "capabilities", "tenant", "limits"];
        let object = self.object(node, pointer, "a policy", FIELDS)?;
        let levels = [
            ("strict", Determinism::Strict),
            ("audit", Determinism::Audit),
            ("relaxed", Determinism::Relaxed),
        ];
        let determinism = self.choice(&object, "determinism", &levels, Some(Determinism::Relaxed));
        let capabilities = self.list(&object, "capabilities", limits::EXTERNS, Self::capability);
        let tenant = match object.get("tenant") {
            Some(_) => Some(self.id(&object, "tenant")?),
            None => None,
        };
        let limits = match object.get("limits") {
            Some((node, pointer)) => self.limits(node, pointer)?,
            None => Limits::default(),
        };
        Some(Policy {
            determinism: determinism?,
            capabilities: capabilities?,
            tenant,
            limits,
        })
    }

    fn capability(&mut self, node: &Node, pointer: String) -> Option<Capability> {
        let object = self.object(node, pointer, "a capability", &["name", "level"])?;
        let name = self.name(&object, "name");
        let levels = [("required", true), ("optional", false)];
        let required = self.choice(&object, "level", &levels, None);
        Some(Capability {
            name: name?,
            required: required?,
        })
    }

    fn limits(&mut self, node: &Node, pointer: String) -> Option<Limits> {
        const FIELDS: &[&str] = &["cpu_ms", "memory_bytes", "io_ops"];
        let object = self.object(node, pointer, "the limits", FIELDS)?;
        Some(Limits {
            cpu_ms: self.count(&object, "cpu_ms")?,
            memory_bytes: self.count(&object, "memory_bytes")?,
            io_ops: self.count(&object, "io_ops")?,
        })
    }

    fn object<'a>(
        &mut self,
        node: &'a Node,
        pointer: String,
        what: &'static str,
        known: &[&str],
    ) -> Option<Object<'a>> {
        let Value::Object(fields) = &node.value else {
            self.wrong(&pointer, &node.value, format!("an object, {what}"));
            return None;
        };
        for (index, field) in fields.iter().enumerate() {
            let at = format!(
                "{pointer}/{}",
                field.name.replace('~', "~0").replace('/', "~1")
            );
            if fields[..index]
                .iter()
                .any(|before| before.name == field.name)
            {
                let message = format!("field {:?} stands twice in {what}", field.name);
                self.findings
                    .push(schema(message, "remove one of them").at(at).about_key());
            } else if !known.contains(&field.name.as_str()) {
                let help = match suggest::nearest(&field.name, known.iter().copied()) {
                    Some(name) => format!("did you mean {name:?}?"),
                    None => "remove it".to_string(),
                };
                let error = schema(format!("unknown field {:?} in {what}", field.name), help)
                    .at(at)
                    .about_key()
                    .expected(format!("one of {}", known.join(", ")));
                self.findings.push(error);
            }
        }
        Some(Object {
            fields,
            pointer,
            what,
        })
    }

    fn required_list<T>(
        &mut self,
        object: &Object<'_>,
        name: &str,
        most: usize,
        item: fn(&mut Self, &Node, String) -> Option<T>,
    ) -> Option<Vec<T>> {
        self.required(object, name)?;
        self.list(object, name, most, item)
    }

    fn list<T>(
        &mut self,
        object: &Object<'_>,
        name: &str,
        most: usize,
        item: fn(&mut Self, &Node, String) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Some((node, pointer)) = object.get(name) else {
            return Some(Vec::new());
        };
        let Value::Array(items) = &node.value else {
            self.wrong(&pointer, &node.value, "an array");
            return None;
        };
        if items.len() > most {
            self.wrong(&pointer, &node.value, format!("at most {most} items"));
            return None;
        }
        let read: Vec<Option<T>> = items
            .iter()
            .enumerate()
            .map(|(index, node)| item(self, node, format!("{pointer}/{index}")))
            .collect();
        read.into_iter().collect()
    }

    fn required<'a>(&mut self, object: &Object<'a>, name: &str) -> Option<(&'a Node, String)> {
        let found = object.get(name);
        if found.is_none() {
            let message = format!("{} lacks field {name:?}", object.what);
            let error = Diagnostic::error(Code::PlanMissingField, message, "add it");
            self.findings.push(error.at(&object.pointer));
        }
        found
    }

    fn text<'a>(&mut self, node: &'a Node, pointer: &str) -> Option<&'a str> {
        let Value::Text(text) = &node.value else {
            self.wrong(pointer, &node.value, "a text");
            return None;
        };
        if text.is_empty() || text.len() > limits::NAME_BYTES {
            let expected = format!("a text of 1 to {} bytes", limits::NAME_BYTES);
            self.wrong(pointer, &node.value, expected);
            return None;
        }
        if !unicode_normalization::is_nfc(text) || text.chars().any(char::is_control) {
            let expected = "a text in Unicode normalization form C, without control characters";
            self.wrong(pointer, &node.value, expected);
            return None;
        }
        Some(text)
    }

    fn name(&mut self, object: &Object<'_>, name: &str) -> Option<String> {
        let (node, pointer) = self.required(object, name)?;
        self.name_item(node, pointer)
    }

    fn name_item(&mut self, node: &Node, pointer: String) -> Option<String> {
        self.text(node, &pointer).map(str::to_string)
    }

    fn optional_text(&mut self, object: &Object<'_>, name: &str) -> Option<Option<String>> {
        match object.get(name) {
            Some((node, pointer)) => Some(Some(self.name_item(node, pointer)?)),
            None => Some(None),
        }
    }

    fn id(&mut self, object: &Object<'_>, name: &str) -> Option<String> {
        let (node, pointer) = self.required(object, name)?;
        let Value::Text(text) = &node.value else {
            self.wrong(&pointer, &node.value, "an id");
            return None;
        };
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._-:/@+".contains(c);
        if text.is_empty() || text.len() > limits::ID_CHARS || !text.chars().all(allowed) {
            let expected = format!(
                "1 to {} of ASCII letters, digits and . _ - : / @ +",
                limits::ID_CHARS
            );
            self.wrong(&pointer, &node.value, expected);
            return None;
        }
        Some(text.clone())
    }

    fn digest(&mut self, node: &Node, pointer: String) -> Option<Digest> {
        let digest = match &node.value {
            Value::Text(text) => text
                .parse()
                .map_err(|error: crate::DigestError| error.to_string()),
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
                let error = Diagnostic::error(
                    Code::EmitInvalidDigest,
                    "not a sha-256 digest",
                    "write the digest as `blob put` prints it, or leave it out and lock the plan",
                )
                .at(pointer)
                .found(found)
                .expected("\"sha256:<64 hex>\", 64 hex digits, or an array of 32 integers");
                self.findings.push(error);
                None
            }
        }
    }

    fn count(&mut self, object: &Object<'_>, name: &str) -> Option<Option<u64>> {
        let Some((node, pointer)) = object.get(name) else {
            return Some(None);
        };
        // What every JSON reader keeps exactly.
        const MOST: i128 = (1 << 53) - 1;
        match node.value {
            Value::Integer(count @ 0..=MOST) => Some(Some(count as u64)),
            _ => {
                self.wrong(
                    &pointer,
                    &node.value,
                    format!("an integer from 0 to {MOST}"),
                );
                None
            }
        }
    }

    fn choice<T: Copy>(
        &mut self,
        object: &Object<'_>,
        name: &str,
        choices: &[(&str, T)],
        default: Option<T>,
    ) -> Option<T> {
        let (node, pointer) = match (object.get(name), default) {
            (None, Some(default)) => return Some(default),
            _ => self.required(object, name)?,
        };
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

    fn wrong(&mut self, pointer: &str, found: &Value, expected: impl Into<String>) {
        let field = pointer.rsplit('/').next().unwrap_or_default();
        let message = match field.parse::<usize>() {
            Ok(index) => format!("item {index} is not what it must be"),
            Err(_) if field.is_empty() => "the plan is not what it must be".to_string(),
            Err(_) => format!("{field:?} is not what it must be"),
        };
        let error = schema(message, "see the plan schema, plans/plan.schema.json")
            .at(pointer)
            .found(found.describe())
            .expected(expected);
        self.findings.push(error);
    }
}
