//! Knows prices in euros, and asks for rates under a name of its own.

mod wit;
wit::bindings!("catalog");
use bindings::acme::needs::rates;
use bindings::exports::acme::catalog::price_list::{Guest, Refusal, Tag};

struct Catalog;

impl Guest for Catalog {
    fn price_of(item: String, currency: String) -> Result<Tag, Refusal> {
        let euros = match item.as_str() {
            "tea" => 300,
            "cake" => 450,
            _ => return Err(Refusal::UnknownItem),
        };
        let percent = rates::percent(&currency).ok_or(Refusal::UnknownCurrency)?;
        let amount = euros * percent / 100;
        Ok(Tag { amount, currency })
    }
}

bindings::export!(Catalog with_types_in bindings);
