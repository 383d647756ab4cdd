;; Exports what is the interface of a host.
(component
  (core module $m
    (func (export "f") (result i32) (i32.const 2)))
  (core instance $m (instantiate $m))
  (func $f (result u32) (canon lift (core func $m "f")))
  (instance $e (export "f" (func $f)))
  (export "wasi:clocks/monotonic-clock@0.2.6" (instance $e)))
