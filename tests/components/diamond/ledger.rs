//! Owns the resource type that everyone shares.

use std::cell::Cell;

mod wit;
wit::bindings!("ledger");
use bindings::exports::diamond::ledger::ledger::{self, Account, GuestAccount};

thread_local! {
    static OPENED: Cell<u32> = const { Cell::new(0) };
}

struct Ledger;

struct Entry {
    owner: String,
    balance: Cell<i64>,
}

impl ledger::Guest for Ledger {
    type Account = Entry;

    fn opened() -> u32 {
        OPENED.get()
    }
}

impl GuestAccount for Entry {
    fn new(owner: String) -> Self {
        OPENED.set(OPENED.get() + 1);
        let balance = Cell::new(0);
        Self { owner, balance }
    }

    fn owner(&self) -> String {
        self.owner.clone()
    }

    fn post(&self, amount: i64) {
        self.balance.set(self.balance.get() + amount);
    }

    fn balance(&self) -> i64 {
        self.balance.get()
    }

    fn merge(a: Account, b: Account) -> Account {
        let (a, b) = (a.into_inner::<Entry>(), b.into_inner::<Entry>());
        let merged = Entry::new(format!("{} and {}", a.owner, b.owner));
        merged.post(a.balance() + b.balance());
        Account::new(merged)
    }
}

bindings::export!(Ledger with_types_in bindings);
