//! Every limit on input, in one place. None depends on the machine.
//!
//! What an embedder may set is in [`Limits`]; a host sets it through
//! `sys:compose/limits`, by the same names. The constants beneath it are nobody's
//! business but ours, each for the reason that it states.
//!
//! # What the format itself limits
//!
//! Validators have limits of their own, the same in every runtime, which no
//! embedder can raise: what goes beyond them is no valid component, and is
//! refused as such. Those that a component may meet:
//!
//! | what | most |
//! | --- | --- |
//! | size of a type: what it is made of, each time that it is | 1,000,000 |
//! | depth of a type | 100 |
//! | components in components' index space, and modules | 1,000 |
//! | instances in a component, with core instances | 4,096 |
//! | modules and components through all nesting | 1,000 |
//! | fields of a record, cases of a variant, parts of a tuple | 10,000 |
//! | parameters of a function | 1,000 |
//! | bytes of a name | 100,000 |
//! | bytes of a core function | 7,654,321 |

macro_rules! limits {
    ($($(#[$doc:meta])* $field:ident = $default:expr, up to $most:expr;)*) => {
        /// What input may have at the most. The defaults let a component that
        /// has 64 MiB of memory refuse the rest cleanly.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Limits {
            $($(#[$doc])* pub $field: usize,)*
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }

        impl Limits {
            /// Each as high as it can be set.
            pub const HIGHEST: Self = Self { $($field: $most as usize,)* };

            /// The names that [`Limits::with`] knows, and what `sys:compose/limits`
            /// calls them: those of the fields, with `-` for `_`.
            pub fn names() -> Vec<String> {
                vec![$(stringify!($field).replace('_', "-"),)*]
            }

            /// The value of a limit, and the most that it can be set to.
            fn entry(&mut self, name: &str) -> Option<(&mut usize, u64)> {
                match name.replace('-', "_").as_str() {
                    $(stringify!($field) => Some((&mut self.$field, $most)),)*
                    _ => None,
                }
            }
        }
    };
}

/// Whatever memory there is.
const ANY: u64 = u64::MAX;

limits! {
    /// Bytes of a plan, or of a host's policy, in either encoding.
    plan_bytes = 8 << 20, up to 1 << 30;
    /// How deep arrays and objects of a JSON or CBOR text may nest. Reading
    /// recurses, so the stack limits it as well.
    nesting = 64, up to 100;
    /// Values in a JSON or CBOR text: each takes many times its bytes in memory.
    values = 500_000, up to ANY;
    /// Characters of an id.
    id_bytes = 128, up to ANY;
    /// Bytes of an import, export or source name in a plan.
    name_bytes = 4096, up to ANY;
    /// Components of a plan.
    components = 10_000, up to ANY;
    /// Bindings of a plan.
    bindings = 50_000, up to ANY;
    /// Items of each other list of a plan or a policy.
    list_items = 10_000, up to ANY;
    /// Bytes of one section that a skeleton keeps, and so is read whole.
    section_bytes = 8 << 20, up to ANY;
    /// Bytes of one skeleton: what composing keeps of a component.
    skeleton_bytes = 8 << 20, up to ANY;
    /// Bytes of all skeletons of a plan together.
    skeletons_bytes = 12 << 20, up to ANY;
    /// How deep components may nest in components. Walking them recurses.
    component_nesting = 100, up to 200;
    /// How many names a type may have one after the other, each an alias of
    /// the last.
    aliases = 256, up to ANY;
    /// Imports and exports of one component.
    externs = 10_000, up to ANY;
    /// Work of composing: imports and exports of all components of a plan, and
    /// of the interfaces that they are, a component counted as often as it is
    /// in the plan; 300 and more for each import that is denied or recorded in a
    /// way of its own. Of a `runtime` plan the same of each of its programs,
    /// with 300 for the program and 4 for each of its components, bindings and
    /// rules. It stands for time, and is the same on every machine.
    work = 1_000_000, up to ANY;
    /// Values that the types of a world or interface are written out in for
    /// its id.
    wit_values = 200_000, up to ANY;
}

/// Why a limit cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// There is none of that name.
    #[error("there is no limit {name:?}; the limits are {}", Limits::names().join(", "))]
    Unknown {
        /// The name.
        name: String,
    },
    /// It cannot be raised as far.
    #[error("the limit {name:?} cannot be {value}: at most {most}")]
    TooHigh {
        /// The limit.
        name: String,
        /// What was asked for.
        value: u64,
        /// How far it can be raised.
        most: u64,
    },
}

impl Limits {
    /// The defaults, but for these.
    pub fn with<'a>(values: impl IntoIterator<Item = (&'a str, u64)>) -> Result<Self, LimitError> {
        let mut limits = Self::default();
        for (name, value) in values {
            let unknown = || LimitError::Unknown { name: name.into() };
            let (limit, most) = limits.entry(name).ok_or_else(unknown)?;
            if value > most && most != ANY {
                return Err(LimitError::TooHigh {
                    name: name.into(),
                    value,
                    most,
                });
            }
            *limit = usize::try_from(value).unwrap_or(usize::MAX);
        }
        Ok(limits)
    }
}

/// What an error expects where a limit was exceeded: the number and the name
/// that it is set by.
pub fn at_most(most: usize, unit: &str, name: &str) -> String {
    format!("at most {most} {unit} (limit `{name}`)")
}

/// Errors that one phase reports; more are counted, not shown. Nobody reads
/// more, and each takes its place in the answer's memory.
pub const FINDINGS: usize = 100;
/// Characters of a name that a message quotes; what is longer is cut, so that a
/// message stays one.
pub const QUOTED: usize = 256;
/// Versions of one interface that stay apart before others are not tried: what
/// is not tried stays apart too, which is sound, and only less tidy.
pub const APART: usize = 64;
/// Bytes that are read from a blob at once: the size of a buffer.
pub const READ_BYTES: u64 = 256 << 10;
/// Instances (of components, imports, aliases and exports) that one encoded
/// component holds at the most: what validators of all hosts allow. Newer ones
/// allow 4,096, but an artifact does not depend on the host that it is for.
pub const INSTANCES_PER_COMPONENT: usize = 1_000;
/// Components that one component embeds or aliases at the most: the same for all.
pub const COMPONENTS_PER_COMPONENT: usize = 1_000;
/// Modules and components that what is validated here has at the most, through
/// all nesting: what the validator allows, which is that of wasmtime 50.
pub const MODULES_AND_COMPONENTS: usize = 1_000;
