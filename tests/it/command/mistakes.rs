//! Typical mistakes, as they are typed: for each the exit status, what the first line says,
//! the place, and the next step, which is tried.
//!
//! One file because it is one table.

use std::fs;
use std::net::TcpListener;
use std::process::Command;

use compositor_tests::{Output, Temp, dist, guest, read, run, state_of};

use super::fixture::{APP, PLAN, component, folder, good};

/// A command line that is wrong, and what is said of it.
struct Mistake {
    /// What is typed.
    typed: &'static str,
    status: i32,
    /// What the first line says.
    says: &'static str,
    /// Where it is: a part of a line.
    place: &'static str,
    /// What to do next.
    next: &'static str,
    /// What comes of doing that, where it is a whole command line.
    then: Then,
}

enum Then {
    /// It is not one.
    Text,
    /// It succeeds.
    Works,
}

use Then::{Text, Works};

/// A mistake whose next step is a whole command line, which works.
const fn line(
    typed: &'static str,
    status: i32,
    says: &'static str,
    place: &'static str,
    next: &'static str,
) -> Mistake {
    Mistake {
        typed,
        status,
        says,
        place,
        next,
        then: Works,
    }
}

/// A mistake whose next step is something to change in what was typed or in a file.
const fn text(
    typed: &'static str,
    status: i32,
    says: &'static str,
    place: &'static str,
    next: &'static str,
) -> Mistake {
    Mistake {
        then: Text,
        ..line(typed, status, says, place, next)
    }
}

/// A folder with what mistakes are made with.
fn workshop() -> Temp {
    let temp = folder();
    good(&temp, &["plan.json", "-o", "art.wasm"]);
    temp.write("core.wasm", component("(module (func (export \"f\")))"));
    temp.write(
        "wit.wasm",
        component(
            r#"(component (type (component
                 (type (instance (type (func)) (export "f" (func (type 0)))))
                 (export "a:b/i" (instance (type 0)))))
               (export "i" (type 0)))"#,
        ),
    );
    temp.write("demo.wit", "package a:b;\ninterface i { f: func(); }\n");
    temp.write("app.wac", "package a:b;\nlet n = new demo:numbers {};\n");
    temp.write(
        "spin.toml",
        "spin_manifest_version = 2\n[application]\nname = \"x\"\n",
    );
    temp.write("program.wasm", read(guest("program")));
    temp.write("http.wasm", read(guest("http-behaviours")));
    temp.write("greets.wasm", read(guest("http-hello")));
    let plan = |name: &str, from: &str, to: &str| {
        let changed = PLAN.replacen(from, to, 1);
        assert_ne!(changed, PLAN, "{name}");
        temp.write(name, changed);
    };
    plan("root.json", "\"root\": \"app\"", "\"root\": \"ap\"");
    plan("field.json", "\"root\"", "\"roots\"");
    plan(
        "import.json",
        "\"import_name\": \"demo:numbers/numbers\"",
        "\"import_name\": \"demo:numbers/number\"",
    );
    plan(
        "export.json",
        "\"export_name\": \"demo:numbers/numbers\"",
        "\"export_name\": \"demo:number/numbers\"",
    );
    plan(
        "rule.json",
        "\"bindings\"",
        "\"policy\": { \"denials\": [{ \"name\": \"wasi:htp\" }] },\n  \"bindings\"",
    );
    plan("path.json", "file:lib/numbers.wasm", "lib/numbers.wasm");
    plan(
        "url.json",
        "file:lib/numbers.wasm",
        "https://a.example/numbers.wasm",
    );
    plan("gone.json", "file:lib/numbers.wasm", "file:lib/number.wasm");
    plan("core.json", "file:lib/numbers.wasm", "file:core.wasm");
    plan(
        "locked.json",
        "\"id\": \"numbers\"",
        &format!(
            "\"id\": \"numbers\", \"digest\": \"sha256:{}\"",
            "0".repeat(64)
        ),
    );
    temp.write("stale.json", PLAN);
    good(&temp, &["plan", "lock", "stale.json"]);
    temp
}

