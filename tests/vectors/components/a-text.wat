;; Exports `a`, whose `f` gives a text and not a number.
(component
  (core module $m
    (memory (export "memory") 1)
    (func (export "f") (result i32) (i32.const 0)))
  (core instance $m (instantiate $m))
  (func $f (result string) (canon lift (core func $m "f") (memory (core memory $m "memory"))))
  (instance $e (export "f" (func $f)))
  (export "demo:n/a@0.1.0" (instance $e)))
