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

/// A component of its text.
pub fn component(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// What makes a result of `list<tuple<string, string>>` of the host readable.
const VARIABLES: &str = r#"
    (import "wasi:cli/environment@0.2.0" (instance $environment
      (export "get-environment" (func (result (list (tuple string string)))))))
    (core module $memory
      (memory (export "memory") 4)
      (global $next (mut i32) (i32.const 65536))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local i32)
        (local.set 4 (i32.and (i32.add (global.get $next) (i32.const 15)) (i32.const -16)))
        (global.set $next (i32.add (local.get 4) (local.get 3)))
        (local.get 4)))
    (core instance $memory (instantiate $memory))
    (core func $variables (canon lower (func $environment "get-environment")
      (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))"#;

/// A component whose instance of a name has `n`, which counts the variables.
pub fn counts_variables(name: &str) -> Vec<u8> {
    component(&format!(
        r#"(component {VARIABLES}
             (core module $m
               (import "i" "memory" (memory 4))
               (import "i" "variables" (func $variables (param i32)))
               (func (export "n") (result i32)
                 (call $variables (i32.const 0)) (i32.load (i32.const 4))))
             (core instance $i (export "memory" (memory $memory "memory"))
               (export "variables" (func $variables)))
             (core instance $m (instantiate $m (with "i" (instance $i))))
             (func $n (result u32) (canon lift (core func $m "n")))
             (instance $e (export "n" (func $n)))
             (export "{name}" (instance $e)))"#
    ))
}

/// A component with `n`, ten times its own variables and those that another
/// counts behind an import.
pub fn counts_both(import: &str) -> Vec<u8> {
    component(&format!(
        r#"(component {VARIABLES}
             (import "{import}" (instance $other (export "n" (func (result u32)))))
             (core func $other (canon lower (func $other "n")))
             (core module $m
               (import "i" "memory" (memory 4))
               (import "i" "variables" (func $variables (param i32)))
               (import "i" "other" (func $other (result i32)))
               (func (export "n") (result i32)
                 (call $variables (i32.const 0))
                 (i32.add (i32.mul (i32.const 10) (i32.load (i32.const 4))) (call $other))))
             (core instance $i (export "memory" (memory $memory "memory"))
               (export "variables" (func $variables)) (export "other" (func $other)))
             (core instance $m (instantiate $m (with "i" (instance $i))))
             (func (export "n") (result u32) (canon lift (core func $m "n"))))"#
    ))
}

/// The types of `sys:compose`, as who calls and is called at run time imports them.
fn types() -> String {
    let cases = CODES.map(|code| format!("(case \"{code}\")")).concat();
    format!(
        r#"(import "sys:compose/types@1.0.0" (instance $types
             (type $variant (variant {cases}))
             (export "error-code" (type $code (eq $variant)))
             (type $record (record (field "code" $code) (field "message" string)
               (field "context" (option string))))
             (export "error" (type (eq $record)))))
           (alias export $types "error" (type $error))"#
    )
}

/// A provider that answers with how many variables there are, under a name.
pub fn reads_variables(endpoint: &str) -> Vec<u8> {
    let types = types();
    component(&format!(
        r#"(component {types} {VARIABLES}
             (core module $m
               (import "i" "memory" (memory 4))
               (import "i" "variables" (func $variables (param i32)))
               (func (export "handle") (param i32 i32 i32 i32) (result i32)
                 (call $variables (i32.const 0))
                 (i32.store8 (i32.const 64)
                   (i32.add (i32.const 48) (i32.load (i32.const 4))))
                 (i32.store (i32.const 16) (i32.const 0))
                 (i32.store (i32.const 20) (i32.const 64))
                 (i32.store (i32.const 24) (i32.const 1))
                 (i32.const 16)))
             (core instance $i (export "memory" (memory $memory "memory"))
               (export "variables" (func $variables)))
             (core instance $m (instantiate $m (with "i" (instance $i))))
             (func $handle (param "method" string) (param "payload" (list u8))
               (result (result (list u8) (error $error)))
               (canon lift (core func $m "handle") (memory (core memory $memory "memory"))
                 (realloc (core func $memory "realloc"))))
             (instance $e (export "handle" (func $handle)))
             (export "{endpoint}" (instance $e)))"#
    ))
}

/// A component that imports the linker, and may import and export an instance
/// with `n`; or it has `n` by itself.
pub fn links(import: Option<&str>, export: Option<&str>) -> Vec<u8> {
    let types = types();
    let import = import.map_or(String::new(), |name| {
        format!("(import \"{name}\" (instance (export \"n\" (func (result u32)))))")
    });
    let export = match export {
        Some(name) => {
            format!("(instance $e (export \"n\" (func $n))) (export \"{name}\" (instance $e))")
        }
        None => "(export \"n\" (func $n))".to_string(),
    };
    component(&format!(
        r#"(component {types}
             (import "compose:dynlink/linker@0.1.0" (instance
               (export "error" (type $own-error (eq $error)))
               (export "instance" (type $instance (sub resource)))
               (export "resolve-by-id" (func (param "id" string)
                 (result (result (own $instance) (error $own-error)))))))
             {import}
             (core module $m (func (export "n") (result i32) (i32.const 7)))
             (core instance $m (instantiate $m))
             (func $n (result u32) (canon lift (core func $m "n")))
             {export})"#
    ))
}
