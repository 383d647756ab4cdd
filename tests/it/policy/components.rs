//! Components of one artifact that are granted different things.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use compositor_tests::{Artifact, Compiled};
use serde_json::{Value, json};
use wasmtime::component::Val;
use wasmtime_wasi::WasiCtxBuilder;

use super::caller::component;
use super::fixture::{imports, plan};
use super::wasi::packages;

const NET: &str = "package test:net@1.0.0;
    interface net {
      use wasi:sockets/tcp@0.2.12.{tcp-socket};
      dial: func(port: u16) -> u32;
      socket: func() -> tcp-socket;
    }\n";

const NAME: &str = "test:net/net@1.0.0";

/// Core functions that dial a port of this host, and give a new socket. What
/// `dial` gives is the result's first byte and, in the next, its error.
const SOCKETS: &str = r#"
  (import "wasi:sockets/tcp-create-socket@0.2.12" "create-tcp-socket"
    (func $create (param i32 i32)))
  (import "wasi:sockets/instance-network@0.2.12" "instance-network"
    (func $network (result i32)))
  (import "wasi:sockets/tcp@0.2.12" "[method]tcp-socket.start-connect"
    (func $start (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "wasi:sockets/tcp@0.2.12" "[method]tcp-socket.finish-connect"
    (func $finish (param i32 i32)))
  (import "wasi:sockets/tcp@0.2.12" "[method]tcp-socket.subscribe"
    (func $subscribe (param i32) (result i32)))
  (import "wasi:io/poll@0.2.12" "[method]pollable.block" (func $block (param i32)))
  (memory (export "memory") 1)
  (func $socket (result i32)
    (call $create (i32.const 0) (i32.const 8))
    (if (i32.load8_u (i32.const 8)) (then unreachable))
    (i32.load (i32.const 12)))
  (func $dial (param $port i32) (result i32) (local $socket i32)
    (call $create (i32.const 0) (i32.const 8))
    (if (i32.load8_u (i32.const 8))
      (then (return (i32.or (i32.const 1)
        (i32.shl (i32.load8_u (i32.const 12)) (i32.const 8))))))
    (local.set $socket (i32.load (i32.const 12)))
    (call $start (local.get $socket) (call $network) (i32.const 0) (local.get $port)
      (i32.const 127) (i32.const 0) (i32.const 0) (i32.const 1)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
      (i32.const 8))
    (if (i32.load8_u (i32.const 8)) (then (return (i32.const 2))))
    (call $block (call $subscribe (local.get $socket)))
    (call $finish (local.get $socket) (i32.const 8))
    (if (i32.load8_u (i32.const 8)) (then (return (i32.const 3))))
    (i32.const 0))
"#;

/// Dials and makes sockets for others.
fn provider() -> Vec<u8> {
    let world = format!("{NET} world provider {{ {SOCKETS_IN_WIT} export net; }}");
    let module = format!(
        r#"(module {SOCKETS}
             (export "{NAME}#dial" (func $dial)) (export "{NAME}#socket" (func $socket)))"#
    );
    component(&world, &packages("0.2.12"), &module)
}

/// Dials itself, lets the provider dial, and asks a socket of the provider's
/// for its hop limit.
fn root() -> Vec<u8> {
    let world = format!(
        "{NET} world root {{
           {SOCKETS_IN_WIT}
           import net;
           export mine: func(port: u16) -> u32;
           export theirs: func(port: u16) -> u32;
           export held: func() -> u32;
         }}"
    );
    let imports = format!(
        r#"(import "{NAME}" "dial" (func $theirs (param i32) (result i32)))
           (import "{NAME}" "socket" (func $lent (result i32)))
           (import "wasi:sockets/tcp@0.2.12" "[method]tcp-socket.hop-limit"
             (func $hops (param i32 i32)))
           (import "wasi:sockets/tcp@0.2.12" "[resource-drop]tcp-socket"
             (func $drop (param i32)))"#
    );
    let module = format!(
        r#"(module {imports} {SOCKETS}
             (func $held (result i32) (local $socket i32)
               (local.set $socket (call $lent))
               (call $hops (local.get $socket) (i32.const 8))
               (call $drop (local.get $socket))
               (i32.or (i32.load8_u (i32.const 8))
                 (i32.shl (i32.load8_u (i32.const 9)) (i32.const 8))))
             (export "mine" (func $dial)) (export "theirs" (func $theirs))
             (export "held" (func $held)))"#
    );
    component(&world, &packages("0.2.12"), &module)
}

