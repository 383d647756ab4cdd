//! What a program is given and what comes of it: streams, arguments,
//! variables, folders, its exit status, and a Ctrl-C.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::thread;

use compositor_tests::{composectl_in, dist, read, run, start, state_of, wasmtime_cli};

use super::fixture::{Folder, Runs as _, bytes, fails, plan};
use super::wat;

fn program() -> Folder {
    plan(bytes("program")).trusted()
}

#[test]
fn stdin_to_stdout() {
    const BYTES: usize = 100 << 20;
    let folder = program();
    // Any bytes do, as long as no two blocks are the same.
    let mut seed = 1u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed.to_le_bytes()
    })
    .take(BYTES / 8)
    .flatten()
    .collect();
    let input = folder.0.write("input", &noise);
    let output = folder.0.join("output");
    let mut command = composectl_in(folder.0.path());
    command
        .args(["exec", "run", "plan.json", "--", "cat"])
        .stdin(File::open(input).expect("a file"))
        .stdout(File::create(&output).expect("a file"));
    run(&mut command).success();
    assert!(read(output) == noise);
}

#[test]
fn both_streams() {
    let output = program().run(&[], &["both"]);
    assert_eq!(output.status, 0, "{output:?}");
    assert_eq!(output.stdout, "to stdout\n");
    assert_eq!(output.stderr, "to stderr\n");
}

#[test]
fn arguments_and_variables() {
    let folder = program();
    let told = |options: &[&str], args: &[&str]| folder.run(options, args).success();
    // Nothing of composectl's own environment.
    assert_eq!(told(&[], &["told"]), "[\"app\", \"told\"]\n[]\n");
    let options = ["--env", "A=1", "--env", "B=a=b", "--env", "C="];
    assert_eq!(
        told(&options, &["told", "--env", "", "ü \n"]),
        "[\"app\", \"told\", \"--env\", \"\", \"ü \\n\"]\n\
         [(\"A\", \"1\"), (\"B\", \"a=b\"), (\"C\", \"\")]\n"
    );
}

#[test]
fn folders() {
    let folder = program();
    folder.0.write("in/file", "text");
    folder.0.write("other/name", "");
    let run = |options: &[&str], args: &[&str]| folder.run(options, args);
    let dirs = ["--dir", "in", "--dir", "other::/elsewhere:ro"];
    assert_eq!(run(&dirs, &["read", "in/file"]).success(), "text");
    assert_eq!(
        run(&dirs, &["list", "/elsewhere"]).success(),
        "[\"name\"]\n"
    );

    run(&dirs, &["write", "in/new", "new"]).success();
    assert_eq!(read(folder.0.join("in/new")), b"new");
    run(&dirs, &["remove", "in/new"]).success();
    assert!(!folder.0.join("in/new").exists());

    for refused in [
        &["write", "/elsewhere/new", "new"][..],
        &["write", "/elsewhere/name", "new"],
        &["remove", "/elsewhere/name"],
        // Nothing else is there, and nothing is above.
        &["read", "other/name"],
        &["read", "plan.json"],
        &["read", "in/../plan.json"],
        &["read", "/etc/passwd"],
    ] {
        let output = run(&dirs, refused);
        assert_eq!(output.status, 1, "{refused:?} {output:?}");
    }
    // Nor behind a link.
    std::os::unix::fs::symlink("../plan.json", folder.0.join("in/link")).expect("a link");
    assert_eq!(run(&dirs, &["read", "in/link"]).status, 1);
    assert_eq!(read(folder.0.join("other/name")), b"");
    assert_eq!(run(&[], &["list", "in"]).status, 1);

    let whole: &Path = &folder.0.join("in");
    let whole = format!("{}::/data", whole.display());
    let read = run(&["--dir", &whole], &["read", "/data/file"]).success();
    assert_eq!(read, "text");
}

