;; Passes the resource of another through.
(component
  (import "t:r/own@0.1.0" (instance $own (export "r" (type (sub resource)))))
  (alias export $own "r" (type $r))
  (core module $m (func (export "pass") (param i32) (result i32) (local.get 0)))
  (core instance $m (instantiate $m))
  (func $pass (param "r" (own $r)) (result (own $r)) (canon lift (core func $m "pass")))
  (instance $mid (export "r" (type $r)) (export "pass" (func $pass)))
  (export "t:m/mid@0.1.0" (instance $mid)))
