;; Exports `a`, whose `f` says how often it was called.
(component
  (core module $m
    (global $n (mut i32) (i32.const 0))
    (func (export "f") (result i32)
      (global.set $n (i32.add (global.get $n) (i32.const 1)))
      (global.get $n)))
  (core instance $m (instantiate $m))
  (func $f (result u32) (canon lift (core func $m "f")))
  (instance $e (export "f" (func $f)))
  (export "demo:n/a@0.1.0" (instance $e)))
