//! One server with several programs: which of them answers is said by hosts and paths, and
//! all that holds for one holds for each.

use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use compositor_tests::{Client, Output, Temp, composectl, composectl_in, guest, read, root, run};

use super::fixture::{Server, at, trust};

/// A folder with two components: one says hello, and the other nothing where it is asked
/// for nothing bad.
pub fn folder() -> Temp {
    let folder = Temp::new();
    folder.write("hello.wasm", read(guest("http-three")));
    folder.write("silent.wasm", read(guest("http-behaviours")));
    folder
}

/// What `hello.wasm` answers, and what `silent.wasm` does.
const HELLO: &str = "Hello, world!\n";
const SILENT: &str = "";

/// A plan of a component in the same folder.
fn plan(id: &str, source: &str) -> String {
    format!(
        r#"{{ "version": "1", "root": "{id}", "bindings": [],
        "components": [{{ "id": "{id}", "source": "file:{source}" }}] }}"#
    )
}

fn command(folder: &Temp, args: &[&str]) -> Command {
    let mut command = composectl_in(folder.path());
    let options = ["--addr", "127.0.0.1:0", "--events", "events.jsonl"];
    command.arg("serve").args(options).args(args);
    command
}

fn serve(folder: Temp, args: &[&str]) -> Server {
    let mut command = command(&folder, args);
    at(folder, &mut command, "composectl: serving on http://")
}

/// A server that does not start.
pub fn refused(folder: &Temp, args: &[&str]) -> Output {
    run(command(folder, args).stdin(Stdio::null()))
}

/// Asks by the target of a request and the host that it names.
fn ask(client: &mut Client, host: &str, target: &str) -> (u16, String) {
    let request = format!("GET {target} HTTP/1.1\r\nhost: {host}\r\n\r\n");
    client
        .write(request.as_bytes())
        .expect("it takes a request");
    let (status, body) = client.answer().expect("an answer");
    (status, String::from_utf8(body).expect("a text"))
}

#[test]
fn hosts_and_paths() {
    let plan = root().join("plans/http/plan.json");
    let plan = plan.to_str().expect("a path in UTF-8");
    let server = serve(
        folder(),
        &[
            plan,
            "--trust",
            "--access-log",
            "--route",
            "/api=hello.wasm",
            "--route",
            "Api.example.com=silent.wasm",
            "--route",
            "admin.example.com/v1=hello.wasm",
        ],
    );
    // One connection may be for all of them.
    let mut client = server.connect();
    let asked = [
        ("test", "/api", HELLO),
        ("test", "/api/x?y", HELLO),
        ("test", "/api?q=/", HELLO),
        // The guest sees all of a path.
        ("test", "/apix", "Hello, apix!\n"),
        ("test", "/x/api?q", "Hello, x/api?q!\n"),
        ("test", "/", HELLO),
        ("api.example.com", "/", SILENT),
        ("API.example.com:8080", "/api", SILENT),
        ("api.example.com.", "/x", SILENT),
        ("x.api.example.com", "/x", "Hello, x!\n"),
        ("admin.example.com", "/v1/users", HELLO),
        ("admin.example.com", "/v2", "Hello, v2!\n"),
        ("admin.example.com", "/api", HELLO),
        ("test", "http://api.example.com/x", SILENT),
    ];
    for (host, target, expected) in asked {
        let expected = (200, expected.to_string());
        assert_eq!(ask(&mut client, host, target), expected, "{host} {target}");
    }
    drop(client);
    server.signal("TERM");
    let (output, requests) = server.end("http.request");
    assert_eq!(output.status, 0, "{output:?}");
    assert_eq!(requests.len(), asked.len());
    // Events and lines name the root.
    let of = |number: u64| {
        let request = requests.iter().find(|of| of["request"] == number);
        request.map(|request| request["root"].as_str().unwrap_or_default())
    };
    assert_eq!(of(1), Some("hello"));
    assert_eq!(of(4), Some("app"));
    assert_eq!(of(7), Some("silent"));
    for line in [
        "[1] hello GET /api 200 ",
        "[4] app GET /apix 200 ",
        "[7] silent GET / 200 ",
    ] {
        assert!(output.stderr.contains(line), "{line} {output:?}");
    }
}

