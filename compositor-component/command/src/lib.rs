//! The command line, for every host: reads arguments and files, asks the
//! core, and prints what it answers.

mod answer;
mod args;
mod blob;
mod canon;
mod canon_wit;
mod commands;
mod digest;
mod emit;
mod escape;
mod exec;
mod files;
mod finding;
mod grants;
mod input;
mod inputs;
mod invocation;
mod json;
mod lock;
mod options;
mod output;
mod own;
mod paths;
mod plan;
mod plan_file;
mod plan_info;
mod plan_new;
mod pointer;
mod render;
mod run;
mod sources;
mod stage;
mod stdio;
mod store;
mod suggest;
mod text;
mod trust;
mod usage;
mod wave;
mod wave_json;
mod write;

mod bindings {
    #![allow(missing_docs, unused_qualifications)]
    wit_bindgen::generate!({
        path: ["../../wit/canon-cbor", "../../wit/canon-wit", "../../wit/sys-compose"],
        world: "sys:compose/command",
        generate_all,
    });
}

// Native builds are for the unit tests only, and native linkers do not take
// the names of a component's exports.
#[cfg(target_arch = "wasm32")]
wasip2::cli::command::export!(Command);

/// The component's `wasi:cli/run`.
pub struct Command;

impl wasip2::exports::cli::run::Guest for Command {
    fn run() -> Result<(), ()> {
        run::run()
    }
}
