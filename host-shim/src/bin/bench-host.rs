//! What the build and the tests do with components; it is not handed out.

use std::process::ExitCode;

fn main() -> ExitCode {
    composectl::bench()
}
