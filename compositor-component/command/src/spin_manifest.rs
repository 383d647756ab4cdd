//! The tables of a manifest of Spin: its components and triggers, and which component is
//! meant.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::answer::Failure;
use crate::invocation::Invocation;
use crate::remarks::Remarks;
use crate::words::list;

/// A table.
pub type Table<'a> = &'a DeTable<'a>;

/// Components by their ids, each with where it is named.
pub type Components<'a> = BTreeMap<String, (Table<'a>, Range<usize>)>;

/// Whether it is a manifest of the version that is read here.
pub fn is_version_2(manifest: Table<'_>, remarks: &mut Remarks) -> bool {
    let version = get(manifest, "spin_manifest_version");
    match version.map(|version| (version.get_ref(), version.span())) {
        Some((DeValue::Integer(version), _)) if version.as_str() == "2" => true,
        found => {
            let span = found.map_or(0..0, |(_, span)| span);
            let message = "this is no manifest of version 2 of Spin's applications";
            let help = "`spin doctor` makes one of it, with `spin_manifest_version = 2`";
            remarks.invalid(span, message, help);
            false
        }
    }
}

/// What people are told that a plan is of.
pub fn description(manifest: Table<'_>, id: &str) -> String {
    let application = get(manifest, "application").and_then(table);
    let field = |name| application.and_then(|of| get(of, name)).and_then(text);
    let name = field("name").unwrap_or("a Spin application");
    let version = field("version").map_or(String::new(), |version| format!(" {version}"));
    format!("{name}{version}, component {id}")
}

/// The tables of components by their ids, with those that triggers have in themselves.
pub fn components<'a>(manifest: Table<'a>) -> Components<'a> {
    let mut components = BTreeMap::new();
    for (key, value) in get(manifest, "component")
        .and_then(table)
        .into_iter()
        .flatten()
    {
        if let Some(of) = table(value) {
            components.insert(key.get_ref().to_string(), (of, key.span()));
        }
    }
    let mut inline = Vec::new();
    for trigger in triggers(manifest) {
        let specs = trigger.specs.into_iter();
        inline.extend(specs.filter_map(|of| Some((table(of)?, of.span()))));
    }
    for (index, (of, span)) in inline.into_iter().enumerate() {
        components.insert(inline_id(index), (of, span));
    }
    components
}

/// What a component is called that a trigger has in itself.
fn inline_id(index: usize) -> String {
    format!("inline-component{}", index + 1)
}

/// A trigger.
pub struct Trigger<'a> {
    /// Its type, such as `http`.
    kind: &'a str,
    /// Its settings.
    of: Table<'a>,
    span: Range<usize>,
    /// The components that it names or has in itself.
    specs: Vec<&'a Spanned<DeValue<'a>>>,
}

/// The triggers of all types.
pub fn triggers<'a>(manifest: Table<'a>) -> Vec<Trigger<'a>> {
    let mut found = Vec::new();
    for (kind, list) in get(manifest, "trigger")
        .and_then(table)
        .into_iter()
        .flatten()
    {
        for trigger in array(list) {
            let Some(of) = table(trigger) else { continue };
            let mut specs: Vec<_> = get(of, "component").into_iter().collect();
            for (_, several) in get(of, "components").and_then(table).into_iter().flatten() {
                match several.get_ref() {
                    DeValue::Array(list) => specs.extend(list.iter()),
                    _ => specs.push(several),
                }
            }
            found.push(Trigger {
                kind: kind.get_ref(),
                of,
                span: trigger.span(),
                specs,
            });
        }
    }
    found
}

/// The component that is meant: the one that the command line names, or the only one
/// that there is, or that triggers name; none where there are none.
pub fn choose(
    invocation: &Invocation,
    components: &Components<'_>,
    triggers: &[Trigger<'_>],
) -> Result<Option<String>, Failure> {
    let all = || list(components.keys().map(String::as_str));
    if let Some(id) = invocation.value("component") {
        return match components.contains_key(id) {
            true => Ok(Some(id.to_string())),
            false => {
                let message = format!("the manifest has no component `{id}`, but {}", all());
                Err(invocation.misuse(message))
            }
        };
    }
    let specs = triggers.iter().flat_map(|trigger| &trigger.specs);
    let named: BTreeSet<&str> = specs.filter_map(|of| text(of)).collect();
    let named = named.into_iter().filter(|id| components.contains_key(*id));
    let mut named: Vec<&str> = named.collect();
    let inline = components
        .keys()
        .filter(|id| id.starts_with("inline-component"));
    named.extend(inline.map(String::as_str));
    let mut ids: Vec<&str> = components.keys().map(String::as_str).collect();
    if ids.len() > 1 && named.len() == 1 {
        ids = named;
    }
    match &ids[..] {
        [] => Ok(None),
        [only] => Ok(Some((*only).to_string())),
        _ => {
            let message = format!(
                "the manifest has several components, and a plan is of one: `--component NAME` \
                 says which of {}",
                all()
            );
            Err(invocation.misuse(message))
        }
    }
}

/// Says what becomes of triggers.
pub fn say_triggers(triggers: &[Trigger<'_>], id: &str, remarks: &mut Remarks) {
    for trigger in triggers {
        let mut specs = trigger.specs.iter();
        let is_own = specs.any(|of| text(of).is_none_or(|name| name == id));
        if !is_own {
            continue;
        }
        let route = get(trigger.of, "route").and_then(text);
        let (message, help) = match (trigger.kind, route) {
            ("http", Some(route)) => (
                format!("a plan has no routes: `{route}` is not kept"),
                "`exec serve PLAN` hands every request to it",
            ),
            ("http", None) => (
                "a plan has no triggers".to_string(),
                "`exec serve PLAN` hands every request to it",
            ),
            (kind, _) => (
                format!("a plan has no triggers: that of type `{kind}` is not kept"),
                "`exec invoke PLAN` calls its exports, and `exec list PLAN` lists them",
            ),
        };
        remarks.dropped(trigger.span.clone(), message, help);
    }
}

/// What a table has under a name.
pub fn get<'a>(of: Table<'a>, name: &str) -> Option<&'a Spanned<DeValue<'a>>> {
    of.get(name)
}

/// A value that is a table.
pub fn table<'a>(value: &'a Spanned<DeValue<'a>>) -> Option<Table<'a>> {
    match value.get_ref() {
        DeValue::Table(of) => Some(of),
        _ => None,
    }
}

/// A value that is a text.
pub fn text<'a>(value: &'a Spanned<DeValue<'a>>) -> Option<&'a str> {
    match value.get_ref() {
        DeValue::String(text) => Some(text),
        _ => None,
    }
}

/// The values of a list; none of what is none.
pub fn array<'a>(value: &'a Spanned<DeValue<'a>>) -> &'a [Spanned<DeValue<'a>>] {
    match value.get_ref() {
        DeValue::Array(list) => list,
        _ => &[],
    }
}
