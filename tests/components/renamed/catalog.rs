//! Knows prices in euros, and asks for rates under a name of its own.

mod wit;
wit::bindings!("catalog");
use bindings::acme::needs::rates;
use bindings::exports::acme::catalog::price_list::{Guest, Price, Problem};

struct Catalog;

impl Guest for Catalog {
    fn price_of(item: String, currency: String) -> Result<Price, Problem> {
        let euros = match item.as_str() {
            "tea" => 300,
            "cake" => 450,
            _ => return Err(Problem::UnknownItem),
        };
        let percent = rates::percent(&currency).ok_or(Problem::UnknownCurrency)?;
        let amount = euros * percent / 100;
        Ok(Price { amount, currency })
    }
}

bindings::export!(Catalog with_types_in bindings);
