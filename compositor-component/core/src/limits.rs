//! Every limit on input, in one place. None depends on the machine.

use crate::host::Ceilings;

/// Bytes of a plan, in either encoding.
pub const PLAN_BYTES: usize = 8 << 20;
/// How deep arrays and objects of a plan may nest.
pub const NESTING: usize = 64;
/// Values in a JSON or CBOR text: each takes many times its bytes in memory.
pub const VALUES: usize = 1_000_000;
/// Characters of an id.
pub const ID_CHARS: usize = 128;
/// Bytes of an import, export or source name.
pub const NAME_BYTES: usize = 4096;
/// Components of a plan.
pub const COMPONENTS: usize = 10_000;
/// Bindings of a plan.
pub const BINDINGS: usize = 100_000;
/// Errors that one phase reports; more are counted, not shown.
pub const FINDINGS: usize = 100;
/// Bytes of one skeleton: what composing keeps of a component.
pub const SKELETON_BYTES: usize = 8 << 20;
/// Bytes of all skeletons of a plan together.
pub const SKELETONS_BYTES: usize = 12 << 20;
/// Bytes of one section that a skeleton keeps, and so is read whole.
pub const SECTION_BYTES: u64 = 8 << 20;
/// How deep components may nest in components.
pub const COMPONENT_NESTING: usize = 100;
/// How many names a type may have one after the other, each an alias of the last.
pub const ALIASES: usize = 256;
/// Versions of one interface that stay apart before others are not tried.
pub const APART: usize = 64;
/// Imports of one component, and exports.
pub const EXTERNS: usize = 10_000;
/// Values that the types of a world or interface are written out in for its id.
pub const WIT_VALUES: usize = 200_000;
/// Bytes that are read from a blob at once.
pub const READ_BYTES: u64 = 256 << 10;
/// Instances (of components, imports and aliases) that one encoded component
/// holds at the most: the binary format's validators allow 1,000.
pub const INSTANCES_PER_COMPONENT: usize = 900;

/// What a program may use that neither plan nor user limits, in the order of
/// [`Ceilings::NAMES`]: an hour of a processor, 4 GiB, ten billion calls of the
/// host, ten million table elements, 256 providers, 100,000 handles, 1 TiB of
/// output. A plan cannot raise them; the user can.
pub const PROGRAM: Ceilings = Ceilings([
    60 * 60 * 1000,
    4 << 30,
    10_000_000_000,
    10_000_000,
    256,
    100_000,
    1 << 40,
]);
/// The same for one HTTP request: half a minute, 1 GiB, and less of the others.
pub const REQUEST: Ceilings = Ceilings([
    30 * 1000,
    1 << 30,
    1_000_000_000,
    100_000,
    64,
    10_000,
    1 << 40,
]);
