//! The schema files beside the table of a plan's fields: each says of every field what the
//! table says, and of no other.

use compositor_diagnostic::limits::Limits;
use compositor_plan::{FieldSchema, Plan, Presence, Shape};
use serde_json::{Value, json};

const CDDL: &str = include_str!("../../../plans/plan.cddl");
const JSON_SCHEMA: &str = include_str!("../../../plans/plan.schema.json");

#[test]
fn the_json_schema_says_what_the_table_says() {
    let schema: Value = serde_json::from_str(JSON_SCHEMA).expect("the schema is JSON");
    let mut wrong = Vec::new();
    let checker = Json { schema: &schema };
    checker.object(&schema, Plan::FIELDS, "", &mut wrong);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The schema of which parts are looked at.
struct Json<'a> {
    schema: &'a Value,
}

impl Json<'_> {
    fn object(&self, found: &Value, table: &[FieldSchema], at: &str, wrong: &mut Vec<String>) {
        let mut expect = |what: &str, found: &Value, expected: Value| {
            if *found != expected {
                wrong.push(format!("{at} {what}: {found}, and not {expected}"));
            }
        };
        let names = |fields: Vec<&FieldSchema>| {
            let mut names: Vec<_> = fields.into_iter().map(|field| field.name).collect();
            names.sort_unstable();
            json!(names)
        };
        let sorted = |names: &Value| {
            let mut names: Vec<_> = names.as_array().cloned().unwrap_or_default();
            names.sort_by_key(Value::to_string);
            Value::Array(names)
        };
        let properties = found["properties"].as_object();
        let has: Vec<_> = properties.into_iter().flatten().collect();
        let has = json!(has.iter().map(|(name, _)| name).collect::<Vec<_>>());
        expect("properties", &sorted(&has), names(table.iter().collect()));
        let required = table.iter().filter(|field| field.presence.is_required());
        expect(
            "required",
            &sorted(&found["required"]),
            names(required.collect()),
        );
        expect(
            "additionalProperties",
            &found["additionalProperties"],
            json!(false),
        );
        for field in table {
            let at = format!("{at}/{}", field.name);
            let property = &found["properties"][field.name];
            let (value, may_be_null) = self.value(property);
            if may_be_null == field.presence.is_required() {
                wrong.push(format!("{at} may be null: {may_be_null}"));
            }
            let default = match field.presence {
                Presence::Default { value, .. } => value(),
                _ => Value::Null,
            };
            if property["default"] != default {
                let found = &property["default"];
                wrong.push(format!("{at} default: {found}, and not {default}"));
            }
            self.shape(&value, field.shape, &at, wrong);
        }
    }

    /// What a property is when it is there, and whether it may be null.
    fn value(&self, property: &Value) -> (Value, bool) {
        let mut value = property.clone();
        let null = json!({ "type": "null" });
        if let Some([one, other]) = property["oneOf"].as_array().map(Vec::as_slice)
            && *other == null
        {
            return (one.clone(), true);
        }
        if property["type"][1] == "null" {
            value["type"] = property["type"][0].clone();
            return (value, true);
        }
        if let Some(words) = value["enum"].as_array_mut()
            && words.last() == Some(&Value::Null)
        {
            words.pop();
            return (value, true);
        }
        (value, false)
    }

    fn shape(&self, found: &Value, shape: Shape, at: &str, wrong: &mut Vec<String>) {
        let mut expect = |what: &str, found: &Value, expected: Value| {
            if *found != expected {
                wrong.push(format!("{at} {what}: {found}, and not {expected}"));
            }
        };
        match shape {
            Shape::Plain(rule) | Shape::Digest(rule) => {
                expect("$ref", &found["$ref"], json!(format!("#/$defs/{rule}")));
                expect(
                    "rule",
                    &json!(self.schema["$defs"][rule].is_object()),
                    json!(true),
                );
            }
            Shape::OneOf(words) => expect("enum", &found["enum"], json!(words)),
            Shape::Object(_, table) => {
                expect("type", &found["type"], json!("object"));
                self.object(found, table, at, wrong);
            }
            Shape::List {
                item,
                may_be_empty,
                most,
            } => {
                let rule = found["$ref"]
                    .as_str()
                    .and_then(|rule| rule.strip_prefix('#'));
                let found = rule
                    .and_then(|rule| self.schema.pointer(rule))
                    .unwrap_or(found);
                expect("type", &found["type"], json!("array"));
                let limit = (most.of)(&Limits::default());
                expect("maxItems", &found["maxItems"], json!(limit));
                let least = found["minItems"].as_u64().unwrap_or(0);
                expect("minItems", &json!(least), json!(u64::from(!may_be_empty)));
                self.shape(&found["items"], *item, &format!("{at}/0"), wrong);
            }
        }
    }
}

