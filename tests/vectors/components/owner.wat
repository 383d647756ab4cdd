;; Defines a resource that holds a number.
(component
  (type $rep (resource (rep i32)))
  (core func $new (canon resource.new $rep))
  (core module $m
    (import "" "new" (func $new (param i32) (result i32)))
    (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
    (func (export "value") (param i32) (result i32) (local.get 0)))
  (core instance $m (instantiate $m (with "" (instance (export "new" (func $new))))))
  (func $make (param "n" u32) (result (own $rep)) (canon lift (core func $m "make")))
  (func $value (param "r" (borrow $rep)) (result u32) (canon lift (core func $m "value")))
  (component $bundle
    (import "r" (type $r (sub resource)))
    (import "make" (func $make (param "n" u32) (result (own $r))))
    (import "value" (func $value (param "r" (borrow $r)) (result u32)))
    (export $named "r" (type $r))
    (export "make" (func $make) (func (param "n" u32) (result (own $named))))
    (export "value" (func $value) (func (param "r" (borrow $named)) (result u32))))
  (instance $own (instantiate $bundle
    (with "r" (type $rep)) (with "make" (func $make)) (with "value" (func $value))))
  (export "t:r/own@0.1.0" (instance $own)))