fn typed(folder: &Temp, line: &str) -> Output {
    let bin = dist("composectl");
    let bin = bin.parent().expect("its folder").display().to_string();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut shell = Command::new("sh");
    shell
        .args(["-c", line])
        .current_dir(folder.path())
        .env("PATH", format!("{bin}:{path}"))
        .env("XDG_STATE_HOME", state_of(folder.path()))
        .env_remove("COMPOSE_STORE");
    run(&mut shell)
}

/// The help of the first error.
fn help(said: &str) -> &str {
    let lines = said.lines().skip_while(|line| !line.starts_with("error["));
    let mut lines = lines.map(str::trim_start);
    let help = lines.find_map(|line| line.strip_prefix("= help: "));
    help.unwrap_or_else(|| panic!("no next step: {said}"))
}

#[track_caller]
fn hold(folder: &Temp, mistakes: &[Mistake]) {
    for mistake in mistakes {
        let (line, next) = (mistake.typed, mistake.next);
        let output = typed(folder, line);
        let said = &output.stderr;
        assert_eq!(output.status, mistake.status, "{line}\n{said}");
        let errors = said.lines().filter(|line| line.starts_with("error["));
        let first: Vec<&str> = errors.take(1).collect();
        assert!(
            first.iter().any(|first| first.contains(mistake.says)),
            "{line}\nsays not {:?}\n{said}",
            mistake.says
        );
        assert!(
            said.contains(mistake.place),
            "{line}\nis not at {:?}\n{said}",
            mistake.place
        );
        let help = help(said);
        assert!(help.contains(next), "{line}\nhelps not {next:?}\n{said}");
        if let Works = mistake.then {
            let command = help.split('`').find(|part| part.contains(next));
            let command = command.unwrap_or_else(|| panic!("{line}: no command in {help}"));
            let then = typed(folder, command);
            assert_eq!(then.status, 0, "{line}\nthen {command}\n{then:?}");
        }
    }
}

#[test]
fn words_that_name_no_command() {
    hold(
        &workshop(),
        &[
            line(
                "composectl",
                2,
                "there is nothing to do",
                "Usage: composectl PLAN",
                "composectl help",
            ),
            line(
                "composectl frobnicate",
                2,
                "there is no command `frobnicate`",
                "Usage: composectl PLAN",
                "composectl help",
            ),
            line(
                "composectl validate plan.json",
                2,
                "there is no command `validate`",
                "Usage: composectl PLAN",
                "composectl plan validate plan.json",
            ),
            line(
                "composectl vaildate plan.json -v",
                2,
                "there is no command `vaildate`",
                "Usage: composectl PLAN",
                "composectl plan validate plan.json -v",
            ),
            line(
                "composectl plna validate plan.json",
                2,
                "there is no command `plna`",
                "Usage: composectl PLAN",
                "composectl plan validate plan.json",
            ),
            line(
                "composectl plan vaildate plan.json",
                2,
                "`plan` has no command `vaildate`; it has validate, lock, ",
                "Usage: composectl plan COMMAND",
                "composectl plan validate plan.json",
            ),
            line(
                "composectl plan",
                2,
                "`plan` needs a command: validate, lock, ",
                "Usage: composectl plan COMMAND",
                "composectl plan --help",
            ),
            line(
                "composectl list",
                2,
                "there is no command `list`",
                "Usage: composectl PLAN",
                "composectl blob list",
            ),
            line(
                "composectl build plan.json",
                2,
                "there is no command `build`",
                "Usage: composectl PLAN",
                "composectl emit build plan.json -o OUT",
            ),
        ],
    );
}

