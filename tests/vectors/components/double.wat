;; Exports a function of the world.
(component
  (core module $m
    (func (export "f") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2))))
  (core instance $m (instantiate $m))
  (func (export "double") (param "n" u32) (result u32) (canon lift (core func $m "f"))))
