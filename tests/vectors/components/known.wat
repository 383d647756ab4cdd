;; Looks at the clock three times, takes two numbers and 5 random bytes, twice.
(component
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock (export "now" (func (result u64)))))
  (import "wasi:random/random@0.2.0" (instance $random
    (export "get-random-u64" (func (result u64)))
    (export "get-random-bytes" (func (param "len" u64) (result (list u8))))))
  (core module $memory
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024))
  (core instance $memory (instantiate $memory))
  (alias core export $memory "memory" (core memory $bytes))
  (core func $now (canon lower (func $clock "now")))
  (core func $number (canon lower (func $random "get-random-u64")))
  (core func $take (canon lower (func $random "get-random-bytes")
    (memory $bytes) (realloc (core func $memory "realloc"))))
  (core module $main
    (import "memory" "memory" (memory 1))
    (import "host" "now" (func $now (result i64)))
    (import "host" "number" (func $number (result i64)))
    (import "host" "take" (func $take (param i64 i32)))
    ;; The bytes that came, which must be as many as were asked for.
    (func (export "run") (result i32)
      (drop (call $now)) (drop (call $now)) (drop (call $now))
      (drop (call $number)) (drop (call $number))
      (call $take (i64.const 5) (i32.const 64))
      (call $take (i64.const 5) (i32.const 72))
      (i32.add (i32.load (i32.const 68)) (i32.load (i32.const 76)))))
  (core instance $host
    (export "now" (func $now)) (export "number" (func $number)) (export "take" (func $take)))
  (core instance $main (instantiate $main
    (with "memory" (instance $memory)) (with "host" (instance $host))))
  (func (export "run") (result u32) (canon lift (core func $main "run"))))