#[test]
fn words_of_other_tools() {
    let folder = workshop();
    hold(
        &folder,
        &[
            // wac
            line(
                "composectl plug --plug lib/numbers.wasm app.wasm -o out.wasm",
                2,
                "`composectl plug` has no option `--plug`",
                "Usage: composectl plug [ID=]ROOT.wasm",
                "composectl plug app.wasm lib/numbers.wasm -o out.wasm",
            ),
            line(
                "composectl targets app.wasm",
                2,
                "there is no command `targets`",
                "",
                "composectl exec list app.wasm",
            ),
            text(
                "composectl compose app.wac",
                2,
                "there is no command `compose`",
                "",
                "`composectl plan import app.wac`",
            ),
            text(
                "composectl app.wac",
                1,
                "`app.wac` is a composition of wac, not a plan",
                "app.wac",
                "`composectl plan import app.wac`",
            ),
            // wasm-tools
            line(
                "composectl compose app.wasm -d lib/numbers.wasm -o out2.wasm",
                2,
                "there is no command `compose`",
                "",
                "composectl plug app.wasm lib/numbers.wasm -o out2.wasm",
            ),
            line(
                "composectl compose plan.json -o out3.wasm",
                2,
                "there is no command `compose`",
                "",
                "composectl plan.json -o out3.wasm",
            ),
            line(
                "composectl validate app.wasm",
                2,
                "there is no command `validate`",
                "",
                "composectl exec list app.wasm",
            ),
            line(
                "composectl print app.wasm",
                2,
                "there is no command `print`",
                "",
                "composectl exec list app.wasm",
            ),
            text(
                "composectl component new core.wasm -o x.wasm",
                2,
                "there is no command `component`",
                "",
                "`wasm-tools component new FILE -o OUT` makes a component of a core module",
            ),
            // wasmtime
            line(
                "composectl run --invoke 'seven()' lib/numbers.wasm --trust",
                2,
                "`composectl run` has no option `--invoke`",
                "Usage: composectl run",
                "composectl exec invoke lib/numbers.wasm 'seven()' --trust",
            ),
            line(
                "composectl run -S cli program.wasm --trust -- exit 0",
                2,
                "`composectl run` has no option `-S`",
                "Usage: composectl run",
                "composectl run program.wasm --trust -- exit 0",
            ),
            text(
                "composectl serve -S cli http.wasm",
                2,
                "`composectl serve` has no option `-S`",
                "Usage: composectl serve FILE.wasm|PLAN --addr HOST:PORT",
                "`composectl serve http.wasm --addr 127.0.0.1:8080`",
            ),
            text(
                "composectl compile plan.json",
                2,
                "there is no command `compile`",
                "",
                "`composectl emit build plan.json -o OUT`",
            ),
            // spin
            text(
                "composectl up",
                2,
                "there is no command `up`",
                "",
                "`composectl serve FILE.wasm|PLAN --addr 127.0.0.1:8080`",
            ),
            text(
                "composectl serve http.wasm --listen 127.0.0.1:3000",
                2,
                "`composectl serve` has no option `--listen`",
                "",
                "`composectl serve http.wasm --addr 127.0.0.1:3000`",
            ),
            text(
                "composectl run spin.toml",
                125,
                "`spin.toml` is a manifest of spin, not a plan",
                "spin.toml",
                "`composectl plan import spin.toml`",
            ),
            // docker
            text(
                "composectl ps",
                2,
                "there is no command `ps`",
                "",
                "is a process in the foreground, and Ctrl-C ends it",
            ),
            text(
                "composectl push plan.json",
                2,
                "there is no command `push`",
                "",
                "`composectl emit build PLAN --tag NAME` names the artifact in the store",
            ),
            line(
                "composectl images",
                2,
                "there is no command `images`",
                "",
                "composectl blob list",
            ),
            text(
                "composectl serve http.wasm -p 8080:80",
                2,
                "`composectl serve` has no option `-p`",
                "",
                "`composectl serve http.wasm --addr 127.0.0.1:8080`",
            ),
            line(
                "composectl plan info plan.json --json",
                2,
                "`composectl plan info` has no option `--json`",
                "",
                "composectl plan info plan.json --format json",
            ),
        ],
    );
    assert_eq!(read(folder.join("out.wasm")), read(folder.join("art.wasm")));
    assert_eq!(
        read(folder.join("out2.wasm")),
        read(folder.join("art.wasm"))
    );
}

