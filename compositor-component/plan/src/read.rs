//! Bytes to a plan: the schema, with all its errors at once.

use std::rc::Rc;

use super::types::{
    Binding, Component, Determinism, ExplicitExport, Limits, Linkage, Plan, Policy, Secret,
};
use crate::fields::Reader;
use crate::from_cbor::{from_cbor, hold_to_canonical};
use crate::json;
use crate::locked::unlocked;
use crate::other_cbor::{explain, from_other_cbor};
use compositor_diagnostic::limits::{self, at_most};
use compositor_diagnostic::tree::{Node, Source};
use compositor_diagnostic::{Diagnostic, Remedy, Rule};

/// How a plan is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// RFC 8259.
    Json,
    /// Canonical CBOR.
    Cbor,
}

impl Encoding {
    /// How bytes are written, which the first of them tells.
    pub fn of(bytes: &[u8]) -> Self {
        // Byte order marks, of UTF-8 and UTF-16, belong to texts.
        match bytes.first() {
            None | Some(0x00..0x80 | 0xef | 0xfe | 0xff) => Encoding::Json,
            Some(_) => Encoding::Cbor,
        }
    }
}

/// A plan and the text it came from.
#[derive(Clone, Debug)]
pub struct Parsed<'a> {
    /// The plan, which every phase looks at.
    pub plan: Rc<Plan>,
    /// How it is written.
    pub encoding: Encoding,
    /// The text, and its tree.
    pub(crate) source: Source<'a>,
}

impl Parsed<'_> {
    /// Refuses a plan that has components without a digest.
    pub fn locked(&self) -> Result<(), Vec<Diagnostic>> {
        let unlocked = unlocked(&self.plan);
        match unlocked.is_empty() {
            true => Ok(()),
            false => Err(self.place(unlocked)),
        }
    }

    /// Gives findings their places in the text.
    pub fn place(&self, mut findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
        self.source.place(&mut findings);
        findings
    }
}

/// Reads a plan from JSON or canonical CBOR. A CBOR plan is a map, whose
/// first byte no JSON text starts with.
pub fn parse<'a>(bytes: &'a [u8], limits: &limits::Limits) -> Result<Parsed<'a>, Vec<Diagnostic>> {
    let encoding = Encoding::of(bytes);
    if bytes.len() > limits.plan_bytes {
        return Err(vec![too_large("the plan", bytes, limits)]);
    }
    let is_other = |error: Diagnostic| {
        let reads = matches!(parse_other(bytes, limits), Some(Ok(_)));
        vec![explain(error, bytes, limits, reads)]
    };
    let source = match encoding {
        Encoding::Json => read_json(bytes, "the plan", limits).map_err(|error| vec![error]),
        Encoding::Cbor => from_cbor(bytes, limits)
            .map(|tree| Source { tree, text: None })
            .map_err(is_other),
    };
    let parsed = parse_source(source?, encoding, limits)?;
    if encoding == Encoding::Cbor {
        // Unlocked plans have no canonical form: the plan id is the hash of it.
        parsed.locked()?;
        hold_to_canonical(&parsed.plan, bytes).map_err(is_other)?;
    }
    Ok(parsed)
}

/// Reads a plan from JSON or CBOR of any form that can mean one thing only, to
/// convert it: what it is given for has no plan id.
pub fn parse_any<'a>(
    bytes: &'a [u8],
    limits: &limits::Limits,
) -> Result<Parsed<'a>, Vec<Diagnostic>> {
    parse(bytes, limits).or_else(|errors| match parse_other(bytes, limits) {
        Some(parsed) => parsed,
        None => Err(errors),
    })
}

/// None when it is no map of CBOR.
fn parse_other<'a>(
    bytes: &'a [u8],
    limits: &limits::Limits,
) -> Option<Result<Parsed<'a>, Vec<Diagnostic>>> {
    let is_read = bytes.len() <= limits.plan_bytes && Encoding::of(bytes) == Encoding::Cbor;
    let tree = is_read.then(|| from_other_cbor(bytes, limits)).flatten()?;
    let source = tree.map(|tree| Source { tree, text: None });
    let source = source.map_err(|error| vec![error]);
    Some(source.and_then(|source| parse_source(source, Encoding::Cbor, limits)))
}

/// Holds a tree to the schema.
fn parse_source<'a>(
    mut source: Source<'a>,
    encoding: Encoding,
    limits: &limits::Limits,
) -> Result<Parsed<'a>, Vec<Diagnostic>> {
    let mut reader = Reader::of(
        "the plan",
        "see the plan schema, plans/plan.schema.json",
        limits,
    );
    let plan = reader.plan(&source.tree);
    let plan = match (reader.findings.end(), plan) {
        (Ok(_), Some(plan)) => plan,
        (Ok(mut findings) | Err(mut findings), _) => {
            source.place(&mut findings);
            return Err(findings);
        }
    };
    // The plan has them now.
    source.tree.forget();
    Ok(Parsed {
        plan: Rc::new(plan),
        encoding,
        source,
    })
}

