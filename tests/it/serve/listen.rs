//! Where a server listens, what it answers itself, and how what it serves is replaced.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};

use compositor_tests::{Temp, composectl_in, dist, guest, root, run, start, state_of};
use serde_json::json;

use super::fixture::{Server, alone, at, refused, serve, trust};

/// Asks over a Unix socket.
fn ask(path: &Path) -> String {
    let mut stream = UnixStream::connect(path).expect("a connection");
    let request = b"GET /headers HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n";
    stream.write_all(request).expect("it takes a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

fn on_unix(folder: Temp) -> Server {
    let plan = alone(&folder, "http-behaviours");
    trust(&folder, &plan);
    let mut command = composectl_in(folder.path());
    let args = ["--events", "events.jsonl", "exec", "serve", "plan.json"];
    command.args(args).args(["--addr", "unix:app.sock"]);
    at(folder, &mut command, "composectl: serving on unix:")
}

#[test]
fn a_unix_socket() {
    let server = on_unix(Temp::new());
    assert_eq!(server.address, "app.sock");
    let socket = server.folder().join("app.sock");
    for _ in 0..3 {
        let answer = ask(&socket);
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }
    // One that listens is not pushed aside.
    let output = composectl_in(server.folder().path())
        .args(["exec", "serve", "plan.json", "--addr", "unix:app.sock"])
        .output()
        .expect("it ends");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(ask(&socket).starts_with("HTTP/1.1 200 OK\r\n"));
    assert_eq!(server.stop("http.request").len(), 4);
    assert!(!socket.exists());
}

/// What a server left that was killed makes room; what is no socket does not.
#[test]
fn a_socket_that_is_left() {
    let folder = Temp::new();
    drop(std::os::unix::net::UnixListener::bind(folder.join("app.sock")).expect("a socket"));
    assert!(folder.join("app.sock").exists());
    let server = on_unix(folder);
    assert!(ask(&server.folder().join("app.sock")).starts_with("HTTP/1.1 200 OK\r\n"));
    server.stop("");
    let folder = Temp::new();
    folder.write("app.sock", "text");
    let plan = alone(&folder, "http-behaviours");
    let output = refused(&folder, &plan, "unix:app.sock");
    assert_eq!(output.status, 1, "{output:?}");
    assert_eq!(fs::read(folder.join("app.sock")).expect("a file"), b"text");
}

/// A supervisor hands a socket over as the third descriptor; Python's standard library
/// is one that can.
#[test]
fn a_socket_that_it_was_started_with() {
    let folder = Temp::new();
    let plan = alone(&folder, "http-behaviours");
    trust(&folder, &plan);
    let handing_over = |folder: &Temp, what: &str| {
        let script = format!(
            "import os, socket, sys\n\
             handed = {what}\n\
             os.dup2(handed.fileno(), 3)\n\
             os.set_inheritable(3, True)\n\
             os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()))\n\
             os.execv(sys.argv[1], sys.argv[1:])\n"
        );
        let mut command = Command::new("python3");
        command
            .args(["-c", &script])
            .arg(dist("composectl"))
            .args(["--events", "events.jsonl", "exec", "serve", "plan.json"])
            .args(["--addr", "inherited"])
            .current_dir(folder.path())
            .env("XDG_STATE_HOME", state_of(folder.path()))
            .env_remove("COMPOSE_STORE");
        command
    };
    // A file, and a connection, of which a supervisor may hand over one each.
    for what in ["open('plan.json')", "socket.socketpair()[0]"] {
        let output = start(handing_over(&folder, what).stdin(Stdio::null())).end();
        assert_eq!(output.status, 1, "{output:?}");
        assert!(
            output.stderr.contains("no socket that listens"),
            "{output:?}"
        );
    }
    let mut command = handing_over(&folder, "socket.create_server(('127.0.0.1', 0))");
    let server = at(folder, &mut command, "composectl: serving on http://");
    assert_eq!(server.get("/headers").0, 200);
    server.stop("");
    let folder = Temp::new();
    let plan = alone(&folder, "http-behaviours");
    let output = refused(&folder, &plan, "inherited");
    assert_eq!(output.status, 1, "{output:?}");
    assert!(output.stderr.contains("LISTEN_FDS"), "{output:?}");
}

#[test]
fn a_path_that_the_server_answers_itself() {
    let server = serve("http-behaviours", &["--health", "/healthz", "--access-log"]);
    assert_eq!(server.get("/healthz"), (200, "ok\n".to_string()));
    // It needs no guest, and so no trust.
    server.distrust();
    assert_eq!(server.get("/healthz?verbose").0, 200);
    assert_eq!(server.get("/headers").0, 500);
    let requests = server.stop("http.request");
    assert_eq!(requests.len(), 1, "{requests:?}");
}

/// A plan of another guest in place of the one that is served.
fn replace(server: &Server, name: &str) {
    let source = format!("file:{}", guest(name).display());
    let plan = json!({
        "version": "1", "root": "app", "bindings": [],
        "components": [{ "id": "app", "source": source }],
    });
    let plan = server.folder().write("plan.json", plan.to_string());
    trust(server.folder(), &plan);
}

#[test]
fn the_plan_is_read_again() {
    let mut server = serve("http-behaviours", &[]);
    assert_eq!(server.get("/"), (200, String::new()));
    // Requests in flight are finished by what answered them, on connections that stay.
    let mut late = server.connect();
    let request = b"GET /late HTTP/1.1\r\nhost: test\r\n\r\n";
    late.write(request).expect("it takes a request");
    let head = late.head().expect("a head");
    let mut kept = server.connect();
    assert_eq!(kept.get("/").expect("an answer"), (200, Vec::new()));
    replace(&server, "http-three");
    server.signal("HUP");
    server.says("composectl: serving what the plan says now");
    let hello = (200, "Hello, world!\n".to_string());
    assert_eq!(server.get("/"), hello);
    let (status, body) = kept.get("/").expect("an answer");
    assert_eq!((status, body), (200, b"Hello, world!\n".to_vec()));
    let mut body = Vec::new();
    let read = late.body(&head, |bytes| body.extend_from_slice(bytes));
    read.expect("all of it");
    assert!(body.ends_with(b"part 9\n"));

    // What is no plan changes nothing.
    server.folder().write("plan.json", "{");
    server.signal("HUP");
    server.says("composectl: what ran before goes on");
    assert_eq!(server.get("/"), hello);
    // And then it is another plan's turn.
    replace(&server, "http-behaviours");
    server.signal("HUP");
    let events = || server.events().into_iter();
    while events()
        .filter(|event| event["kind"] == "serve.replaced")
        .count()
        < 2
    {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(server.get("/"), (200, String::new()));
    server.stop("");
}

/// The certificate of the tests, or its key.
fn pem(name: &str) -> String {
    let path = root().join("tests/it/serve/tls").join(name);
    path.to_str().expect("a path in UTF-8").to_string()
}

/// Python's standard library speaks TLS; the answer's head and body come back.
fn ask_over_tls(address: &str) -> String {
    let script = "import ssl, socket, sys\n\
        context = ssl.create_default_context(cafile=sys.argv[1])\n\
        host, port = sys.argv[2].rsplit(':', 1)\n\
        plain = socket.create_connection((host, int(port)))\n\
        secure = context.wrap_socket(plain, server_hostname='localhost')\n\
        secure.sendall(b'GET /headers HTTP/1.1\\r\\nhost: tls.test\\r\\nx-asked: over-tls\\r\\nconnection: close\\r\\n\\r\\n')\n\
        print(b''.join(iter(lambda: secure.recv(4096), b'')).decode())\n";
    let mut python = Command::new("python3");
    python.args(["-c", script, &pem("certificate.pem"), address]);
    run(&mut python).success()
}

#[test]
fn tls() {
    let folder = Temp::new();
    let plan = alone(&folder, "http-behaviours");
    trust(&folder, &plan);
    let mut command = composectl_in(folder.path());
    command
        .args(["--events", "events.jsonl", "exec", "serve", "plan.json"])
        .args(["--addr", "127.0.0.1:0"])
        .args(["--tls-cert", &pem("certificate.pem")])
        .args(["--tls-key", &pem("key.pem")]);
    let server = at(folder, &mut command, "composectl: serving on https://");
    for _ in 0..2 {
        let answer = ask_over_tls(&server.address);
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("x-asked: over-tls"), "{answer}");
    }
    // Who speaks something else is not answered, and holds nothing up.
    let mut plain = server.connect();
    assert!(plain.get("/headers").is_err());
    let silent = server.connect();
    assert_eq!(server.stop("http.request").len(), 2);
    drop(silent);
}

#[test]
fn a_certificate_that_is_none() {
    let folder = Temp::new();
    let plan = alone(&folder, "http-behaviours");
    trust(&folder, &plan);
    folder.write("empty.pem", "");
    let (certificate, key) = (pem("certificate.pem"), pem("key.pem"));
    for (files, status, says) in [
        (&["--tls-cert", &certificate][..], 2, "go together"),
        (
            &["--tls-cert", &certificate, "--tls-key", "absent.pem"],
            1,
            "cannot use `absent.pem`",
        ),
        (
            &["--tls-cert", "empty.pem", "--tls-key", &key],
            1,
            "it has no certificate in PEM",
        ),
        (
            &["--tls-cert", &certificate, "--tls-key", &certificate],
            1,
            "cannot use",
        ),
    ] {
        let mut command = composectl_in(folder.path());
        command.args(["exec", "serve", "plan.json", "--addr", "127.0.0.1:0"]);
        let output = run(command.args(files));
        assert_eq!(output.status, status, "{output:?}");
        assert!(output.stderr.contains(says), "{output:?}");
    }
}
