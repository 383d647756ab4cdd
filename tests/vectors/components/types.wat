;; Exports a record of points, and nothing that does anything.
(component
  (type $p (record (field "x" u32) (field "y" u32)))
  (instance $e (export "point" (type $p)))
  (export "demo:n/types@0.1.0" (instance $e)))
