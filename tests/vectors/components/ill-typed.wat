;; A component with a module that does not validate.
(component (core module (func (result i32))))
