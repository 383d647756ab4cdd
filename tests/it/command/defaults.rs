//! What options are where the command line does not say.

use std::process::Command;

use compositor_tests::{Output, Temp, composectl_in, run};

use super::fixture::{bad, good};

fn with(folder: &Temp, variables: &[(&str, &str)], args: &[&str]) -> Output {
    let mut command: Command = composectl_in(folder.path());
    run(command.args(args).envs(variables.iter().copied()))
}

#[test]
fn the_command_line_before_the_environment_before_the_file() {
    let folder = Temp::new();
    folder.write("a", "hello");
    folder.write("composectl.toml", "store = \"of-file\" # ours\n");
    good(&folder, &["blob", "put", "a"]);
    assert!(folder.join("of-file/oci-layout").exists());
    let variables = [("COMPOSECTL_STORE", "of-environment")];
    with(&folder, &variables, &["blob", "put", "a"]).success();
    assert!(folder.join("of-environment/oci-layout").exists());
    let args = ["blob", "put", "a", "--store", "of-line"];
    with(&folder, &variables, &args).success();
    assert!(folder.join("of-line/oci-layout").exists());
}

#[test]
fn of_one_command_before_all() {
    let folder = Temp::new();
    folder.write(
        "composectl.toml",
        "format = 'json'\n[blob.list]\nformat = \"text\"\n[exec.serve]\naddr = \"127.0.0.1:0\"\n",
    );
    assert!(good(&folder, &["trust", "list"]).starts_with("{\"ok\":true"));
    assert_eq!(good(&folder, &["blob", "list"]), "");
    // It stands for what the command needs.
    folder.write("plan.json", "{}");
    let output = with(
        &folder,
        &[],
        &["exec", "serve", "plan.json", "--format", "text"],
    );
    assert!(output.stderr.contains("Plan.MissingField"), "{output:?}");
}

#[test]
fn what_is_no_default() {
    for (text, says) in [
        ("stroe = \"x\"", "line 1: there is no option `stroe`"),
        ("stroe = \"x\"", "did you mean `store`?"),
        (
            "\nallow = [\"wasi:http\"]",
            "line 2: `allow` cannot be set in a file",
        ),
        ("dir = \".\"", "`dir` cannot be set in a file"),
        ("state = \".\"", "`state` cannot be set in a file"),
        ("[exec.sevre]\naddr = \"x\"", "did you mean `exec.serve`?"),
        ("store", "line 1: "),
        ("store = true", "`store` has no such value"),
        ("quiet = \"x\"", "give it true or false"),
        ("store = [\"a\", \"b\"]", "`store` has one value"),
        ("format = \"xml\"", "`--format xml` is not a format"),
    ] {
        let folder = Temp::new();
        folder.write("composectl.toml", text);
        let said = bad(&folder, 2, &["blob", "list"]);
        assert!(said.contains(says), "{text}\n{said}");
    }
    let folder = Temp::new();
    let output = with(&folder, &[("COMPOSECTL_QUIET", "yes")], &["blob", "list"]);
    assert_eq!(output.status, 2, "{output:?}");
    assert!(
        output.stderr.contains("COMPOSECTL_QUIET is \"yes\""),
        "{output:?}"
    );
}
