//! The WIT of `plans/chain`: each link knows the next one only.

macro_rules! bindings {
    ($world:tt) => {
        mod bindings {
            wit_bindgen::generate!({
                inline: r#"
                    package chain:links@0.1.0;

                    interface app { pass: func(message: string) -> string; }
                    interface first { pass: func(message: string) -> string; }
                    interface second { pass: func(message: string) -> string; }
                    interface third { pass: func(message: string) -> string; }
                    interface fourth { pass: func(message: string) -> string; }

                    world root { import first; export app; }
                    world one { import second; export first; }
                    world two { import third; export second; }
                    world three { import fourth; export third; }
                    world four { export fourth; }
                "#,
                world: $world,
            });
        }
    };
}
pub(crate) use bindings;
