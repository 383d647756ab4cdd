;; Asks for a function of the world, under another name.
(component
  (import "twice" (func $twice (param "n" u32) (result u32)))
  (core func $twice (canon lower (func $twice)))
  (core module $m
    (import "i" "twice" (func $twice (param i32) (result i32)))
    (func (export "run") (param i32) (result i32) (call $twice (call $twice (local.get 0)))))
  (core instance $i (export "twice" (func $twice)))
  (core instance $m (instantiate $m (with "i" (instance $i))))
  (func (export "run") (param "n" u32) (result u32) (canon lift (core func $m "run"))))
