//! `compose:dynlink/linker`, for a linker.

use composectl_runtime::Guest;
use wasmtime::component::{HasSelf, Linker, Resource};

use super::bindings::compose::dynlink::linker;
use super::instance::Instance;
use super::resolve::{denied, is_granted, resolve};
use crate::bindings::sys::compose::runner::Grants;
use crate::error::Error;
use crate::guest::Member;

/// `compose:dynlink/linker`.
pub fn add_to_linker(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    linker::add_to_linker::<Guest, HasSelf<Guest>>(linker, |guest| guest)
}

impl linker::Host for Guest {
    async fn resolve_by_digest(&mut self, digest: Vec<u8>) -> Result<Resource<Instance>, Error> {
        self.meter.call();
        let wanted = crate::digest::digest(&digest)?.to_string();
        resolve(self, &wanted, |part| part.digest == digest).await
    }

    async fn resolve_by_id(&mut self, id: String) -> Result<Resource<Instance>, Error> {
        self.meter.call();
        resolve(self, &id, |part| part.id == id).await
    }
}

impl linker::HostInstance for Guest {
    async fn invoke(
        &mut self,
        instance: Resource<Instance>,
        method: String,
        payload: Vec<u8>,
    ) -> wasmtime::Result<Result<Vec<u8>, Error>> {
        self.meter.call();
        if !is_granted(self.data::<Member>(), Grants::INVOKE) {
            return Ok(Err(denied("dynlink:invoke")));
        }
        let run = &self.data::<Member>().session.run;
        let limit = run.configuration.limits.output_bytes;
        let instance = self.table.get_mut(&instance)?;
        Ok(instance.invoke(&method, &payload, limit).await)
    }

    fn drop(&mut self, instance: Resource<Instance>) -> wasmtime::Result<()> {
        self.meter.call();
        self.table.delete(instance)?;
        Ok(())
    }
}
