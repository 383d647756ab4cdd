//! Ceilings of what runs: what a plan and a user may set, and what holds when
//! neither does.

macro_rules! ceilings {
    ($($(#[$doc:meta])* $field:ident,)*) => {
        /// Ceilings (`sys:compose/runner.limits`), by the names that people give them:
        /// those of the fields, with `-` for `_`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Ceilings {
            $($(#[$doc])* pub $field: u64,)*
        }

        impl Ceilings {
            /// Their names.
            pub fn names() -> Vec<String> {
                vec![$(stringify!($field).replace('_', "-"),)*]
            }

            /// Their values, in the order of the names.
            pub fn values(&self) -> Vec<u64> {
                vec![$(self.$field,)*]
            }

            /// The one of a name.
            pub fn get_mut(&mut self, name: &str) -> Option<&mut u64> {
                match name.replace('-', "_").as_str() {
                    $(stringify!($field) => Some(&mut self.$field),)*
                    _ => None,
                }
            }
        }
    };
}

ceilings! {
    /// Milliseconds that an instance uses a processor.
    cpu_ms,
    /// Milliseconds by the clock that an instance has something to do.
    wall_ms,
    /// Bytes over all memories of an instance.
    memory_bytes,
    /// Calls of host imports.
    io_ops,
    /// Elements over all tables of an instance.
    table_elements,
    /// Instances of providers that live at once in a run.
    instances,
    /// Handles to host resources that an instance holds at once.
    handles,
    /// Bytes that an instance writes, and bytes of one answer.
    output_bytes,
    /// Milliseconds that all instances of a run use a processor.
    total_cpu_ms,
    /// Bytes over all memories of a run.
    total_memory_bytes,
    /// Bytes over all memories of a process.
    process_memory_bytes,
}

/// What a program may use that neither plan nor user limits. A plan cannot raise
/// these; the user can.
pub const PROGRAM: Ceilings = Ceilings {
    // An hour.
    cpu_ms: 60 * 60 * 1000,
    // Who waits takes nothing from others.
    wall_ms: u64::MAX,
    memory_bytes: 4 << 30,
    io_ops: 10_000_000_000,
    table_elements: 10_000_000,
    instances: 256,
    handles: 100_000,
    output_bytes: 1 << 40,
    total_cpu_ms: 4 * 60 * 60 * 1000,
    total_memory_bytes: 8 << 30,
    process_memory_bytes: 16 << 30,
};
/// The same for one HTTP request, which others may wait for.
pub const REQUEST: Ceilings = Ceilings {
    cpu_ms: 30 * 1000,
    // As long as a client listens to what comes bit by bit.
    wall_ms: 10 * 60 * 1000,
    memory_bytes: 1 << 30,
    io_ops: 1_000_000_000,
    table_elements: 100_000,
    instances: 64,
    handles: 10_000,
    output_bytes: 1 << 40,
    total_cpu_ms: 60 * 1000,
    total_memory_bytes: 2 << 30,
    process_memory_bytes: 16 << 30,
};
