//! Components in the text format that no Rust program gives.

/// The cases of `sys:compose/types.error-code`, in their order.
pub const CODES: [&str; 27] = [
    "plan-invalid-schema",
    "plan-invalid-cbor",
    "plan-missing-field",
    "plan-invalid-graph",
    "plan-cycle-detected",
    "emit-missing-blob",
    "emit-invalid-digest",
    "emit-composition-failed",
    "emit-link-error",
    "exec-trap",
    "exec-timeout",
    "exec-resource-exhausted",
    "exec-capability-denied",
    "exec-missing-export",
    "blob-not-found",
    "blob-digest-mismatch",
    "blob-io-error",
    "trust-verification-failed",
    "trust-signature-invalid",
    "trust-certificate-expired",
    "trust-untrusted-source",
    "secret-not-found",
    "secret-access-denied",
    "secret-backend-error",
    "invalid-input",
    "internal-error",
    "not-implemented",
];

/// Fields of a core module that takes table elements until it gets no more.
pub const GROWS_TABLE: (&str, &str) = (
    r#"(table $t 1 funcref)"#,
    r#"(loop $more
         (br_if $more (i32.ne (i32.const -1) (table.grow $t (ref.null func) (i32.const 100)))))"#,
);

/// The same with memory.
pub const GROWS_MEMORY: (&str, &str) = (
    "",
    r#"(loop $more (br_if $more (i32.ne (i32.const -1) (memory.grow (i32.const 1)))))"#,
);

/// A program: fields of its core module, and what `wasi:cli/run` does.
pub fn program((fields, body): (&str, &str)) -> Vec<u8> {
    component(&format!(
        r#"(component
             (core module $m
               (memory (export "memory") 1) {fields}
               (func (export "run") (result i32) {body} i32.const 0))
             (core instance $m (instantiate $m))
             (func $run (result (result)) (canon lift (core func $m "run")))
             (instance $e (export "run" (func $run)))
             (export "wasi:cli/run@0.2.0" (instance $e)))"#
    ))
}

/// A program that ends itself with a status, as `wasi:cli/exit` can.
pub fn exits(status: u8) -> Vec<u8> {
    component(&format!(
        r#"(component
             (import "wasi:cli/exit@0.2.6" (instance $exit
               (export "exit-with-code" (func (param "status-code" u8)))))
             (core func $exit (canon lower (func $exit "exit-with-code")))
             (core module $m
               (import "i" "exit" (func $exit (param i32)))
               (func (export "run") (result i32) i32.const {status} call $exit i32.const 0))
             (core instance $i (export "exit" (func $exit)))
             (core instance $m (instantiate $m (with "i" (instance $i))))
             (func $run (result (result)) (canon lift (core func $m "run")))
             (instance $e (export "run" (func $run)))
             (export "wasi:cli/run@0.2.0" (instance $e)))"#
    ))
}

/// A provider: fields of its core module, and what `handle` does before it
/// answers with nothing.
pub fn provider((fields, body): (&str, &str)) -> Vec<u8> {
    let cases: String = CODES.map(|code| format!("(case {code:?})")).concat();
    component(&format!(
        r#"(component
             (import "sys:compose/types@1.0.0" (instance $types
               (type $variant (variant {cases}))
               (export "error-code" (type $code (eq $variant)))
               (type $record (record
                 (field "code" $code) (field "message" string)
                 (field "context" (option string))))
               (export "error" (type (eq $record)))))
             (alias export $types "error" (type $error))
             (core module $m
               (memory (export "memory") 1) {fields}
               (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024)
               (func (export "handle") (param i32 i32 i32 i32) (result i32) {body} i32.const 0))
             (core instance $m (instantiate $m))
             (func $handle
               (param "method" string) (param "payload" (list u8))
               (result (result (list u8) (error $error)))
               (canon lift (core func $m "handle")
                 (memory (core memory $m "memory")) (realloc (core func $m "realloc"))))
             (instance $e (export "handle" (func $handle)))
             (export "compose:dynlink/endpoint@0.1.0" (instance $e)))"#
    ))
}

fn component(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}
