;; Asks for a function of points.
(component
  (import "demo:n/types@0.1.0" (instance $types
    (type $p (record (field "x" u32) (field "y" u32)))
    (export "point" (type (eq $p)))))
  (alias export $types "point" (type $point))
  (import "demo:n/ops@0.1.0" (instance $ops
    (alias outer 1 $point (type $p))
    (export "point" (type $q (eq $p)))
    (export "norm" (func (param "p" $q) (result u32)))))
  (core func $norm (canon lower (func $ops "norm")))
  (core module $m
    (import "i" "norm" (func $norm (param i32 i32) (result i32)))
    (func (export "run") (param i32) (result i32) (call $norm (local.get 0) (i32.const 1))))
  (core instance $i (export "norm" (func $norm)))
  (core instance $m (instantiate $m (with "i" (instance $i))))
  (func (export "run") (param "n" u32) (result u32) (canon lift (core func $m "run"))))
