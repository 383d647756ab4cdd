//! Handlers behind handlers, under policies that grant nothing.

use std::path::PathBuf;

use compositor_tests::{Temp, Written as _, guest, read};
use serde_json::{Value, json};
use test_generate::plan::Plan;

use super::fixture::of_plan;

/// Looks at the request's path and hands the request on.
const MIDDLEWARE: &str = r#"(component
  (import "wasi:http/types@0.2.0" (instance $types
    (export "incoming-request" (type $request (sub resource)))
    (export "response-outparam" (type (sub resource)))
    (export "[method]incoming-request.path-with-query"
      (func (param "self" (borrow $request)) (result (option string))))))
  (alias export $types "incoming-request" (type $request))
  (alias export $types "response-outparam" (type $out))
  (import "wasi:http/incoming-handler@0.2.0" (instance $inner
    (alias outer 1 $request (type $r)) (export "incoming-request" (type $r2 (eq $r)))
    (alias outer 1 $out (type $o)) (export "response-outparam" (type $o2 (eq $o)))
    (export "handle" (func (param "request" (own $r2)) (param "response-out" (own $o2))))))
  (core module $memory
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
  (core instance $memory (instantiate $memory))
  (core func $path (canon lower (func $types "[method]incoming-request.path-with-query")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core func $handle (canon lower (func $inner "handle")))
  (core module $code
    (import "" "path" (func $path (param i32 i32)))
    (import "" "handle" (func $handle (param i32 i32)))
    (func (export "handle") (param i32 i32)
      (call $path (local.get 0) (i32.const 16))
      (call $handle (local.get 0) (local.get 1))))
  (core instance $code (instantiate $code (with "" (instance
    (export "path" (func $path)) (export "handle" (func $handle))))))
  (func $outer (param "request" (own $request)) (param "response-out" (own $out))
    (canon lift (core func $code "handle")))
  (component $shim
    (import "r" (type $r (sub resource)))
    (import "o" (type $o (sub resource)))
    (import "f" (func $f (param "request" (own $r)) (param "response-out" (own $o))))
    (export $r2 "incoming-request" (type $r))
    (export $o2 "response-outparam" (type $o))
    (export "handle" (func $f) (func (param "request" (own $r2)) (param "response-out" (own $o2)))))
  (instance $shim (instantiate $shim
    (with "r" (type $request)) (with "o" (type $out)) (with "f" (func $outer))))
  (export "wasi:http/incoming-handler@0.2.0" (instance $shim)))"#;

/// A plan of so many layers of middleware before a guest.
fn layered(folder: &Temp, depth: usize, policy: &Value) -> PathBuf {
    let handler = "wasi:http/incoming-handler@0.2.0";
    let id = |level: usize| match level {
        0 => "app".to_string(),
        level if level == depth => "inner".to_string(),
        level => format!("layer{level}"),
    };
    let mut plan = Plan::rooted("app").policy(policy.clone());
    for level in 0..depth {
        plan = plan
            .component(&id(level), MIDDLEWARE)
            .bind(&id(level), handler, &id(level + 1));
    }
    let inner = read(guest("http-behaviours"));
    plan.component(&id(depth), inner).write_to(folder)
}

#[test]
fn requests_reach_the_innermost() {
    for policy in [json!({}), json!({ "determinism": "strict" })] {
        for depth in [1, 3] {
            let folder = Temp::new();
            let plan = layered(&folder, depth, &policy);
            let server = of_plan(folder, &plan, &[]);
            assert_eq!(server.get("/"), (200, String::new()), "{policy} {depth}");
            let mut client = server.connect();
            let (status, body) = client.get("/echo").expect("an answer");
            assert_eq!((status, body.len()), (200, 0), "{policy} {depth}");
        }
    }
}