#[test]
fn what_no_route_takes() {
    let args = [
        "--trust",
        "--route",
        "/api=hello.wasm",
        "--route",
        "h=hello.wasm",
    ];
    let server = serve(folder(), &args);
    let mut client = server.connect();
    let absent = (404, "InvalidInput\n".to_string());
    assert_eq!(ask(&mut client, "test", "/apix"), absent);
    // The connection stays, also for what comes with a body that nobody reads.
    assert_eq!(ask(&mut client, "test", "/api").0, 200);
    let request = b"POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 5\r\n\r\nhello";
    client.write(request).expect("it takes a request");
    assert_eq!(client.head().expect("an answer").status, 404);
    let mut client = server.connect();
    assert_eq!(ask(&mut client, "h:1", "/").0, 200);
    // A host that is none is another mistake.
    client
        .write(b"GET /api HTTP/1.1\r\n\r\n")
        .expect("it takes a request");
    assert_eq!(client.head().expect("an answer").status, 400);
    server.signal("TERM");
    let (output, requests) = server.end("http.request");
    assert_eq!(output.status, 0, "{output:?}");
    let failed = requests.iter().find(|of| of["path"] == "/apix");
    let failed = failed.expect("it is told");
    assert_eq!(failed["status"], 404, "{failed}");
    assert_eq!(failed["code"], "InvalidInput", "{failed}");
    assert!(failed.get("root").is_none(), "{failed}");
    for line in [
        "[1] - GET /apix 404 13 B ",
        " ms InvalidInput: no route is for this path of the host \"test\"\n",
    ] {
        assert!(output.stderr.contains(line), "{line} {output:?}");
    }
    // What is answered is not said without being asked for.
    assert!(!output.stderr.contains("hello GET"), "{output:?}");
}

#[test]
fn a_failure_names_the_root() {
    let args = ["hello.wasm", "--trust", "--route", "h=silent.wasm"];
    let server = serve(folder(), &args);
    let trap = (500, "Exec.Trap\n".to_string());
    for host in ["h", "test"] {
        assert_eq!(ask(&mut server.connect(), host, "/trap"), trap, "{host}");
    }
    assert_eq!(ask(&mut server.connect(), "h", "/").0, 200);
    server.signal("TERM");
    let output = server.output();
    for line in ["[1] silent GET /trap 500 ", "[2] hello GET /trap 500 "] {
        assert!(output.stderr.contains(line), "{line} {output:?}");
    }
    assert!(!output.stderr.contains("[3]"), "{output:?}");
}

#[test]
fn the_server_answers_for_itself_first() {
    let args = [
        "--trust",
        "--route",
        "/api=hello.wasm",
        "--health",
        "/api/health",
    ];
    let server = serve(folder(), &args);
    let mut client = server.connect();
    let healthy = (200, "ok\n".to_string());
    assert_eq!(ask(&mut client, "test", "/api/health"), healthy);
    assert_eq!(ask(&mut client, "test", "/api/healthy").1, HELLO);
    server.stop("");
}

/// Limits are of each plan, and the lower one holds for each.
#[test]
fn limits_are_of_each() {
    let folder = folder();
    let limited = r#"{ "version": "1", "root": "limited", "bindings": [],
        "policy": { "limits": { "cpu_ms": 100 } },
        "components": [{ "id": "limited", "source": "file:silent.wasm" }] }"#;
    folder.write("limited.json", limited);
    let args = [
        "silent.wasm",
        "--trust",
        "--route",
        "h=limited.json",
        "--limit",
        "cpu-ms=3000",
    ];
    let server = serve(folder, &args);
    let timed_out = (504, "Exec.Timeout\n".to_string());
    for host in ["h", "test"] {
        assert_eq!(ask(&mut server.connect(), host, "/spin"), timed_out);
    }
    let requests = server.stop("http.request");
    let taken = |host: usize| requests[host]["duration_us"].as_u64().expect("a time");
    assert_eq!(requests[0]["root"], "limited", "{requests:?}");
    assert!(taken(1) > 2_000_000, "{requests:?}");
    assert!(taken(0) < taken(1), "{requests:?}");
}

