//! Policy by composition: what is denied is answered inside the artifact, and
//! what is granted is the host's.

mod agree;
mod arguments;
mod caller;
mod closure;
mod components;
mod describe;
mod fixture;
mod guest;
mod host;
mod large;
mod levels;
mod reach;
mod samples;
mod shapes;
mod versions;
mod wasi;