#[test]
fn connections_are_granted() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let folder = program();
    let args = ["connect", &address];
    let refused = folder.run(&[], &args);
    assert_eq!(refused.status, 1, "{refused:?}");
    assert!(refused.stderr.contains("PermissionDenied"), "{refused:?}");
    let udp = folder.run(&["--allow", "wasi:sockets/udp"], &args);
    assert_eq!(udp.status, 1, "{udp:?}");

    let answers = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut said = [0; 6];
        stream.read_exact(&mut said).expect("some bytes");
        stream.write_all(b"and hello").expect("a reader");
        said
    });
    let allowed = folder.run(&["--allow", "wasi:sockets/tcp"], &args);
    assert_eq!(allowed.success(), "and hello\n");
    assert_eq!(&answers.join().expect("an answer"), b"hello\n");
}

#[test]
fn whoever_stops_reading_stops_it() {
    let folder = program();
    let mut shell = Command::new("sh");
    shell
        .args([
            "-c",
            r#""$0" exec run plan.json -- cat < /dev/zero | head -c 10"#,
        ])
        .arg(dist("composectl"))
        .current_dir(folder.0.path())
        .env("XDG_STATE_HOME", state_of(folder.0.path()))
        .env_remove("COMPOSE_STORE");
    assert_eq!(start(&mut shell).end().success(), "\0".repeat(10));
}

#[test]
fn plans_in_cbor() {
    let folder = program();
    folder.good(&["plan", "lock", "plan.json", "-o", "locked.json"]);
    folder.good(&["plan", "convert", "locked.json", "-o", "plan.cbor"]);
    let run = ["exec", "run", "plan.cbor", "--locked", "--", "told"];
    assert_eq!(folder.good(&run), "[\"app\", \"told\"]\n[]\n");
}

#[test]
fn a_folder_that_is_not_there() {
    let folder = program();
    let output = folder.run(&["--dir", "absent"], &["both"]);
    assert_eq!(output.status, 125, "{output:?}");
    assert!(output.stderr.contains("absent"), "{output:?}");
    assert_eq!(output.stdout, "");
}

#[test]
fn exit_status() {
    let folder = program();
    for (args, status) in [
        (&["both"][..], 0),
        (&["fail"], 1),
        (&["wasi-exit", "ok"], 0),
        (&["wasi-exit", "error"], 1),
        (&["exit", "0"], 0),
        // All that std makes of it, with WASI 0.2.
        (&["exit", "3"], 1),
    ] {
        let output = folder.run(&[], args);
        assert_eq!(output.status, status, "{args:?} {output:?}");
        assert!(!output.stderr.contains("error["), "{output:?}");
        let mut stock = wasmtime_cli();
        stock.arg("run").arg(folder.0.join("app.wasm")).args(args);
        assert_eq!(run(&mut stock).status, status, "{args:?}");
    }
    for status in [0, 1, 3, 255] {
        let output = plan(wat::exits(status)).trusted().run(&[], &[]);
        assert_eq!(output.status, i32::from(status), "{output:?}");
    }
}

#[test]
fn traps() {
    let folder = program();
    let output = folder.run(&[], &["panic"]);
    fails(&output, "Exec.Trap");
    assert!(output.stderr.contains("as asked"), "{output:?}");
    let limits = plan(bytes("limits")).trusted();
    fails(&limits.run(&[], &["trap"]), "Exec.Trap");
    fails(&limits.run(&[], &["deep", "100000000"]), "Exec.Trap");
    // Names of functions are the guest's words, on the host's line.
    let named = wat::program((
        r#"(func $"\1b[31mred" unreachable)"#,
        r#"call $"\1b[31mred""#,
    ));
    let output = plan(named).trusted().run(&[], &[]);
    fails(&output, "Exec.Trap");
    assert!(!output.stderr.contains('\x1b'), "{output:?}");
    let start = wat::program(("(func $s unreachable) (start $s)", ""));
    fails(&plan(start).trusted().run(&[], &[]), "Exec.Trap");
}

#[test]
fn a_program_is_needed() {
    let output = plan(bytes("dynlink-words")).trusted().run(&[], &[]);
    fails(&output, "Exec.MissingExport");
    assert!(output.stderr.contains("wasi:cli/run"), "{output:?}");
}

#[test]
fn ctrl_c() {
    let folder = plan(bytes("limits")).trusted();
    for what in ["spin", "sleep"] {
        let mut running = folder.start(&[], &[what, "1000000"]);
        running.until(what);
        running.signal("INT");
        let output = running.end();
        assert!([-1, 130].contains(&output.status), "{output:?}");
    }
}
