//! Passes accounts between the providers that share their type.

mod wit;
wit::bindings!("root");
use bindings::diamond::audit::audit;
use bindings::diamond::ledger::ledger::{self, Account};
use bindings::diamond::savings::savings;

struct Root;

impl bindings::exports::diamond::app::app::Guest for Root {
    fn run() -> Vec<String> {
        let mut seen = Vec::new();
        let ada = savings::open("Ada", 1_000);
        let bob = Account::new("Bob");
        bob.post(250);
        savings::add_interest(&ada);
        for account in [&ada, &bob] {
            audit::charge(account, 5);
            seen.push(format!("{}: {}", account.owner(), account.balance()));
        }
        let statement = audit::close(Account::merge(ada, bob));
        seen.push(format!("{}: {}", statement.owner, statement.balance));
        seen.push(format!("opened: {}", ledger::opened()));
        seen
    }
}

bindings::export!(Root with_types_in bindings);
