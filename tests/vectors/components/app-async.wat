;; Exports `app` and asks for an `a` whose `f` is async.
(component
  (import "demo:n/a@0.1.0" (instance $a (export "f" (func async (result u32)))))
  (core func $a (canon lower (func $a "f")))
  (core module $m
    (import "i" "f" (func $a (result i32)))
    (func (export "f") (result i32) (i32.add (i32.const 1) (call $a))))
  (core instance $i (export "f" (func $a)))
  (core instance $m (instantiate $m (with "i" (instance $i))))
  (func $f async (result u32) (canon lift (core func $m "f")))
  (instance $e (export "f" (func $f)))
  (export "demo:n/app@0.1.0" (instance $e)))
