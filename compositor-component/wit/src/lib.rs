//! WIT as text to its binary form. A part of its own, so that a host that
//! needs no text need not carry a parser.

mod limits;
mod read;
mod written;

pub use read::{File, Problem, to_binary};

#[cfg(target_arch = "wasm32")]
mod glue {
    //! The component's export.

    mod bindings {
        #![allow(missing_docs)]
        wit_bindgen::generate!({
            path: "../../wit/canon-wit",
            world: "canon:wit/reader",
            pub_export_macro: true,
        });
    }
    use bindings::exports::canon::wit::text;

    struct Reader;

    impl text::Guest for Reader {
        fn to_binary(
            main: Vec<text::File>,
            dependencies: Vec<Vec<text::File>>,
        ) -> Result<Vec<u8>, text::Problem> {
            let files = |files: Vec<text::File>| -> Vec<crate::File> {
                let files = files.into_iter();
                let file = |text::File { path, contents }| crate::File { path, contents };
                files.map(file).collect()
            };
            let dependencies = dependencies.into_iter().map(files).collect();
            crate::to_binary(files(main), dependencies).map_err(|problem| text::Problem {
                at: problem.at,
                message: problem.message,
            })
        }
    }

    bindings::export!(Reader with_types_in bindings);
}
