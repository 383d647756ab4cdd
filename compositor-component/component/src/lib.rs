//! The core as a component: glue between its WIT and the library.
