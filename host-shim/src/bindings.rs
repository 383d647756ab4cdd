//! The WIT as Rust: what the host gives to the compositor (`sys:compose`), and what
//! it calls of guests that others resolve (`compose:dynlink/endpoint`).

#![allow(missing_docs)]

wasmtime::component::bindgen!({
    path: ["../wit/canon-cbor", "../wit/canon-wit", "../wit/sys-compose", "../wit/compose-dynlink"],
    inline: "
        package composectl:host;

        world host {
            include sys:compose/host@1.0.0;
            export compose:dynlink/endpoint@0.1.0;
        }
    ",
    world: "composectl:host/host",
    imports: {
        "sys:compose/runner.run": async,
        "sys:compose/runner.invoke": async,
        "sys:compose/runner.serve": async,
    },
    exports: { default: async },
    with: {
        "sys:compose/blobs.writer": compositor_store::Writer,
    },
});
