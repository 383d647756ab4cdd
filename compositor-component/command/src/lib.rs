//! The command line, for every host: reads arguments and files, asks the
//! core, and prints what it answers.

mod answer;
mod args;
mod bindings;
mod blob;
mod canon;
mod canon_wit;
mod commands;
mod convert;
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
mod recording;
mod remedy;
mod render;
mod run;
mod sources;
mod stage;
mod stdio;
mod store;
mod text;
mod trust;
mod usage;
mod wave;
mod wave_json;
mod words;
mod write;

pub use run::Cli;
