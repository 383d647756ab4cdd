//! Adds up prices that it asks for under a name of its own.

mod wit;
wit::bindings!("root");
use bindings::shop::needs::prices;

struct Till;

impl bindings::exports::shop::till::till::Guest for Till {
    fn total(basket: Vec<String>, currency: String) -> Result<u64, String> {
        let mut total = 0;
        for item in basket {
            let price = prices::price_of(&item, &currency)
                .map_err(|problem| format!("{item}: {}", problem.name()))?;
            total += price.amount;
        }
        Ok(total)
    }
}

bindings::export!(Till with_types_in bindings);
