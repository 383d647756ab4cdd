//! The worlds of `plans/dynlink`, over the repository's own WIT of dynamic
//! linking: what is built here needs nothing else of the repository.

macro_rules! bindings {
    ($world:tt) => {
        mod bindings {
            #![allow(dead_code, missing_docs, unused_qualifications)]
            wit_bindgen::generate!({
                path: [
                    "../../wit/canon-cbor",
                    "../../wit/canon-wit",
                    "../../wit/sys-compose",
                    "../../wit/compose-dynlink",
                ],
                inline: r#"
                    package dynlink:app@0.1.0;

                    interface app {
                        use sys:compose/types@1.0.0.{error};

                        /// A word of its own provider, one of a provider that is resolved,
                        /// and one of its own again.
                        run: func(provider: string) -> result<list<string>, error>;
                    }

                    world provider { include compose:dynlink/provider@0.1.0; }
                    world relay {
                        include compose:dynlink/provider@0.1.0;
                        include compose:dynlink/guest@0.1.0;
                    }
                    world root { include compose:dynlink/guest@0.1.0; }

                    world words { export dynlink:words/words@0.1.0; }
                    world typed {
                        include compose:dynlink/provider@0.1.0;
                        import dynlink:words/words@0.1.0;
                    }
                    world both {
                        include compose:dynlink/guest@0.1.0;
                        import dynlink:words/words@0.1.0;
                        export app;
                    }

                    package dynlink:words@0.1.0 {
                        interface words {
                            /// The next word of this instance.
                            next: func() -> string;
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