const SOCKETS_IN_WIT: &str = "import wasi:sockets/tcp@0.2.12;
    import wasi:sockets/tcp-create-socket@0.2.12;
    import wasi:sockets/instance-network@0.2.12;";

/// A result that says `access-denied`.
const DENIED: u32 = 0x101;

/// The artifact under a policy, which grants sockets to some.
fn artifact(components: &Value) -> Artifact {
    let capability = json!({
        "name": "wasi:sockets", "level": "required", "components": components,
    });
    let policy = json!({ "capabilities": [capability] });
    let made = plan(root())
        .component("net", provider())
        .bind("app", NAME, "net");
    let bytes = made.policy(policy).artifact();
    let (open, _) = imports(&bytes);
    assert!(
        open.iter()
            .any(|name| name.starts_with("wasi:sockets/tcp@"))
    );
    let mut wasi = WasiCtxBuilder::new();
    wasi.inherit_network().allow_tcp(true);
    let compiled = Compiled::new(&bytes).unwrap_or_else(|error| panic!("{error:?}"));
    compiled
        .start(wasi)
        .unwrap_or_else(|error| panic!("{error:?}"))
}

fn number(artifact: &mut Artifact, export: &str, port: Option<u16>) -> u32 {
    let args: Vec<Val> = port.into_iter().map(Val::U16).collect();
    match artifact.call(export, &args) {
        Ok(values) => match values[..] {
            [Val::U32(number)] => number,
            _ => panic!("{values:?} is not a number"),
        },
        Err(error) => panic!("{export}: {error:?}"),
    }
}

/// Whether someone dials a listener within a moment.
fn is_dialled(listener: &TcpListener) -> bool {
    listener.set_nonblocking(true).expect("a listener");
    let patience = Instant::now() + Duration::from_secs(1);
    while Instant::now() < patience {
        if listener.accept().is_ok() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    false
}

fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    (listener, port)
}

#[test]
fn the_provider_alone() {
    let mut artifact = artifact(&json!(["net"]));
    let (listener, port) = listener();
    assert_eq!(number(&mut artifact, "mine", Some(port)), DENIED);
    assert!(!is_dialled(&listener));
    assert_eq!(number(&mut artifact, "theirs", Some(port)), 0);
    assert!(is_dialled(&listener));
    // It holds the provider's socket, and can do nothing with it, twice.
    assert_eq!(number(&mut artifact, "held", None), DENIED);
    assert_eq!(number(&mut artifact, "held", None), DENIED);
}

#[test]
fn the_root_alone() {
    let mut artifact = artifact(&json!(["app"]));
    let (listener, port) = listener();
    assert_eq!(number(&mut artifact, "theirs", Some(port)), DENIED);
    assert!(!is_dialled(&listener));
    assert_eq!(number(&mut artifact, "mine", Some(port)), 0);
    assert!(is_dialled(&listener));
}

#[test]
fn both() {
    let mut artifact = artifact(&json!(["app", "net"]));
    for export in ["mine", "theirs"] {
        let (listener, port) = listener();
        assert_eq!(number(&mut artifact, export, Some(port)), 0, "{export}");
        assert!(is_dialled(&listener), "{export}");
    }
    let hops = number(&mut artifact, "held", None);
    assert!(hops & 0xff == 0 && hops >> 8 > 0, "{hops:#x}");
}
