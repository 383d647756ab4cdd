//! What no compiler checks: the house style, the documents, the WIT.

mod documents;
mod files;
mod guests;
mod layers;
mod modules;
mod services;
mod sources;
mod wit;
