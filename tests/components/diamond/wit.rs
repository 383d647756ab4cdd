//! The WIT of `plans/diamond`.

macro_rules! bindings {
    ($world:tt) => {
        mod bindings {
            wit_bindgen::generate!({
                inline: r#"
                    package diamond:app@0.1.0;

                    interface app {
                        /// What the root saw, a line a step.
                        run: func() -> list<string>;
                    }

                    world ledger { export diamond:ledger/ledger@0.1.0; }
                    world savings { export diamond:savings/savings@0.1.0; }
                    world audit { export diamond:audit/audit@0.1.0; }
                    world root {
                        import diamond:ledger/ledger@0.1.0;
                        import diamond:savings/savings@0.1.0;
                        import diamond:audit/audit@0.1.0;
                        export app;
                    }

                    package diamond:ledger@0.1.0 {
                        interface ledger {
                            resource account {
                                constructor(owner: string);
                                owner: func() -> string;
                                post: func(amount: s64);
                                balance: func() -> s64;
                                merge: static func(a: account, b: account) -> account;
                            }
                            /// How many accounts this instance has made.
                            opened: func() -> u32;
                        }
                    }

                    package diamond:savings@0.1.0 {
                        interface savings {
                            use diamond:ledger/ledger@0.1.0.{account};
                            open: func(owner: string, deposit: s64) -> account;
                            add-interest: func(account: borrow<account>);
                        }
                    }

                    package diamond:audit@0.1.0 {
                        interface audit {
                            use diamond:ledger/ledger@0.1.0.{account};
                            record statement { owner: string, balance: s64 }
                            charge: func(account: borrow<account>, fee: s64);
                            close: func(account: account) -> statement;
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
