;; Exports `app` and asks for nothing.
(component
  (core module $m
    (func (export "f") (result i32) (i32.const 1)))
  (core instance $m (instantiate $m))
  (func $f (result u32) (canon lift (core func $m "f")))
  (instance $e (export "f" (func $f)))
  (export "demo:n/app@0.1.0" (instance $e)))