/// Reads a JSON text, which is what it is said to be.
pub(super) fn read_json<'a>(
    bytes: &'a [u8],
    what: &str,
    limits: &limits::Limits,
) -> Result<Source<'a>, Diagnostic> {
    if bytes.len() > limits.plan_bytes {
        return Err(too_large(what, bytes, limits));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let message = format!("{what} is not UTF-8 at byte {}", error.valid_up_to());
        Diagnostic::error(Rule::InvalidJson, message, format!("write {what} as UTF-8"))
    })?;
    // A byte order mark is not JSON, but editors write it.
    if text.starts_with('\u{feff}') {
        let message = format!("{what} starts with a byte order mark");
        let help = format!("save {what} without it");
        return Err(Diagnostic::error(Rule::InvalidJson, message, help));
    }
    Ok(Source {
        tree: json::parse(text, what, limits)?,
        text: Some(text),
    })
}

fn too_large(what: &str, bytes: &[u8], limits: &limits::Limits) -> Diagnostic {
    let message = format!("{what} is too large");
    Diagnostic::error(Rule::PlanTooLarge, message, format!("split {what}"))
        .found(format!("{} bytes", bytes.len()))
        .expected(at_most(limits.plan_bytes, "bytes", "plan-bytes"))
}

impl Reader<'_> {
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
            "$schema",
            "description",
        ];
        let object = self.object(tree, String::new(), "the plan", FIELDS)?;
        self.choice(&object, "version", &[("1", ())], None);
        let root = self.id(&object, "root");
        let default = Some(Linkage::default());
        let linkage = self.choice(&object, "linkage", Linkage::CHOICES, default);
        let components = self.required(&object, "components");
        let components = components.and_then(|(node, pointer)| {
            let limit = (self.limits.components, "components");
            self.items(node, pointer, limit, Self::component)
        });
        let bindings = self.list(
            &object,
            "bindings",
            (self.limits.bindings, "bindings"),
            Self::binding,
        );
        let explicit_exports = self.list(
            &object,
            "explicit_exports",
            (self.limits.list_items, "list-items"),
            Self::explicit_export,
        );
        let imports = self.list(
            &object,
            "imports",
            (self.limits.list_items, "list-items"),
            Self::name_item,
        );
        let secrets = self.list(
            &object,
            "secrets",
            (self.limits.list_items, "list-items"),
            Self::secret,
        );
        let policy = match object.get("policy") {
            Some((node, pointer)) => Some(self.policy(node, pointer)?),
            None => None,
        };
        let schema = self.note(&object, "$schema");
        let description = self.note(&object, "description");
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
            schema: schema?,
            description: description?,
        })
    }

    fn component(&mut self, node: &Node, pointer: String) -> Option<Component> {
        const FIELDS: &[&str] = &["id", "digest", "source", "world"];
        let object = self.object(node, pointer, "a component", FIELDS)?;
        let id = self.id(&object, "id");
        let digest = object.get("digest");
        let digest = digest.map(|(node, pointer)| {
            let help = "write the digest of the file, or leave it out and lock the plan";
            let remedies = [Remedy::PutBlob, Remedy::LockPlan];
            self.digest(node, pointer, help, &remedies)
        });
        let source = self.optional_text(&object, "source")?;
        let world = object.get("world");
        let world = world.map(|(node, pointer)| {
            let help = "write the id of the component's world";
            self.digest(node, pointer, help, &[Remedy::IdentifyWorld])
        });
        if digest.is_none() && source.is_none() {
            let message = "a component has neither digest nor source";
            let help = "add \"digest\": \"sha256:…\", or \"source\": \"file:…\" and lock the plan";
            let error = Diagnostic::error(Rule::MissingSource, message, help);
            let error = error.remedies([Remedy::LockPlan]);
            self.findings.push(error.at(&object.pointer));
            return None;
        }
        let digest = match digest {
            Some(digest) => Some(digest?),
            None => None,
        };
        let world = match world {
            Some(world) => Some(world?),
            None => None,
        };
        Some(Component {
            id: id?,
            digest,
            source,
            world,
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
        const FIELDS: &[&str] = &["determinism", "capabilities", "denials", "tenant", "limits"];
        let object = self.object(node, pointer, "a policy", FIELDS)?;
        let default = Some(Determinism::default());
        let determinism = self.choice(&object, "determinism", Determinism::CHOICES, default);
        let capabilities = self.list(
            &object,
            "capabilities",
            (self.limits.list_items, "list-items"),
            Self::capability,
        );
        let denials = self.list(
            &object,
            "denials",
            (self.limits.list_items, "list-items"),
            Self::denial,
        );
        let tenant = object.get("tenant").map(|_| self.id(&object, "tenant"));
        let limits = object.get("limits");
        let limits = limits.map(|(node, pointer)| self.limits(node, pointer));
        Some(Policy {
            determinism: determinism?,
            capabilities: capabilities?,
            denials: denials?,
            tenant: tenant.map_or(Some(None), |tenant| tenant.map(Some))?,
            limits: limits.unwrap_or(Some(Limits::default()))?,
        })
    }

    fn limits(&mut self, node: &Node, pointer: String) -> Option<Limits> {
        const FIELDS: &[&str] = &["cpu_ms", "memory_bytes", "io_ops", "wall_ms"];
        let object = self.object(node, pointer, "the limits", FIELDS)?;
        let cpu_ms = self.count(&object, "cpu_ms");
        let memory_bytes = self.count(&object, "memory_bytes");
        let io_ops = self.count(&object, "io_ops");
        let wall_ms = self.count(&object, "wall_ms");
        Some(Limits {
            cpu_ms: cpu_ms?,
            memory_bytes: memory_bytes?,
            io_ops: io_ops?,
            wall_ms: wall_ms?,
        })
    }
}
