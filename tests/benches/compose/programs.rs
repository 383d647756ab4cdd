//! Programs in several languages over their providers.

use Run::{Again, Cold, Compose, First, Plug, Stock};

use super::set::Set;
use crate::input::Input;
use crate::languages;
use crate::run::Run;

/// Capabilities under one program.
const CAPS: usize = 70;

/// The sets.
pub fn sets() -> Vec<Set> {
    vec![
        Set::new("program", "Rust program, 2 providers", 15, |folder| {
            Some(Input::program(folder, 0))
        })
        .row(Cold, Compose)
        .wall(First, Plug, 1.2, 0.9),
        Set::new("c", "C program, 2 providers", 15, |folder| {
            Some(Input::hello(folder, languages::c()?))
        })
        .row(Cold, Compose),
        Set::new("python", "Python application, 2 providers", 9, |folder| {
            Some(Input::hello(folder, languages::python()?))
        })
        .row(Cold, Compose)
        .row(Stock, Plug)
        .wall(First, Plug, 0.8, 0.5)
        .wall(Cold, Plug, 0.5, 0.3)
        .wall(Again, Plug, 0.4, 0.25)
        .wall(Stock, Plug, 1.2, 0.9)
        .memory(),
        Set::new(
            "javascript",
            "JavaScript application, 2 providers",
            9,
            |folder| Some(Input::hello(folder, languages::javascript())),
        )
        .row(Cold, Compose)
        .wall(First, Plug, 0.8, 0.5),
        Set::new("caps", "Python application, 70 providers", 7, |folder| {
            let root = languages::python_over(CAPS)?;
            Some(Input::caps(folder, root, CAPS))
        })
        .row(Cold, Compose)
        .memory(),
        Set::new("root", "18 MB root, 2 providers", 9, |folder| {
            Some(Input::program(folder, 18 << 20))
        })
        .row(Cold, Compose)
        .row(Stock, Plug)
        .row(Again, Cold)
        .row(Again, First)
        .wall(Cold, Plug, 0.7, 0.5)
        .wall(Stock, Plug, 1.5, 1.0)
        .wall(Again, Cold, 0.2, 0.1)
        .memory(),
    ]
}
