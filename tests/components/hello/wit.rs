//! The WIT of `plans/hello`.

macro_rules! bindings {
    ($world:tt) => {
        mod bindings {
            wit_bindgen::generate!({
                inline: r#"
                    package hello:app@0.1.0;

                    world root {
                        import hello:greeter/greet@0.1.0;
                        import hello:phrases/phrases@0.1.0;
                    }
                    world greeter { export hello:greeter/greet@0.1.0; }
                    world phrases { export hello:phrases/phrases@0.1.0; }

                    package hello:greeter@0.1.0 {
                        interface greet {
                            /// Addresses someone.
                            greet: func(salutation: string, name: string) -> string;
                        }
                    }

                    package hello:phrases@0.1.0 {
                        interface phrases {
                            /// The languages it knows.
                            languages: func() -> list<string>;
                            /// How people say hello in a language.
                            hello: func(language: string) -> option<string>;
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