#[test]
fn misspelt_names() {
    hold(
        &workshop(),
        &[
            text(
                "composectl plan validate plan.json --lokced",
                2,
                "there is no option `--lokced`",
                "Usage: composectl plan validate PLAN",
                "did you mean `--locked`?",
            ),
            text(
                "composectl plan validate plan.json -o x",
                2,
                "`composectl plan validate` has no option `--output`",
                "Usage: composectl plan validate PLAN",
                "it is an option of plan lock, plan convert, ",
            ),
            text(
                "composectl plan rename plan.json nmbers x",
                1,
                "no component of `plan.json` has the id `nmbers`",
                "--> plan.json:4:17  (/components)",
                "did you mean `numbers`?",
            ),
            text(
                "composectl root.json",
                1,
                "\"ap\"",
                "--> root.json:3:11  (/root)",
                "did you mean \"app\"?",
            ),
            text(
                "composectl field.json",
                1,
                "\"roots\"",
                "--> field.json:3:3  (/roots)",
                "did you mean \"root\"?",
            ),
            text(
                "composectl import.json",
                1,
                "has no import \"demo:numbers/number\"",
                "--> import.json:10:22  (/bindings/0/import_name)",
                "did you mean \"demo:numbers/numbers\"?",
            ),
            text(
                "composectl export.json",
                1,
                "has no export \"demo:number/numbers\"",
                "--> export.json:12:22  (/bindings/0/export_name)",
                "did you mean \"demo:numbers/numbers\"?",
            ),
            text(
                "composectl rule.json",
                1,
                "WASI has no package \"wasi:htp\"",
                "--> rule.json:8:37  (/policy/denials/0/name)",
                "did you mean \"wasi:http\"?",
            ),
            text(
                "composectl plan validate plan.json --allow wasi:htp",
                1,
                "WASI has no package \"wasi:htp\"",
                "the host allows \"wasi:htp\"",
                "did you mean \"wasi:http\"?",
            ),
            text(
                "composectl plan validate plan.json --deny wasi:random=stub",
                2,
                "`--deny wasi:random=stub` is not `--deny NAME[=MODE]`; \"stub\" must be \"trap\"",
                "Usage: composectl plan validate PLAN",
                "`composectl plan validate --help` says more",
            ),
            text(
                "composectl plan validate plan.json --target wasmtme@50",
                2,
                "`--target wasmtme@50` is not a known target",
                "Usage: composectl plan validate PLAN",
                "did you mean `--target wasmtime@50`?",
            ),
            text(
                "composectl run program.wasm --trust --limit cpums=5",
                125,
                "there is no limit \"cpums\"",
                "",
                "did you mean \"cpu-ms\"?",
            ),
            text(
                "composectl plan validate plan.json --format yaml",
                2,
                "`--format yaml` is not a format",
                "Usage: composectl plan validate PLAN",
                "use `text` or `json`",
            ),
        ],
    );
}

#[test]
fn files_of_another_kind() {
    hold(
        &workshop(),
        &[
            line(
                "composectl plan validate art.wasm",
                1,
                "`art.wasm` is an artifact, not a plan",
                "art.wasm",
                "composectl plan info art.wasm",
            ),
            line(
                "composectl emit build lib/numbers.wasm -o x.wasm",
                1,
                "`lib/numbers.wasm` is a component, not a plan",
                "lib/numbers.wasm",
                "composectl plan new lib/numbers.wasm -o numbers.json",
            ),
            line(
                "composectl app.wasm lib/numbers.wasm -o out.wasm",
                2,
                "`lib/numbers.wasm` is one argument too many",
                "Usage: composectl PLAN",
                "composectl plug app.wasm lib/numbers.wasm -o out.wasm",
            ),
            line(
                "composectl plug app.wasm plan.json",
                1,
                "`plan.json` is JSON, as plans are, not a component",
                "plan.json",
                "composectl emit build plan.json -o OUT",
            ),
            text(
                "composectl run core.wasm",
                125,
                "`core.wasm` is a core module, not a component",
                "core.wasm",
                "`wasm-tools component new core.wasm -o OUT` makes a component of it",
            ),
            text(
                "composectl core.wasm",
                1,
                "`core.wasm` is a core module, not a plan",
                "core.wasm",
                "`wasm-tools component new core.wasm -o OUT` makes a component of it",
            ),
            text(
                "composectl core.json",
                1,
                "component \"numbers\" cannot be composed: `core.wasm` is a core module",
                "--> core.json:6:34  (/components/1/source)",
                "`wasm-tools component new core.wasm -o OUT` makes a component of it",
            ),
            text(
                "composectl run wit.wasm",
                125,
                "`wit.wasm` cannot be composed: it is a WIT package: types alone, no code",
                "wit.wasm",
                "name a component that has what it says",
            ),
            line(
                "composectl wit.wasm",
                1,
                "`wit.wasm` is a WIT package, not a plan",
                "wit.wasm",
                "composectl canon wit-id wit.wasm",
            ),
            line(
                "composectl demo.wit",
                1,
                "`demo.wit` is WIT, not a plan",
                "demo.wit",
                "composectl canon wit-id demo.wit",
            ),
            text(
                "composectl plug app.wasm demo.wit",
                1,
                "`demo.wit` is WIT, not a component",
                "demo.wit",
                "name a component that has what it says",
            ),
            text(
                "composectl plan.json -o lib",
                1,
                "cannot write `lib`: it is a folder",
                "lib",
                "name a file in it",
            ),
            line(
                "composectl trust add app.wasm",
                1,
                "`app.wasm` is not a sha-256 digest",
                "app.wasm",
                "composectl blob put app.wasm",
            ),
        ],
    );
}

