;; Asks for both under names of its own, for a resource that is one.
(component
  (import "x:alias/own@0.1.0" (instance $own
    (export "r" (type $r (sub resource)))
    (export "make" (func (param "n" u32) (result (own $r))))
    (export "value" (func (param "r" (borrow $r)) (result u32)))))
  (alias export $own "r" (type $r))
  (import "x:alias/mid@0.1.0" (instance $mid
    (alias outer 1 $r (type $o))
    (export "r" (type $s (eq $o)))
    (export "pass" (func (param "r" (own $s)) (result (own $s))))))
  (core func $make (canon lower (func $own "make")))
  (core func $value (canon lower (func $own "value")))
  (core func $pass (canon lower (func $mid "pass")))
  (core module $m
    (import "" "make" (func $make (param i32) (result i32)))
    (import "" "value" (func $value (param i32) (result i32)))
    (import "" "pass" (func $pass (param i32) (result i32)))
    (func (export "run") (param i32) (result i32)
        (call $value (call $pass (call $make (local.get 0))))))
  (core instance $m (instantiate $m (with "" (instance
    (export "make" (func $make))
    (export "value" (func $value))
    (export "pass" (func $pass))))))
  (func (export "run") (param "n" u32) (result u32) (canon lift (core func $m "run"))))
