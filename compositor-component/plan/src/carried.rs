//! What exports carry: a host that calls one of these hands something in, and
//! being called is of no use without the functions of that.
//!
//! What any other export is made of grants types alone, and no function.

use crate::names::covers;

/// An export of the artifact, and the interface whose resources a host hands in
/// when it calls it: the functions of that interface are granted to the component
/// that exports it, and to those that it hands the resources on to. What an
/// interface here has must reach nothing outside the artifact by itself.
const HANDED: &[(&str, &str)] = &[
    // A request is read and answered by them; `outgoing-handler` and `client`
    // make requests, and are not among them.
    ("wasi:http/incoming-handler", "wasi:http/types"),
    ("wasi:http/handler", "wasi:http/types"),
];

/// What a host calls a program by.
const PROGRAM: &str = "wasi:cli/run";

/// The interface, and the function of it that gives a program its name and
/// arguments. They are what a run is called with and no capability.
const ARGUMENTS: (&str, &str) = ("wasi:cli/environment", "get-arguments");

/// Whether a host that calls an export hands in resources of an interface.
pub fn hands(export: &str, interface: &str) -> bool {
    let mut handed = HANDED.iter();
    handed.any(|(handler, of)| covers(handler, export) && covers(of, interface))
}

/// Whether an export is what a host calls a program by, with arguments.
pub fn is_program(export: &str) -> bool {
    covers(PROGRAM, export)
}

/// Whether a function of an interface gives a program its name and arguments.
pub fn gives_arguments(interface: &str, function: &str) -> bool {
    covers(ARGUMENTS.0, interface) && function == ARGUMENTS.1
}
