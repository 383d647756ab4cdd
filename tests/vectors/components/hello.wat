;; A program that prints a line.
(component
  (import "wasi:io/error@0.2.0" (instance $error (export "error" (type (sub resource)))))
  (alias export $error "error" (type $error-type))
  (import "wasi:io/streams@0.2.0" (instance $streams
    (export "output-stream" (type $stream (sub resource)))
    (alias outer 1 $error-type (type $e))
    (export "error" (type $error (eq $e)))
    (type $variant (variant (case "last-operation-failed" (own $error)) (case "closed")))
    (export "stream-error" (type $stream-error (eq $variant)))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow $stream)) (param "contents" (list u8))
        (result (result (error $stream-error)))))))
  (alias export $streams "output-stream" (type $stream-type))
  (import "wasi:cli/stdout@0.2.0" (instance $stdout
    (alias outer 1 $stream-type (type $s))
    (export "output-stream" (type $stream (eq $s)))
    (export "get-stdout" (func (result (own $stream))))))
  (core module $memory
    (memory (export "memory") 1)
    (data (i32.const 64) "hello\n"))
  (core instance $memory (instantiate $memory))
  (core func $get (canon lower (func $stdout "get-stdout")))
  (core func $drop (canon resource.drop $stream-type))
  (core func $write (canon lower
    (func $streams "[method]output-stream.blocking-write-and-flush")
    (memory (core memory $memory "memory"))))
  (core module $m
    (import "memory" "memory" (memory 1))
    (import "i" "get" (func $get (result i32)))
    (import "i" "drop" (func $drop (param i32)))
    (import "i" "write" (func $write (param i32 i32 i32 i32)))
    (func (export "run") (result i32)
      (local $stream i32)
      (local.set $stream (call $get))
      (call $write (local.get $stream) (i32.const 64) (i32.const 6) (i32.const 16))
      (call $drop (local.get $stream))
      (i32.load8_u (i32.const 16))))
  (core instance $i
    (export "get" (func $get)) (export "drop" (func $drop)) (export "write" (func $write)))
  (core instance $m (instantiate $m (with "memory" (instance $memory)) (with "i" (instance $i))))
  (func $run (result (result)) (canon lift (core func $m "run")))
  (instance $e (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $e)))
