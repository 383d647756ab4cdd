//! Exports whose types have to be named anew: types, functions and resources of
//! the root itself, and interfaces made of types that nothing else exports.

use compositor_core::memory::MemoryStore;
use compositor_core::wasm::{Shapes, World, scan};
use compositor_core::{Code, Diagnostic, Limits};
use serde_json::{Value, json};
use test_generate::plan::Plan;

/// A plan of components as text; the first is the root. A binding is a consumer,
/// an import, a provider and its export.
struct Case<'a> {
    components: &'a [(&'a str, &'a str)],
    bindings: &'a [(&'a str, &'a str, &'a str, &'a str)],
    more: Value,
}

impl Case<'_> {
    fn plan(&self) -> Plan {
        let mut plan = Plan::of(self.components.iter().copied());
        for (consumer, import, provider, export) in self.bindings {
            plan = plan.bind_as(consumer, import, provider, export);
        }
        for (key, value) in self.more.as_object().into_iter().flatten() {
            plan = plan.with(key, value.clone());
        }
        plan
    }

    /// Composes it: the artifact is valid, and its exports have the names and the
    /// structure of the root's.
    #[track_caller]
    fn composes(&self) -> Vec<u8> {
        let bytes = self.plan().artifact();
        let mut shapes = Shapes::new(&Limits::default());
        let store = MemoryStore::new();
        let digest = store.put(bytes.clone());
        let whole = scan(store.host(), &digest, bytes.len() as u64).expect("a skeleton");
        let whole = World::of(&whole.bytes, &mut shapes).expect("a world");
        let root = wat::parse_str(self.components[0].1).expect("sound WAT");
        let root = World::of(&root, &mut shapes).expect("a world");
        for export in &root.exports {
            let same = whole.export(&export.name).expect("the root's export");
            assert_eq!(
                shapes.difference(same.shape, export.shape),
                None,
                "{}",
                export.name
            );
        }
        bytes
    }

    #[track_caller]
    fn refused(&self, why: &str) -> Diagnostic {
        let errors = self.plan().errors();
        assert_eq!(errors[0].code, Code::EmitLinkError, "{errors:?}");
        assert!(errors[0].message.contains(why), "{}", errors[0].message);
        errors[0].clone()
    }
}

#[track_caller]
fn alone(text: &str) {
    Case {
        components: &[("app", text)],
        bindings: &[],
        more: json!({}),
    }
    .composes();
}

/// A record of an enum, and a function of both.
#[test]
fn a_function_of_types_of_the_world() {
    let root = r#"(component
        (import "t:n/n@1.0.0" (instance $n (export "f" (func (result u32)))))
        (type $e (enum "one" "two")) (export $kind "kind" (type $e))
        (type $r (record (field "k" $kind) (field "all" (list $kind)))) (export $row "row" (type $r))
        (type $o (option $row)) (export $maybe "maybe" (type $o))
        (export $again "again" (type $row))
        (core module $m (memory (export "mem") 1)
            (func (export "p") (param i32) (result i32) i32.const 8))
        (core instance $m (instantiate $m))
        (func $p (param "k" $kind) (result (tuple $row $again $maybe)) (canon lift (core func $m "p") (memory (core memory $m "mem"))))
        (export "paint" (func $p)))"#;
    let provider = r#"(component
        (core module $m (func (export "f") (result i32) (i32.const 5)))
        (core instance $i (instantiate $m)) (func $f (result u32) (canon lift (core func $i "f")))
        (instance $x (export "f" (func $f))) (export "t:n/n@1.0.0" (instance $x)))"#;
    Case {
        components: &[("app", root), ("p", provider)],
        bindings: &[("app", "t:n/n@1.0.0", "p", "t:n/n@1.0.0")],
        more: json!({}),
    }
    .composes();
}

#[test]
fn types_of_the_world_alone() {
    alone(
        r#"(component
        (type $v (variant (case "none") (case "some" u8))) (export $v' "v" (type $v))
        (type $r (record (field "v" $v') (field "n" (tuple $v' u32)))) (export "r" (type $r))
        (type $f (flags "a" "b")) (export "f" (type $f)))"#,
    );
}

