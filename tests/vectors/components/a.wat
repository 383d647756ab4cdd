;; Exports `a`, whose `f` is 2.
(component
  (core module $m
    (func (export "f") (result i32) (i32.const 2)))
  (core instance $m (instantiate $m))
  (func $f (result u32) (canon lift (core func $m "f")))
  (instance $e (export "f" (func $f)))
  (export "demo:n/a@0.1.0" (instance $e)))
