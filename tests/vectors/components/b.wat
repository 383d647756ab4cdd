;; Exports `b`, whose `f` is 4.
(component
  (core module $m
    (func (export "f") (result i32) (i32.const 4)))
  (core instance $m (instantiate $m))
  (func $f (result u32) (canon lift (core func $m "f")))
  (instance $e (export "f" (func $f)))
  (export "demo:n/b@0.1.0" (instance $e)))
