//! The WIT of `plans/several`.

macro_rules! bindings {
    ($world:tt) => {
        mod bindings {
            wit_bindgen::generate!({
                inline: r#"
                    package several:app@0.1.0;

                    interface visits { add: func(n: u32) -> u32; }
                    interface sales { add: func(n: u32) -> u32; }

                    interface app {
                        /// Both totals, after counting in turns.
                        run: func(turns: u32) -> tuple<u32, u32>;
                    }

                    world root { import visits; import sales; export app; }
                    world counter { export several:counter/counter@0.1.0; }

                    package several:counter@0.1.0 {
                        interface counter {
                            /// Adds to the total of this instance, and returns it.
                            add: func(n: u32) -> u32;
                        }
                    }
                "#,
                world: $world,
                generate_all,
            });
        }
    };
}
pub(crate) use bindings;
