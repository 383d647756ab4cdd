//! The WIT of `plans/async`.

macro_rules! bindings {
    ($world:tt) => {
        mod bindings {
            wit_bindgen::generate!({
                inline: r#"
                    package concurrent:app@0.3.0;

                    interface app {
                        record summary { words: list<string>, longest: string, first-done: string }
                        /// Sends a text through every function of `words`.
                        run: async func(text: string) -> summary;
                    }

                    world root { import concurrent:words/words@0.3.0; export app; }
                    world words { export concurrent:words/words@0.3.0; }

                    package concurrent:words@0.3.0 {
                        interface words {
                            /// The words of a text, as they are found.
                            split: async func(text: string) -> stream<string>;
                            /// Upper case, as they come.
                            shout: async func(words: stream<string>) -> stream<string>;
                            /// The longest word, once all have come.
                            longest: async func(words: stream<string>) -> future<string>;
                            /// Answers after giving others their turn this often.
                            %yield: async func(name: string, times: u32) -> string;
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
