//! `composectl exec serve`: what clients get, whatever the guest does.

mod answers;
mod behind;
mod clients;
mod failures;
mod fixture;
mod frames;
mod hostile;
mod listen;
mod load;
mod log;
mod patterns;
mod routes;
mod shares;
mod stop;
mod watch;
mod wrong_routes;