#[test]
fn files_that_are_elsewhere() {
    let folder = workshop();
    fs::write(folder.join("lib/numbers.wasm"), component(APP)).expect("a file");
    hold(
        &folder,
        &[
            text(
                "composectl plan digest plan.jsn",
                1,
                "cannot read `plan.jsn`: there is no such file or folder",
                "plan.jsn",
                "did you mean `plan.json`?",
            ),
            text(
                "cd lib && composectl plan digest plan.json",
                1,
                "cannot read `plan.json`: there is no such file or folder",
                "plan.json",
                "did you mean `../plan.json`?",
            ),
            text(
                "composectl plan digest .",
                1,
                "cannot read `.`: it is a folder",
                "`.`",
                "did you mean `plan.json`?",
            ),
            text(
                "composectl gone.json",
                1,
                "cannot read `lib/number.wasm`: there is no such file or folder",
                "--> gone.json:6:34  (/components/1/source)",
                "did you mean `lib/numbers.wasm`?",
            ),
            text(
                "composectl path.json",
                1,
                "cannot read the source `lib/numbers.wasm`: only `file:` sources are read",
                "--> path.json:6:34  (/components/1/source)",
                "did you mean `file:lib/numbers.wasm`?",
            ),
            text(
                "composectl url.json",
                1,
                "cannot read the source `https://a.example/numbers.wasm`: only `file:`",
                "--> url.json:6:34  (/components/1/source)",
                "`composectl blob put FILE`",
            ),
            line(
                "composectl stale.json --locked -o x.wasm",
                1,
                "lib/numbers.wasm",
                "--> stale.json:",
                "composectl plan lock stale.json --update numbers",
            ),
            line(
                "composectl locked.json -o x.wasm",
                1,
                "`file:lib/numbers.wasm` of `numbers` is not what the plan is locked to",
                "--> locked.json:6:",
                "composectl plan lock locked.json --update numbers",
            ),
            text(
                "composectl plan new app.wasm --dir lbi -o p.json",
                1,
                "cannot list `lbi`: there is no such file or folder",
                "lbi",
                "did you mean `lib`?",
            ),
        ],
    );
}

