//! Clocks and randomness of WASI 0.3.

use std::fmt::Write as _;

mod bindings {
    wit_bindgen::generate!({
        inline: r#"
            package deterministic:three@0.1.0;

            world three {
                import wasi:clocks/monotonic-clock@0.3.0;
                import wasi:clocks/system-clock@0.3.0;
                import wasi:random/random@0.3.0;
                import wasi:random/insecure@0.3.0;
                import wasi:random/insecure-seed@0.3.0;
                /// What they say, a line each.
                export report: async func() -> string;
            }

            package wasi:clocks@0.3.0 {
                interface types { type duration = u64; }
                interface monotonic-clock {
                    use types.{duration};
                    type mark = u64;
                    now: func() -> mark;
                    get-resolution: func() -> duration;
                    wait-until: async func(when: mark);
                    wait-for: async func(how-long: duration);
                }
                interface system-clock {
                    use types.{duration};
                    record instant { seconds: s64, nanoseconds: u32 }
                    now: func() -> instant;
                    get-resolution: func() -> duration;
                }
            }

            package wasi:random@0.3.0 {
                interface random {
                    get-random-bytes: func(max-len: u64) -> list<u8>;
                    get-random-u64: func() -> u64;
                }
                interface insecure {
                    get-insecure-random-bytes: func(max-len: u64) -> list<u8>;
                    get-insecure-random-u64: func() -> u64;
                }
                interface insecure-seed { get-insecure-seed: func() -> tuple<u64, u64>; }
            }
        "#,
        world: "three",
        generate_all,
    });
}
use bindings::wasi::clocks::{monotonic_clock, system_clock};
use bindings::wasi::random::{insecure, insecure_seed, random};

const HOUR: u64 = 3_600_000_000_000;

struct Three;

impl bindings::Guest for Three {
    async fn report() -> String {
        let mut report = String::new();
        let mut say = |what: &str, value: &dyn std::fmt::Debug| {
            // A text takes all that is written to it.
            let _ = writeln!(report, "{what}: {value:?}");
        };
        let date = system_clock::now();
        say("date", &(date.seconds, date.nanoseconds));
        say("tick", &monotonic_clock::get_resolution());
        say("tick of dates", &system_clock::get_resolution());
        let started = monotonic_clock::now();
        say("started", &started);
        monotonic_clock::wait_for(HOUR).await;
        let after = monotonic_clock::now();
        say("waited", &(after - started));
        monotonic_clock::wait_until(after + HOUR).await;
        say("waited until", &(monotonic_clock::now() - after));
        monotonic_clock::wait_until(after).await;
        say("until the past", &(monotonic_clock::now() - after));
        say("number", &random::get_random_u64());
        say("bytes", &random::get_random_bytes(100));
        say("insecure number", &insecure::get_insecure_random_u64());
        say("insecure bytes", &insecure::get_insecure_random_bytes(3));
        say("seed", &insecure_seed::get_insecure_seed());
        report
    }
}

bindings::export!(Three with_types_in bindings);
