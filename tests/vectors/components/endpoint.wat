;; A provider. Of a method the first letter counts: `echo` gives the payload back, `count` the number
;; of such calls so far as a byte, `fail` the error whose code has the number of the payload's first
;; byte; `trap`, `spin` without end and `grow` without end. Anything else is `invalid-input`.
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
  (core module $m
    (import "memory" "memory" (memory 16))
    (global $count (mut i32) (i32.const 0))
    (data (i32.const 64) "as asked")
    (data (i32.const 72) "no such method")
    ;; A result at 16: a list, or an error without context.
    (func $ok (param $at i32) (param $length i32) (result i32)
      (i32.store (i32.const 16) (i32.const 0))
      (i32.store (i32.const 20) (local.get $at))
      (i32.store (i32.const 24) (local.get $length))
      (i32.const 16))
    (func $error (param $code i32) (param $at i32) (param $length i32) (result i32)
      (i32.store (i32.const 16) (i32.const 1))
      (i32.store (i32.const 20) (local.get $code))
      (i32.store (i32.const 24) (local.get $at))
      (i32.store (i32.const 28) (local.get $length))
      (i32.store (i32.const 32) (i32.const 0))
      (i32.const 16))
    (func (export "handle")
      (param $method i32) (param i32) (param $payload i32) (param $length i32) (result i32)
      (local $letter i32)
      (local.set $letter (i32.load8_u (local.get $method)))
      (if (i32.eq (local.get $letter) (i32.const 0x65)) ;; e
        (then (return (call $ok (local.get $payload) (local.get $length)))))
      (if (i32.eq (local.get $letter) (i32.const 0x63)) ;; c
        (then
          (global.set $count (i32.add (global.get $count) (i32.const 1)))
          (i32.store8 (i32.const 96) (global.get $count))
          (return (call $ok (i32.const 96) (i32.const 1)))))
      (if (i32.eq (local.get $letter) (i32.const 0x66)) ;; f
        (then (return (call $error
          (i32.load8_u (local.get $payload)) (i32.const 64) (i32.const 8)))))
      (if (i32.eq (local.get $letter) (i32.const 0x74)) (then unreachable)) ;; t
      (if (i32.eq (local.get $letter) (i32.const 0x73)) (then (loop $l (br $l)))) ;; s
      (if (i32.eq (local.get $letter) (i32.const 0x67)) ;; g
        (then (loop $l (br_if $l (i32.ne (i32.const -1) (memory.grow (i32.const 1)))))))
      (call $error (i32.const 24) (i32.const 72) (i32.const 14))))
  (core instance $m (instantiate $m (with "memory" (instance $memory))))
  (func $handle (param "method" string) (param "payload" (list u8))
    (result (result (list u8) (error $error)))
    (canon lift (core func $m "handle") (memory $bytes) (realloc $realloc)))
  (instance $e (export "handle" (func $handle)))
  (export "compose:dynlink/endpoint@0.1.0" (instance $e)))
