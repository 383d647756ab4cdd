;; A program without end.
(component
  (core module $m
    (memory (export "memory") 1)
    (func (export "run") (result i32) (loop $l (br $l)) (i32.const 0)))
  (core instance $m (instantiate $m))
  (func $run (result (result)) (canon lift (core func $m "run")))
  (instance $e (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $e)))
