;; Exports a function of points, whose type is imported.
(component
  (import "demo:n/types@0.1.0" (instance $types
    (type $p (record (field "x" u32) (field "y" u32)))
    (export "point" (type (eq $p)))))
  (alias export $types "point" (type $point))
  (core module $m
    (func (export "f") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
  (core instance $m (instantiate $m))
  (func $norm (param "p" $point) (result u32) (canon lift (core func $m "f")))
  (instance $e (export "point" (type $point)) (export "norm" (func $norm)))
  (export "demo:n/ops@0.1.0" (instance $e)))
