;; Counts the variables of its environment.
(component
  (import "wasi:cli/environment@0.2.0" (instance $host
    (export "get-environment" (func (result (list (tuple string string)))))))
  (core module $memory
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.set $next (i32.add (local.get $at) (local.get 3)))
      (local.get $at)))
  (core instance $memory (instantiate $memory))
  (alias core export $memory "memory" (core memory $bytes))
  (core func $get (canon lower (func $host "get-environment")
    (memory $bytes) (realloc (core func $memory "realloc"))))
  (core module $m
    (import "memory" "memory" (memory 1))
    (import "i" "get" (func $get (param i32)))
    (func (export "run") (result i32) (call $get (i32.const 16)) (i32.load (i32.const 20))))
  (core instance $i (export "get" (func $get)))
  (core instance $m (instantiate $m (with "memory" (instance $memory)) (with "i" (instance $i))))
  (func (export "run") (result u32) (canon lift (core func $m "run"))))
