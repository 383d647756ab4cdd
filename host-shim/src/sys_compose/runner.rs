//! `sys:compose/runner`.

use std::sync::Arc;

use composectl_runtime::{Process, Purpose, Route};

use super::view::View;
use crate::bindings::sys::compose::runner;
use crate::error::Error;
use crate::exec::{command, invoke};
use crate::host::Host;
use crate::run::Run;
use crate::serve::{handler, serve};
use crate::start::start;

/// A program that is loaded and linked, to be run once.
async fn started(
    host: &Arc<Host>,
    root: &runner::Program,
    configuration: runner::Configuration,
) -> Result<Arc<Run>, Error> {
    let process = Process::new();
    start(host, root, configuration, Purpose::Run, &process).await
}

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
        let run = started(&self.host, &root, configuration).await?;
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
        let run = started(&self.host, &root, configuration).await?;
        Ok((invoke(&run, &call).await?, run.output()))
    }

    async fn serve(
        &mut self,
        routes: Vec<runner::Route>,
        server: runner::Server,
    ) -> Result<(), runner::Unserved> {
        let _guests = self.host.deadline.pause();
        let process = Process::new();
        let mut ready = Vec::new();
        for (index, route) in routes.into_iter().enumerate() {
            let (root, configuration) = (&route.root, route.configuration);
            let started = start(&self.host, root, configuration, Purpose::Serve, &process).await;
            let handler = started
                .and_then(handler)
                .map_err(|error| runner::Unserved {
                    route: Some(index as u32),
                    error,
                })?;
            let (host, path) = (route.host, route.path);
            ready.push((Route { host, path }, handler));
        }
        let served = serve(&self.host, ready, server).await;
        served.map_err(|error| runner::Unserved { route: None, error })
    }
}
