;; A program that traps.
(component
  (core module $m
    (memory (export "memory") 1)
    (func (export "run") (result i32) unreachable))
  (core instance $m (instantiate $m))
  (func $run (result (result)) (canon lift (core func $m "run")))
  (instance $e (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $e)))
