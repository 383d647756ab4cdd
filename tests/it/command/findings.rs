//! How findings look: for people with their place in the plan, for programs as
//! one object; and nothing of them steers a terminal.

use std::fs::File;

use compositor_tests::composectl;

use super::fixture::{PLAN, bad, folder, good, json, piped};

#[test]
fn a_valid_plan() {
    let folder = folder();
    let said = good(&folder, &["plan", "validate", "plan.json"]);
    assert_eq!(said, "plan.json is valid: 2 components, 1 binding\n");
    let said = json(&folder, 0, &["plan", "validate", "plan.json"]);
    assert_eq!(said["plan"]["root"], "app");
    assert_eq!(said["exports"], serde_json::json!(["demo:app/app"]));
    let stdin = File::open(folder.join("plan.json")).expect("plan.json");
    let said = piped(&folder, stdin, &["plan", "validate", "-"]).success();
    assert!(said.starts_with("<stdin> is valid"), "{said}");
}

#[test]
fn an_unknown_field_with_its_place_and_a_suggestion() {
    let folder = folder();
    folder.write(
        "plan.json",
        PLAN.replace("\"provider_id\"", "\"provider_ids\""),
    );
    let said = bad(&folder, 1, &["plan", "validate", "plan.json"]);
    assert!(
        said.contains("--> plan.json:11:7  (/bindings/0/provider_ids)"),
        "{said}"
    );
    let excerpt = "\
11 |       \"provider_ids\": \"numbers\",
   |       ^^^^^^^^^^^^^^";
    assert!(said.contains(excerpt), "{said}");
    assert!(said.contains("did you mean \"provider_id\"?"), "{said}");
    assert!(said.contains("= help: "), "{said}");

    let said = json(&folder, 1, &["plan", "validate", "plan.json"]);
    let error = said["errors"]
        .as_array()
        .and_then(|errors| {
            errors
                .iter()
                .find(|e| e["pointer"] == "/bindings/0/provider_ids")
        })
        .unwrap_or_else(|| panic!("{said}"));
    assert_eq!(error["severity"], "error");
    assert_eq!(error["file"], "plan.json");
    assert_eq!(
        (error["line"].as_u64(), error["column"].as_u64()),
        (Some(11), Some(7))
    );
    assert_eq!(
        error["offset"],
        PLAN.find("\"provider_id\"").expect("the field")
    );
    assert_eq!(error["length"], "\"provider_ids\"".len());
    assert!(error["help"].is_string());
}

/// Locking on the fly changes the plan that the core sees, not the one that
/// the user sees.
#[test]
fn places_are_those_of_the_file_as_written() {
    let folder = folder();
    let wrong = PLAN.replace(
        "\"export_name\": \"demo:numbers/numbers\"",
        "\"export_name\": \"demo:x/y\"",
    );
    folder.write("plan.json", wrong);
    let said = bad(&folder, 1, &["plan.json"]);
    assert!(
        said.contains("--> plan.json:12:22  (/bindings/0/export_name)"),
        "{said}"
    );
    let excerpt = "\
12 |       \"export_name\": \"demo:x/y\"
   |                      ^^^^^^^^^^";
    assert!(said.contains(excerpt), "{said}");
}

#[test]
fn several_are_counted() {
    let folder = folder();
    let wrong = PLAN
        .replace("\"root\"", "\"roof\"")
        .replace("\"provider_id\"", "\"provider\"");
    folder.write("plan.json", wrong);
    let said = bad(&folder, 1, &["plan", "validate", "plan.json"]);
    let count = said.matches("\nerror[").count() + usize::from(said.starts_with("error["));
    assert!(
        count > 1 && said.ends_with(&format!("\n{count} errors\n")),
        "{said}"
    );
    let errors = json(&folder, 1, &["plan", "validate", "plan.json"]);
    assert_eq!(errors["errors"].as_array().map(Vec::len), Some(count));
}

#[test]
fn a_single_long_line_is_cut() {
    let folder = folder();
    let pad = "x".repeat(50_000);
    let line = format!("{{\"version\": \"1\", \"a{pad}\": 1, \"root\": 2, \"components\": []}}");
    folder.write("plan.json", &line);
    let said = bad(&folder, 1, &["plan", "validate", "plan.json"]);
    assert!(
        said.lines()
            .filter(|l| l.contains(" | "))
            .all(|l| l.chars().count() < 120),
        "{said}"
    );
}

#[test]
fn nothing_steers_the_terminal() {
    let folder = folder();
    let evil = "x\\u001b[31m\\u202e\\u0007";
    let raw = "\u{85}\u{202e}\u{200b}";
    folder.write(
        "plan.json",
        PLAN.replace("\"numbers\"", &format!("\"{evil}{raw}\"")),
    );
    let calm = |text: &str| {
        text.chars()
            .all(|c| c == '\n' || !c.is_control() && !"\u{202e}\u{200b}".contains(c))
    };
    for args in [
        &["plan", "validate", "plan.json"][..],
        &["plan", "info", "plan.json"],
        &["--format", "json", "plan", "validate", "plan.json"],
        &["no\u{1b}[31m\u{202e}such.json"],
        &["blob", "has", "\u{1b}]0;x\u{7}"],
        &["--format", "json", "blob", "has", "\u{7f}\u{202e}"],
    ] {
        let output = composectl(folder.path(), args);
        assert_eq!(output.status, 1, "{args:?}");
        assert!(
            calm(&output.stdout) && calm(&output.stderr),
            "{args:?}\n{output:?}"
        );
    }
}

#[test]
fn a_file_that_is_no_plan() {
    let folder = folder();
    folder.write("large", vec![b' '; (16 << 20) + 1]);
    let said = bad(&folder, 1, &["plan", "validate", "large"]);
    assert!(said.contains("`large` is too large to be a plan"), "{said}");
    for bytes in [
        &b""[..],
        b"{",
        b"[]",
        b"\xff\xfe",
        b"\0asm\r\0\x01\0",
        b"{}\0",
    ] {
        folder.write("file", bytes);
        let said = json(&folder, 1, &["plan", "validate", "file"]);
        assert!(said["errors"][0]["code"].is_string(), "{said}");
    }
}

#[test]
fn events_go_to_stderr() {
    let folder = folder();
    let output = composectl(folder.path(), ["-v", "plan", "validate", "plan.json"]);
    assert!(output.stderr.lines().count() > 0, "{output:?}");
    let output = composectl(
        folder.path(),
        ["-v", "--format=json", "plan", "validate", "plan.json"],
    );
    for line in output.stderr.lines() {
        let event: serde_json::Value = serde_json::from_str(line).expect("JSON");
        assert!(event["kind"].is_string(), "{line}");
    }
    assert_eq!(output.stdout.lines().count(), 1);
}
