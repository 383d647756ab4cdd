//! The WIT of `plans/renamed`: no interface has the name that its consumer
//! knows it by.

macro_rules! bindings {
    ($world:tt) => {
        mod bindings {
            wit_bindgen::generate!({
                inline: r#"
                    package shop:till@1.0.0;

                    interface till {
                        /// The price of everything in a basket.
                        total: func(basket: list<string>, currency: string) -> result<u64, string>;
                    }

                    world root { import shop:needs/prices@1.4.0; export till; }
                    world catalog { import acme:needs/rates@0.3.1; export acme:catalog/price-list@3.1.0; }
                    world exchange { export bank:exchange/table@2.0.0; }

                    package shop:needs@1.4.0 {
                        interface prices {
                            record price { amount: u64, currency: string }
                            enum problem { unknown-item, unknown-currency }
                            price-of: func(item: string, currency: string) -> result<price, problem>;
                        }
                    }

                    package acme:catalog@3.1.0 {
                        interface price-list {
                            record price { amount: u64, currency: string }
                            enum problem { unknown-item, unknown-currency }
                            price-of: func(item: string, currency: string) -> result<price, problem>;
                        }
                    }

                    package acme:needs@0.3.1 {
                        interface rates {
                            percent: func(currency: string) -> option<u64>;
                        }
                    }

                    package bank:exchange@2.0.0 {
                        interface table {
                            percent: func(currency: string) -> option<u64>;
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
