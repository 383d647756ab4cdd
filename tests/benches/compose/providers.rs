//! Small providers, few and many: of code, of data, and of next to nothing.

use Run::{Cold, Compose, First, Plug};

use super::set::Set;
use crate::input::{Filling, Input, SMALL};
use crate::run::Run;

/// The sets.
pub fn sets() -> Vec<Set> {
    let mut sets = code();
    sets.extend(data());
    sets.extend(tiny());
    sets
}

/// From a hundred components on, memory is bounded as well.
fn code() -> Vec<Set> {
    vec![
        beside("wide-10", "10 providers of 20 KB of code", 9, 10).row(Cold, Compose),
        beside("wide-100", "100 providers of 20 KB of code", 9, 100).memory(),
        // Each has a module of code beside its own: a thousand with them is the most.
        beside("wide-300", "300 providers of 20 KB of code", 5, 300)
            .row(Cold, Compose)
            .wall(Cold, Plug, 1.0, 0.7)
            .memory(),
        filled(
            "wide-450",
            "450 providers of 20 KB of code",
            5,
            450,
            Filling::Code,
        )
        .memory(),
    ]
}

fn data() -> Vec<Set> {
    let of = |name, label, rounds, count| filled(name, label, rounds, count, Filling::Data);
    vec![
        of("data-10", "10 providers of 20 KB of data", 15, 10)
            .row(Cold, Compose)
            .wall(Cold, Plug, 1.2, 0.9)
            .wall(First, Plug, 1.4, 1.0),
        of("data-100", "100 providers of 20 KB of data", 9, 100)
            .wall(Cold, Plug, 0.9, 0.6)
            .wall(First, Plug, 1.2, 0.8)
            .memory(),
        of("data-450", "450 providers of 20 KB of data", 5, 450)
            .wall(Cold, Plug, 0.6, 0.4)
            .wall(First, Plug, 0.9, 0.6)
            .memory(),
    ]
}

fn tiny() -> Vec<Set> {
    let of = |name, label, rounds, count| filled(name, label, rounds, count, Filling::None);
    vec![
        of("tiny-3", "3 providers of less than 1 KB", 15, 3).row(Cold, Compose),
        of("tiny-10", "10 providers of less than 1 KB", 15, 10).row(Cold, Compose),
        of("tiny-100", "100 providers of less than 1 KB", 9, 100).memory(),
        of("tiny-450", "450 providers of less than 1 KB", 5, 450).memory(),
    ]
}

/// Providers with a module of code beside their own.
fn beside(name: &'static str, label: &'static str, rounds: usize, count: usize) -> Set {
    Set::new(name, label, rounds, move |folder| {
        Some(Input::wide(folder, count, SMALL, 0))
    })
}

/// Providers of one module.
fn filled(
    name: &'static str,
    label: &'static str,
    rounds: usize,
    count: usize,
    filling: Filling,
) -> Set {
    Set::new(name, label, rounds, move |folder| {
        Some(Input::filled(folder, count, filling))
    })
}
