;; A provider that resolves the id which its method is, and calls that with its payload for both
;; method and payload.
(component
  (import "sys:compose/types@1.0.0" (instance $types
    (type $variant (variant
      (case "plan-invalid-schema") (case "plan-invalid-cbor") (case "plan-missing-field")
      (case "plan-invalid-graph") (case "plan-cycle-detected") (case "emit-missing-blob")
      (case "emit-invalid-digest") (case "emit-composition-failed") (case "emit-link-error")
      (case "exec-trap") (case "exec-timeout") (case "exec-resource-exhausted")
      (case "exec-capability-denied") (case "exec-missing-export") (case "blob-not-found")
      (case "blob-digest-mismatch") (case "blob-io-error") (case "trust-verification-failed")
      (case "trust-signature-invalid") (case "trust-certificate-expired") (case "trust-untrusted-source")
      (case "secret-not-found") (case "secret-access-denied") (case "secret-backend-error")
      (case "invalid-input") (case "internal-error") (case "not-implemented")))
    (export "error-code" (type $code (eq $variant)))
    (type $record (record
      (field "code" $code) (field "message" string) (field "context" (option string))))
    (export "error" (type (eq $record)))))
  (alias export $types "error" (type $error))
  (import "compose:dynlink/linker@0.1.0" (instance $linker
    (alias outer 1 $error (type $e))
    (export "error" (type $error (eq $e)))
    (export "instance" (type $instance (sub resource)))
    (export "[method]instance.invoke"
      (func (param "self" (borrow $instance)) (param "method" string) (param "payload" (list u8))
        (result (result (list u8) (error $error)))))
    (export "resolve-by-digest"
      (func (param "d" (list u8)) (result (result (own $instance) (error $error)))))
    (export "resolve-by-id"
      (func (param "id" string) (result (result (own $instance) (error $error)))))))
  (alias export $linker "instance" (type $instance))
  (core module $memory
    (memory (export "memory") 16)
    (global $next (mut i32) (i32.const 4096))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.set $next (i32.add (local.get $at) (local.get 3)))
      (local.get $at)))
  (core instance $memory (instantiate $memory))
  (alias core export $memory "memory" (core memory $bytes))
  (alias core export $memory "realloc" (core func $realloc))
  (core func $invoke (canon lower (func $linker "[method]instance.invoke")
    (memory $bytes) (realloc $realloc)))
  (core func $by-digest (canon lower (func $linker "resolve-by-digest")
    (memory $bytes) (realloc $realloc)))
  (core func $by-id (canon lower (func $linker "resolve-by-id")
    (memory $bytes) (realloc $realloc)))
  (core func $drop (canon resource.drop $instance))
  (core module $m
    (import "memory" "memory" (memory 16))
    (import "i" "invoke" (func $invoke (param i32 i32 i32 i32 i32 i32)))
    (import "i" "by-digest" (func $by-digest (param i32 i32 i32)))
    (import "i" "by-id" (func $by-id (param i32 i32 i32)))
    (import "i" "drop" (func $drop (param i32)))
    (func (export "handle")
      (param $id i32) (param $id-length i32) (param $payload i32) (param $length i32) (result i32)
      (call $by-id (local.get $id) (local.get $id-length) (i32.const 16))
      ;; Both results have their error in the same place.
      (if (i32.load8_u (i32.const 16)) (then (return (i32.const 16))))
      (call $invoke (i32.load (i32.const 20)) (local.get $payload) (local.get $length)
        (local.get $payload) (local.get $length) (i32.const 64))
      (call $drop (i32.load (i32.const 20)))
      (i32.const 64)))
  (core instance $i
    (export "invoke" (func $invoke)) (export "drop" (func $drop))
    (export "by-digest" (func $by-digest)) (export "by-id" (func $by-id)))
  (core instance $m (instantiate $m (with "memory" (instance $memory)) (with "i" (instance $i))))
  (func $handle (param "method" string) (param "payload" (list u8))
    (result (result (list u8) (error $error)))
    (canon lift (core func $m "handle") (memory $bytes) (realloc $realloc)))
  (instance $e (export "handle" (func $handle)))
  (export "compose:dynlink/endpoint@0.1.0" (instance $e)))
