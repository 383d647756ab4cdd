//! What the command imports: the interfaces of the world `sys:compose/command`.

#![allow(missing_docs, unused_qualifications)]

wit_bindgen::generate!({
    path: ["../../wit/canon-cbor", "../../wit/canon-wit", "../../wit/sys-compose"],
    world: "sys:compose/command",
    generate_all,
});
