//! Knows what a currency is worth.

mod wit;
wit::bindings!("exchange");

struct Exchange;

impl bindings::exports::bank::exchange::table::Guest for Exchange {
    fn percent(currency: String) -> Option<u64> {
        match currency.as_str() {
            "EUR" => Some(100),
            "NZD" => Some(200),
            _ => None,
        }
    }
}

bindings::export!(Exchange with_types_in bindings);
