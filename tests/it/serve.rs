//! `composectl exec serve`: what clients get, whatever the guest does.

mod answers;
mod behind;
mod clients;
mod failures;
mod fixture;
mod load;
mod stop;