#[test]
fn one_that_is_not_trusted_keeps_all_from_being_served() {
    let folder = folder();
    let good = folder.write("good.json", plan("good", "hello.wasm"));
    folder.write("bad.json", plan("bad", "silent.wasm"));
    trust(&folder, &good);
    let output = refused(&folder, &["good.json", "--route", "/a=bad.json"]);
    assert_eq!(output.status, 1, "{output:?}");
    for said in [
        "error[Trust.UntrustedSource/",
        "component \"bad\" (sha256:",
        "bad.json:",
    ] {
        assert!(output.stderr.contains(said), "{said} {output:?}");
    }
    for unsaid in ["good.json", "serving on"] {
        assert!(!output.stderr.contains(unsaid), "{unsaid} {output:?}");
    }
    // Nor does one that answers nothing, or that is none.
    folder.write("program.wasm", read(guest("program")));
    let args = ["good.json", "--trust", "--route", "/a=program.wasm"];
    let output = refused(&folder, &args);
    assert_eq!(output.status, 1, "{output:?}");
    for said in [
        "does not export `wasi:http/incoming-handler`",
        "did you mean `composectl exec run program.wasm`?",
    ] {
        assert!(output.stderr.contains(said), "{said} {output:?}");
    }
    let args = ["good.json", "--route", "/a=absent.json"];
    let output = refused(&folder, &args);
    assert_eq!(output.status, 1, "{output:?}");
    assert!(
        output.stderr.contains("cannot read `absent.json`"),
        "{output:?}"
    );
}

/// What is read for one plan is not written for another.
#[test]
fn events_take_nobodys_place() {
    let folder = folder();
    folder.write("one.json", plan("one", "hello.wasm"));
    folder.write("two.json", plan("two", "silent.wasm"));
    let source = read(folder.join("silent.wasm"));
    let mut command = composectl_in(folder.path());
    command.args(["serve", "one.json", "--route", "/two=two.json", "--trust"]);
    command.args(["--addr", "127.0.0.1:0", "--events"]);
    for (file, what) in [
        ("silent.wasm", "it is the source of component `two`"),
        ("two.json", "it is an operand of the command"),
    ] {
        let before = read(folder.join(file));
        let mut args: Vec<_> = command.get_args().map(|arg| arg.to_os_string()).collect();
        args.push(file.into());
        let output = composectl(folder.path(), args);
        assert_eq!(output.status, 1, "{output:?}");
        assert!(output.stderr.contains(what), "{output:?}");
        assert_eq!(read(folder.join(file)), before, "{file}");
    }
    assert_eq!(read(folder.join("silent.wasm")), source);
}

#[test]
fn one_of_the_plans_changes() {
    let folder = folder();
    folder.write("one.json", plan("one", "hello.wasm"));
    folder.write("two.json", plan("two", "two.wasm"));
    folder.write("two.wasm", read(guest("http-behaviours")));
    let args = [
        "one.json",
        "--watch",
        "--trust",
        "--route",
        "two/late=two.json",
    ];
    let mut server = serve(folder, &args);
    let get = |server: &Server, host: &str, path: &str| ask(&mut server.connect(), host, path);
    assert_eq!(get(&server, "two", "/late/x"), (200, SILENT.to_string()));
    assert_eq!(get(&server, "two", "/"), (200, HELLO.to_string()));

    // An error in one of them leaves all as they are.
    server.folder().write("two.wasm", "half a component");
    server.says("composectl: what ran before goes on");
    assert_eq!(get(&server, "two", "/late/x"), (200, SILENT.to_string()));
    assert_eq!(get(&server, "one", "/"), (200, HELLO.to_string()));

    // What is in flight is finished by what began it.
    let mut late = server.connect();
    let request = b"GET /late HTTP/1.1\r\nhost: two\r\n\r\n";
    late.write(request).expect("it takes a request");
    let head = late.head().expect("a head");
    let three = read(guest("http-three"));
    server.folder().write("two.wasm", three);
    let started = Instant::now();
    while get(&server, "two", "/late/x").1 != HELLO {
        assert!(started.elapsed() < Duration::from_secs(60), "it stays");
        sleep(Duration::from_millis(20));
    }
    assert_eq!(get(&server, "one", "/"), (200, HELLO.to_string()));
    let mut body = Vec::new();
    let read = late.body(&head, |bytes| body.extend_from_slice(bytes));
    read.expect("all of it");
    assert!(body.ends_with(b"part 9\n"));

    // A signal has all of them read again, and the routes stay.
    let replaced = |server: &Server| {
        let events = server.events().into_iter();
        events.filter(|of| of["kind"] == "serve.replaced").count()
    };
    let before = replaced(&server);
    assert!(before > 0);
    server.signal("HUP");
    while replaced(&server) == before {
        assert!(started.elapsed() < Duration::from_secs(120), "it stays");
        sleep(Duration::from_millis(20));
    }
    assert_eq!(get(&server, "two", "/late/x"), (200, HELLO.to_string()));
    server.stop("");
}
