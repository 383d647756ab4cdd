//! What the user gives a run.

use crate::host_policy::HostPolicy;
use compositor_host::Folder;

/// What the user gives a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Program name and arguments.
    pub arguments: Vec<String>,
    /// Environment of the guest.
    pub environment: Vec<(String, String)>,
    /// Folders of the guest.
    pub folders: Vec<Folder>,
    /// What the host permits and refuses. Folders and variables that are given
    /// reach whom this and the plan grant the interfaces that they come through,
    /// and grant nothing themselves.
    pub policy: HostPolicy,
    /// Ceilings by name.
    pub limits: Vec<(String, u64)>,
    /// Whether a recorded result of the same exec key will do, where the
    /// plan's determinism is `strict`.
    pub reuse: bool,
    /// Whether what the guest writes to stdout goes to stderr.
    pub redirect: bool,
}
