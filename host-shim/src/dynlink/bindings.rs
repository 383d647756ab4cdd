//! The WIT of `compose:dynlink/linker` as Rust. It is apart because its handles are
//! instances, which the rest of the WIT is below.

#![allow(missing_docs)]

wasmtime::component::bindgen!({
    path: ["../wit/canon-cbor", "../wit/canon-wit", "../wit/sys-compose", "../wit/compose-dynlink"],
    inline: "
        package composectl:guest;

        world guest {
            import compose:dynlink/linker@0.1.0;
        }
    ",
    world: "composectl:guest/guest",
    imports: {
        "compose:dynlink/linker.resolve-by-id": async,
        "compose:dynlink/linker.resolve-by-digest": async,
        "compose:dynlink/linker.[method]instance.invoke": async | trappable,
    },
    with: {
        "sys:compose/types": crate::bindings::sys::compose::types,
        "compose:dynlink/linker.instance": super::instance::Instance,
    },
});