const COUNTER: &str = r#"
    (type $rep (resource (rep i32)))
    (core func $new (canon resource.new $rep))
    (core module $m (import "" "new" (func $new (param i32) (result i32)))
        (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
        (func (export "get") (param i32) (result i32) (local.get 0)))
    (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
    (func $make (param "n" u32) (result (own $rep)) (canon lift (core func $i "make")))
    (func $get (param "self" (borrow $rep)) (result u32) (canon lift (core func $i "get")))"#;

/// A resource of the world, its constructor, methods and statics, also by a
/// second name.
#[test]
fn a_resource_of_the_world() {
    alone(&format!(
        r#"(component {COUNTER}
        (export $t "thing" (type $rep))
        (export $u "other" (type $t))
        (export "[constructor]thing" (func $make) (func (param "n" u32) (result (own $t))))
        (export "[static]thing.make" (func $make) (func (param "n" u32) (result (own $u))))
        (export "[method]thing.get" (func $get) (func (param "self" (borrow $t)) (result u32)))
        (export "[method]other.get" (func $get) (func (param "self" (borrow $u)) (result u32)))
        (export "make" (func $make) (func (param "n" u32) (result (own $u)))))"#
    ));
}

/// An interface made of types that the world exports by itself.
#[test]
fn an_interface_of_types_of_the_world() {
    alone(
        r#"(component
        (type $e (enum "one" "two")) (export $kind "kind" (type $e))
        (core module $m (func (export "p") (param i32) (result i32) (local.get 0)))
        (core instance $m (instantiate $m))
        (func $p (param "k" $kind) (result $kind) (canon lift (core func $m "p")))
        (component $c
            (import "kind" (type $k (eq $kind)))
            (import "p" (func $p (param "k" $k) (result $k)))
            (export $k' "kind" (type $k))
            (export "p" (func $p) (func (param "k" $k') (result $k'))))
        (instance $i (instantiate $c (with "kind" (type $kind)) (with "p" (func $p))))
        (export $i' "t:n/api" (instance $i))
        (alias export $i' "kind" (type $kind'))
        (type $r (record (field "k" $kind'))) (export "row" (type $r)))"#,
    );
}

/// An interface uses a type of another, which is bound and not exported: it
/// brings the type itself.
fn of_bound(record: &str) -> (String, String) {
    let types = format!(
        r#"(type $e (enum "one"))
           (export "kind" (type $kind (eq $e)))
           (type $r {record})
           (export "row" (type $row (eq $r)))
           (export "f" (func (result $kind)))"#
    );
    let root = format!(
        r#"(component
        (import "t:n/types" (instance $t {types}))
        (alias export $t "row" (type $row))
        (alias export $t "kind" (type $kind))
        (core module $m (memory (export "mem") 1)
            (func (export "p") (result i32) i32.const 8))
        (core instance $m (instantiate $m))
        (func $p (result $row) (canon lift (core func $m "p") (memory (core memory $m "mem"))))
        (component $c
            (import "kind" (type $k (eq $kind)))
            (type $own {})
            (import "row" (type $r (eq $own)))
            (import "p" (func $p (result $r)))
            (export $k' "row" (type $r))
            (export "p" (func $p) (func (result $k'))))
        (instance $i (instantiate $c
            (with "kind" (type $kind)) (with "row" (type $row)) (with "p" (func $p))))
        (export "t:n/api" (instance $i)))"#,
        record.replace("$kind", "$k")
    );
    let provider = format!(
        r#"(component
        (type $e (enum "one"))
        (core module $m (func (export "f") (result i32) i32.const 0))
        (core instance $m (instantiate $m))
        (func $f (result $e) (canon lift (core func $m "f")))
        (component $c
            (type $e (enum "one"))
            (import "kind" (type $kind (eq $e)))
            (import "f" (func $f (result $kind)))
            (export $kind' "kind" (type $kind))
            (type $r {})
            (export "row" (type $r))
            (export "f" (func $f) (func (result $kind'))))
        (instance $i (instantiate $c (with "kind" (type $e)) (with "f" (func $f))))
        (export "t:n/types" (instance $i)))"#,
        record.replace("$kind", "$kind'")
    );
    (root, provider)
}

const BOUND: &[(&str, &str, &str, &str)] = &[("app", "t:n/types", "p", "t:n/types")];

#[test]
fn an_interface_of_types_of_a_bound_import() {
    let (root, provider) = of_bound(r#"(record (field "n" (list u32)) (field "s" string))"#);
    let components = [("app", root.as_str()), ("p", provider.as_str())];
    Case {
        components: &components,
        bindings: BOUND,
        more: json!({}),
    }
    .composes();
    // The provider's export has the same types, under the same names.
    let explicit = json!({
        "explicit_exports": [{ "source_instance": "p", "interface_name": "t:n/types" }],
    });
    Case {
        components: &components,
        bindings: BOUND,
        more: explicit,
    }
    .composes();
}

/// A type that is exported is made of one that is not: which has no name.
#[test]
fn a_type_of_a_bound_import_without_a_name_is_said() {
    let (root, provider) = of_bound(r#"(record (field "k" $kind))"#);
    let components = [("app", root.as_str()), ("p", provider.as_str())];
    let case = Case {
        components: &components,
        bindings: BOUND,
        more: json!({}),
    };
    let error = case.refused("made of types of its import \"t:n/types\"");
    assert!(error.help.contains("explicit_exports"), "{}", error.help);
    Case {
        more: json!({
            "explicit_exports": [{ "source_instance": "p", "interface_name": "t:n/types" }],
        }),
        ..case
    }
    .composes();
}
