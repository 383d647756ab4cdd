//! Makes accounts of a type that another provider owns.

mod wit;
wit::bindings!("savings");
use bindings::exports::diamond::savings::savings;

struct Savings;

impl savings::Guest for Savings {
    fn open(owner: String, deposit: i64) -> savings::Account {
        let account = savings::Account::new(&owner);
        account.post(deposit);
        account
    }

    fn add_interest(account: &savings::Account) {
        account.post(account.balance() / 10);
    }
}

bindings::export!(Savings with_types_in bindings);