#[test]
fn what_runs_and_serves() {
    let folder = workshop();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("its address").port();
    let in_use = format!("composectl serve http.wasm --trust --addr 127.0.0.1:{port}");
    let says = format!("cannot listen on `127.0.0.1:{port}`");
    hold(
        &folder,
        &[
            text(
                in_use.leak(),
                1,
                says.leak(),
                "in use",
                "as in `--addr 127.0.0.1:0`, it is one that is free",
            ),
            text(
                "composectl serve http.wasm --trust",
                2,
                "a server needs `--addr HOST:PORT`",
                "Usage: composectl serve FILE.wasm|PLAN --addr HOST:PORT",
                "`--addr 127.0.0.1:8080` listens for this machine alone",
            ),
            text(
                "composectl serve http.wasm --trust --addr 8080",
                2,
                "`--addr 8080` is not `--addr HOST:PORT`",
                "Usage: composectl serve",
                "did you mean `--addr 127.0.0.1:8080`?",
            ),
            text(
                "composectl exec serve http.wasm --trust --addr http://localhost:3000/",
                2,
                "`--addr http://localhost:3000/` is not `--addr HOST:PORT`",
                "Usage: composectl exec serve",
                "did you mean `--addr localhost:3000`?",
            ),
            text(
                "composectl run program.wasm --trust --dir lib:/data",
                2,
                "`--dir lib:/data`: there is no folder `lib:/data`",
                "Usage: composectl run",
                "did you mean `--dir lib::/data`?",
            ),
            text(
                "composectl run program.wasm --trust --dir lbi",
                125,
                "cannot lend `lbi`: there is no such file or folder",
                "lbi",
                "did you mean `lib`?",
            ),
            text(
                "composectl run --dir . program.wasm --trust",
                125,
                "the folder `.` cannot be lent to a guest: it is, is in, or holds the store",
                "`.compose`",
                "keep the store elsewhere: `--store DIR`",
            ),
            text(
                "composectl run program.wasm --trust --env HOME",
                2,
                "`--env HOME` is not `--env NAME=VALUE`",
                "Usage: composectl run",
                "`--env HOME=\"$HOME\"` hands on yours",
            ),
            text(
                "composectl run program.wasm --trust --env A=1 --env A=2",
                2,
                "the variable `A` is given twice",
                "Usage: composectl run",
                "`composectl run --help` says more",
            ),
            line(
                "composectl run program.wasm exit 0 --trust",
                2,
                "`exit` is one argument too many",
                "Usage: composectl run",
                "composectl run program.wasm --trust -- exit 0",
            ),
            text(
                "composectl run program.wasm --trust --shout",
                2,
                "there is no option `--shout`",
                "Usage: composectl run",
                "arguments for the guest come after `--`",
            ),
            text(
                "composectl run http.wasm --trust",
                125,
                "does not export `wasi:cli/run`",
                "http.wasm",
                "did you mean `composectl exec serve http.wasm --addr 127.0.0.1:8080`?",
            ),
            text(
                "composectl serve program.wasm --trust --addr 127.0.0.1:0",
                1,
                "does not export `wasi:http/incoming-handler`",
                "it exports wasi:cli/run@0.2",
                "did you mean `composectl exec run program.wasm`?",
            ),
            line(
                "composectl exec invoke lib/numbers.wasm 'sven()' --trust",
                125,
                "does not export `sven`; it exports demo:numbers/numbers",
                "",
                "composectl exec list lib/numbers.wasm",
            ),
            line(
                "composectl exec invoke lib/numbers.wasm 'seven(1)' --trust",
                125,
                "the arguments of `seven` do not fit",
                "",
                "composectl exec list lib/numbers.wasm",
            ),
            line(
                "composectl run program.wasm",
                125,
                "component \"program\" (sha256:",
                "--> program.wasm",
                "composectl trust add sha256:",
            ),
            text(
                "composectl serve greets.wasm --trust --addr 127.0.0.1:0",
                1,
                "does not give what the artifact imports",
                "hello:greeter/greet@0.1.0",
                "`composectl plug FILE.wasm FILE… -o OUT` does so for files",
            ),
            line(
                "composectl emit build plan.json",
                2,
                "`emit build` needs `-o OUT`, the artifact's file, or `--tag NAME`",
                "Usage: composectl emit build PLAN -o OUT|--tag NAME",
                "composectl emit build plan.json -o plan.wasm",
            ),
            line(
                "composectl plan lock plan.json numbers",
                2,
                "`numbers` is an id, which `--update` alone takes",
                "Usage: composectl plan lock",
                "composectl plan lock plan.json --update numbers",
            ),
        ],
    );
}

/// Programs are told the same.
#[test]
fn next_steps_are_in_json_too() {
    let folder = workshop();
    let output = typed(&folder, "composectl app.wasm --format json");
    let said: serde_json::Value = serde_json::from_str(&output.stdout).expect("an object");
    let help = said["errors"][0]["help"].as_str().expect("a next step");
    assert!(help.contains("`composectl exec run app.wasm`"), "{said}");
}
