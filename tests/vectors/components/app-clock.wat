;; Exports `app` and asks for what is the interface of a host.
(component
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $i0 (export "f" (func (result u32)))))
  (core func $l0 (canon lower (func $i0 "f")))
  (core module $m
    (import "i" "0" (func $f0 (result i32)))
    (func (export "f") (result i32) (i32.const 1) (i32.add (call $f0))))
  (core instance $i (export "0" (func $l0)))
  (core instance $m (instantiate $m (with "i" (instance $i))))
  (func $f (result u32) (canon lift (core func $m "f")))
  (instance $e (export "f" (func $f)))
  (export "demo:n/app@0.1.0" (instance $e)))
