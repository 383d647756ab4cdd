//! Tests of the store: one suite for its two forms, the component in a sandbox
//! and the library on the system itself. The names tell which one a test is of.

/// Makes of functions of this module two tests each.
macro_rules! both {
    ($($test:ident),+ $(,)?) => {
        mod component {
            $(#[test]
            fn $test() {
                super::$test($crate::store::form::On::Component);
            })+
        }
        mod native {
            $(#[test]
            fn $test() {
                super::$test($crate::store::form::On::Native);
            })+
        }
    };
}

mod blobs;
mod cache;
mod component;
mod concurrent;
mod damage;
mod folder;
mod form;
mod instance;
mod killed;
mod library;
mod mapped;
mod native;
mod out;
mod records;
mod sandbox;
mod source;
mod state;
mod temporary;
mod together;
mod trust;
