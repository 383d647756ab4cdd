//! What the component asks of its host.

use super::instance::component;

#[test]
fn it_imports_files_and_nothing_else() {
    let component = component();
    let ty = component.component_type();
    let mut imports: Vec<&str> = ty
        .imports(component.engine())
        .map(|(name, _)| name.split('@').next().unwrap_or(name))
        .collect();
    imports.sort();
    // The clock and the types are there for their types; nothing calls them.
    assert_eq!(
        imports,
        [
            "sys:compose/types",
            "wasi:clocks/wall-clock",
            "wasi:filesystem/preopens",
            "wasi:filesystem/types",
        ]
    );
}
