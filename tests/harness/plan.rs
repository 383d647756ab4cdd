//! Plans of tests, in folders.

use std::path::PathBuf;

use conformance_runner::Temp;
use test_generate::plan::Plan;

/// What has a folder to write a plan to.
pub trait Written {
    /// Writes a plan and its components to a folder of its own, and what its host says
    /// as `policy.json`.
    fn written(&self) -> Temp;

    /// Writes `plan.json` and the components beside it; returns the plan's path.
    fn write_to(&self, folder: &Temp) -> PathBuf;
}

impl Written for Plan {
    fn written(&self) -> Temp {
        let folder = Temp::new();
        self.write_to(&folder);
        folder.write("policy.json", self.host_text());
        folder
    }

    fn write_to(&self, folder: &Temp) -> PathBuf {
        for (id, bytes) in self.components() {
            folder.write(format!("{id}.wasm"), bytes);
        }
        folder.write("plan.json", self.value.to_string())
    }
}
