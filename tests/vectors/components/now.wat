;; Asks for the time.
(component
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $host (export "now" (func (result u64)))))
  (core func $f (canon lower (func $host "now")))
  (core module $m
    (import "i" "f" (func $f (result i64)))
    (func (export "run") (result i64) (call $f)))
  (core instance $i (export "f" (func $f)))
  (core instance $m (instantiate $m (with "i" (instance $i))))
  (func (export "run") (result u64) (canon lift (core func $m "run"))))