#[test]
fn the_cddl_says_what_the_table_says() {
    let mut wrong = Vec::new();
    rule("plan", Plan::FIELDS, &mut wrong);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Holds a rule, `name = { … }`, to a table, and the rules of what is in it.
fn rule(name: &str, table: &[FieldSchema], wrong: &mut Vec<String>) {
    let start = format!("\n{name} = {{\n");
    let Some((_, body)) = CDDL.split_once(&start) else {
        return wrong.push(format!("there is no rule {name}"));
    };
    let body = body.split("\n}").next().unwrap_or_default();
    let mut found: Vec<(String, String)> = body.lines().map(entry).collect();
    let mut expected: Vec<(String, String)> = Vec::new();
    for field in table {
        let Some(key) = field.key else { continue };
        let optional = if field.presence.is_in_cbor() {
            ""
        } else {
            "? "
        };
        let value = value(field.shape, field.presence);
        expected.push((
            format!("{optional}{key} => {value}"),
            field.name.to_string(),
        ));
        object(field.shape, wrong);
    }
    found.sort();
    expected.sort();
    if found != expected {
        wrong.push(format!("{name}: {found:#?}, and not {expected:#?}"));
    }
}

/// An entry of a rule, and the field that it is for, with which its comment begins.
fn entry(line: &str) -> (String, String) {
    let (entry, comment) = line.split_once(';').unwrap_or((line, ""));
    let entry = entry.trim().trim_end_matches(',').to_string();
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let name = comment.trim().split(|c| !is_name(c)).next();
    (entry, name.unwrap_or_default().to_string())
}

/// How a value is written in a rule.
fn value(shape: Shape, presence: Presence) -> String {
    match shape {
        Shape::Plain(rule) | Shape::Digest(rule) => rule.to_string(),
        Shape::OneOf(words) => {
            // The one that is left out is not written.
            let is_written = |word: &str| match presence {
                Presence::Default {
                    in_cbor: false,
                    value,
                    ..
                } => value() != *word,
                _ => true,
            };
            let words = words.iter().enumerate();
            let written = words.filter(|(_, word)| is_written(word));
            let numbers: Vec<String> = written.map(|(number, _)| number.to_string()).collect();
            numbers.join(" / ")
        }
        Shape::Object(what, _) => rule_of(what),
        Shape::List { item, .. } => {
            let many = if presence.is_in_cbor() { '*' } else { '+' };
            format!("[{many} {}]", value(*item, Presence::Required))
        }
    }
}

/// What a rule is called, of what messages call the thing: `explicit-export` of "an
/// explicit export".
fn rule_of(what: &str) -> String {
    let (_article, name) = what.split_once(' ').expect("an article and a name");
    name.replace(' ', "-")
}

fn object(shape: Shape, wrong: &mut Vec<String>) {
    match shape {
        Shape::Object(what, table) => rule(&rule_of(what), table, wrong),
        Shape::List { item, .. } => object(*item, wrong),
        Shape::Plain(_) | Shape::Digest(_) | Shape::OneOf(_) => {}
    }
}
