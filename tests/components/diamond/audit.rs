//! Borrows and consumes accounts that other components made.

mod wit;
wit::bindings!("audit");
use bindings::exports::diamond::audit::audit;

struct Audit;

impl audit::Guest for Audit {
    fn charge(account: &audit::Account, fee: i64) {
        account.post(-fee);
    }

    fn close(account: audit::Account) -> audit::Statement {
        let (owner, balance) = (account.owner(), account.balance());
        audit::Statement { owner, balance }
    }
}

bindings::export!(Audit with_types_in bindings);
