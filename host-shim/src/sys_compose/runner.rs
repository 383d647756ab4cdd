//! `sys:compose/runner`.

use composectl_runtime::Purpose;

use super::view::View;
use crate::bindings::sys::compose::runner;
use crate::error::Error;
use crate::exec::{command, invoke};
use crate::serve::serve;
use crate::start::start;

impl runner::Host for View<'_> {
    fn fingerprint(&mut self) -> String {
        format!(
            "composectl {}, {}-{}",
            env!("CARGO_PKG_VERSION"),
            std::env::consts::ARCH,
            std::env::consts::OS
        )
    }

    async fn run(
        &mut self,
        root: runner::Program,
        configuration: runner::Configuration,
    ) -> Result<(u32, runner::Output), Error> {
        let _guests = self.host.deadline.pause();
        let run = start(&self.host, &root, configuration, Purpose::Run).await?;
        self.host.turn.run_program().await;
        Ok((command(&run).await?, run.output()))
    }

    async fn invoke(
        &mut self,
        root: runner::Program,
        call: String,
        configuration: runner::Configuration,
    ) -> Result<(String, runner::Output), Error> {
        let _guests = self.host.deadline.pause();
        let run = start(&self.host, &root, configuration, Purpose::Run).await?;
        Ok((invoke(&run, &call).await?, run.output()))
    }

    async fn serve(
        &mut self,
        root: runner::Program,
        server: runner::Server,
        configuration: runner::Configuration,
    ) -> Result<(), Error> {
        let _guests = self.host.deadline.pause();
        let run = start(&self.host, &root, configuration, Purpose::Serve).await?;
        serve(&run, server).await
    }
}
