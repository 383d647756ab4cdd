//! Components that nobody here wrote: what is valid composes or is refused for
//! what it is, and what is not valid never becomes an artifact.

use compositor_core::{Code, Diagnostic, Limits};
use serde_json::json;
use test_generate::plan::Plan;

/// Composes components; the first is the root. The export of a binding has
/// the name of the import.
fn compose(
    components: &[(&str, Vec<u8>)],
    bindings: &[(&str, &str, &str)],
    open: &[&str],
) -> Result<Vec<u8>, Vec<Diagnostic>> {
    let mut plan =
        Plan::of(components.iter().map(|(id, bytes)| (*id, bytes))).with("imports", json!(open));
    for (consumer, name, provider) in bindings {
        plan = plan.bind(consumer, name, provider);
    }
    let (_, bytes) = plan.build()?;
    wasmparser::Validator::new_with_features(wasmparser::WasmFeatures::all())
        .validate_all(&bytes)
        .expect("an artifact is valid");
    Ok(bytes)
}

fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn alone(text: &str, open: &[&str]) -> Result<Vec<u8>, Vec<Diagnostic>> {
    compose(&[("root", wat(text))], &[], open)
}

fn refused<T>(result: Result<T, Vec<Diagnostic>>, code: Code, why: &str) {
    let Err(errors) = result else {
        panic!("it composed: {why}");
    };
    assert_eq!(errors[0].code, code, "{errors:?}");
    assert!(errors[0].message.contains(why), "{}", errors[0].message);
}

/// Core modules are given by components, whatever their types.
#[test]
fn core_modules_cannot_stay_open() {
    for text in [
        "(component (import \"m\" (core module
            (type $f (func)) (import \"a\" \"b\" (func (param (ref null $f)))))))",
        "(component (import \"m\" (core module
            (type $t (func)) (import \"a\" \"b\" (func (exact (type $t)))))))",
        "(component (import \"a:b/c\" (instance (export \"m\" (core module
            (type $f (func)) (import \"a\" \"b\" (table 1 (ref null 0))))))))",
    ] {
        let result = alone(text, &["m", "a:b/c"]);
        refused(result, Code::EmitLinkError, "it is a core module");
    }
}

/// What comes of `world { flags x { … } export f: func() -> x }`.
#[test]
fn types_of_a_world_stay_nameable_for_its_exports() {
    let text = "(component
        (type $fl (flags \"name\")) (import \"x\" (type $x (eq $fl)))
        (core module $m (func (export \"f\") (result i32) i32.const 0))
        (core instance $i (instantiate $m))
        (func $f (result $x) (canon lift (core func $i \"f\")))
        (export \"f\" (func $f)))";
    alone(text, &[]).expect("it composes");
}

const RESOURCE: &str = "(component
    (type $own (resource (rep i32)))
    (component $c (import \"own\" (type $t (sub resource))) (export \"r\" (type $t)))
    (instance $i (instantiate $c (with \"own\" (type $own))))
    (export \"a:b/x\" (instance $i)))";

/// A `use` of a resource whose interface is bound is of that binding.
#[test]
fn a_used_resource_is_the_bound_one() {
    let root = "(component
        (import \"a:b/x\" (instance $x (export \"r\" (type (sub resource)))))
        (alias export $x \"r\" (type $r))
        (import \"name\" (type (eq $r))))";
    let components = [("root", wat(root)), ("p", wat(RESOURCE))];
    let bindings = [("root", "a:b/x", "p")];
    let inside = compose(&components, &bindings, &[]).expect("it composes");
    // It may stay open, and need not.
    let listed = compose(&components, &bindings, &["name"]).expect("it composes");
    assert_eq!(inside.len(), listed.len());
}

/// An open function takes along only the types that it is made of.
#[test]
fn an_open_function_does_not_need_the_types_of_others() {
    let root = "(component
        (import \"a:b/x\" (instance $x
            (type $e (enum \"one\")) (export \"m\" (type $m (eq $e)))
            (type $q (record (field \"q\" $m))) (export \"r\" (type (eq $q)))))
        (alias export $x \"r\" (type $r))
        (import \"r\" (type (eq $r)))
        (import \"g\" (func (param \"n\" u8))))";
    let provider = "(component
        (type $e (enum \"one\")) (export $m \"m\" (type $e))
        (type $q (record (field \"q\" $m))) (export $r \"r\" (type $q))
        (instance $i (export \"m\" (type $m)) (export \"r\" (type $r)))
        (export \"a:b/x\" (instance $i)))";
    let components = [("root", wat(root)), ("p", wat(provider))];
    compose(&components, &[("root", "a:b/x", "p")], &["g"]).expect("it composes");
}

/// Functions are not instances, of which a component holds few.
#[test]
fn a_thousand_functions_stay_open() {
    let names: Vec<String> = (0..1000).map(|index| format!("f{index}")).collect();
    let import = |name: &String| format!("(import \"{name}\" (func))");
    let text = format!(
        "(component {})",
        names.iter().map(import).collect::<String>()
    );
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    alone(&text, &names).expect("it composes");
}

#[test]
fn a_long_offset_expression_is_read_whole() {
    let offset = format!("i32.const 1 {}", "i32.const 0 i32.add ".repeat(3000));
    let text = format!("(component (core module (memory 1) (data (offset {offset}) \"x\")))");
    alone(&text, &[]).expect("it composes");
}

/// Custom sections have no part in the type, but they have a name.
#[test]
fn custom_sections_without_a_sound_name_are_refused() {
    let header = b"\0asm\x0d\0\x01\0";
    let module = b"\0asm\x01\0\0\0";
    for section in [&[0, 2, 1, 0xff][..], &[0, 2, 9, b'a'], &[0, 0]] {
        let outer = [&header[..], section].concat();
        let size = (module.len() + section.len()) as u8;
        let inner = [&header[..], &[1, size], module, section].concat();
        for bytes in [outer, inner] {
            let result = compose(&[("root", bytes)], &[], &[]);
            refused(result, Code::EmitCompositionFailed, "custom section");
        }
    }
}

/// A type that is a name of a name of a name.
#[test]
fn chains_of_aliases_are_bounded() {
    let chain = |length: usize| {
        let link = |index: usize| {
            format!(
                "(export \"t{index}\" (type $t{index} (eq $t{})))",
                index - 1
            )
        };
        let links: String = (1..length).map(link).collect();
        format!(
            "(component (import \"a:b/c\" (instance
                (type $b (record (field \"f\" u8))) (export \"t0\" (type $t0 (eq $b))) {links}
                (export \"f\" (func (param \"x\" $t0))))))"
        )
    };
    alone(&chain(Limits::default().aliases - 1), &["a:b/c"]).expect("it composes");
    let result = alone(&chain(Limits::default().aliases + 1), &["a:b/c"]);
    refused(result, Code::EmitCompositionFailed, "`aliases`");
}

/// `a:b/y`, which uses a resource of `a:b/x`: two components mean different ones
/// by it, where one has another's `a:b/x`.
#[test]
fn an_open_import_is_made_of_one_resource() {
    let text = |export: &str| {
        format!(
            "(component
               (import \"a:b/x\" (instance $x (export \"r\" (type (sub resource)))))
               (alias export $x \"r\" (type $r))
               (import \"a:b/y\" (instance
                 (alias outer 1 $r (type $o)) (export \"r\" (type $t (eq $o)))
                 (export \"f\" (func (param \"r\" (borrow $t))))))
               {export})"
        )
    };
    let provider = text(
        "(type $own (resource (rep i32)))
         (component $c (import \"own\" (type $t (sub resource))) (export \"r\" (type $t)))
         (instance $i (instantiate $c (with \"own\" (type $own))))
         (export \"a:b/x\" (instance $i))",
    );
    let components = [("root", wat(&text(""))), ("p", wat(&provider))];
    let bindings = [("root", "a:b/x", "p")];
    let result = compose(&components, &bindings, &["a:b/x", "a:b/y"]);
    refused(result, Code::EmitLinkError, "mean different resources");
}

/// Validators number the resources of everything that they saw before.
#[test]
fn an_invalid_component_is_refused_in_the_same_words() {
    let component = "(component
        (import \"x\" (instance $x (export \"r\" (type (sub resource)))))
        (import \"y\" (instance $y (export \"r\" (type (sub resource)))))
        (alias export $x \"r\" (type $r)) (alias export $y \"r\" (type $s))
        (component $c (import \"t\" (type $t (sub resource)))
          (import \"f\" (func (param \"r\" (own $t)))))
        (import \"f\" (func $f (param \"r\" (own $s))))
        (instance (instantiate $c (with \"t\" (type $r)) (with \"f\" (func $f)))))";
    let messages = [0; 2].map(|_| match alone(component, &["x", "y", "f"]) {
        Ok(_) => panic!("it composed"),
        Err(errors) => errors[0].message.clone(),
    });
    assert_eq!(messages[0], messages[1]);
    assert!(messages[0].contains("resource types"), "{}", messages[0]);
}

/// An open import's types are named by open imports alone.
#[test]
fn an_open_import_of_types_of_a_bound_one_is_refused() {
    let root = "(component
        (import \"a:b/x\" (instance $x
            (type $e (enum \"one\")) (export \"e\" (type $ee (eq $e)))
            (type $q (record (field \"q\" $ee))) (export \"r\" (type (eq $q)))
            (export \"f\" (func))))
        (alias export $x \"r\" (type $r))
        (import \"a:b/y\" (instance
            (alias outer 1 $r (type $o)) (export \"r\" (type $t (eq $o)))
            (export \"g\" (func (param \"p\" $t))))))";
    let provider = "(component
        (type $e (enum \"one\")) (export $ee \"e\" (type $e))
        (type $q (record (field \"q\" $ee))) (export $r \"r\" (type $q))
        (core module $m (func (export \"f\"))) (core instance $c (instantiate $m))
        (func $f (canon lift (core func $c \"f\")))
        (instance $i (export \"e\" (type $ee)) (export \"r\" (type $r)) (export \"f\" (func $f)))
        (export \"a:b/x\" (instance $i)))";
    let components = [("root", wat(root)), ("p", wat(provider))];
    let result = compose(&components, &[("root", "a:b/x", "p")], &["a:b/y"]);
    refused(result, Code::EmitLinkError, "which is bound");
}

/// `a:b/y` is made of a type of `a:b/x` of the same component, where the root's
/// `a:b/x` is the artifact's.
#[test]
fn an_export_of_types_of_a_hidden_export_is_refused() {
    let provider = "(component (type $e (enum \"one\"))
           (component $x (type $e (enum \"one\")) (export \"e\" (type $e)))
           (instance $xi (instantiate $x))
           (export $xe \"a:b/x\" (instance $xi))
           (alias export $xe \"e\" (type $t))
           (component $y (import \"e\" (type $i (eq $t)))
             (type $q (record (field \"q\" $i))) (export \"e\" (type $i)) (export \"r\" (type $q)))
           (instance $yi (instantiate $y (with \"e\" (type $t))))
           (export \"a:b/y\" (instance $yi)))";
    let root = "(component
        (import \"a:b/y\" (instance))
        (component $x (type $e (enum \"one\")) (export \"e\" (type $e)))
        (instance $xi (instantiate $x))
        (export \"a:b/x\" (instance $xi)))";
    let result = Plan::new("root", root)
        .component("p", provider)
        .bind("root", "a:b/y", "p")
        .export("p", "a:b/y")
        .build();
    refused(result, Code::EmitLinkError, "types of its export");
}
