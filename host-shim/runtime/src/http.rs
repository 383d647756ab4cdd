//! Outgoing HTTP requests, when they are granted.

use http::{Request, Response};
use http_body_util::BodyExt;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks, default_send_request};

/// Sends requests, or refuses to.
pub struct Hooks {
    /// Whether they are granted.
    pub granted: bool,
    /// Bytes that one write to a body's stream may have, which the host holds
    /// until they are sent.
    pub chunk: usize,
}

type Sent = (Response<WasiBody>, Processing);
type Processing = Box<dyn Future<Output = Result<(), Error>> + Send>;

impl WasiHttpHooks for Hooks {
    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        self.chunk
    }

    fn p3_outgoing_body_chunk_size(&mut self) -> usize {
        self.chunk
    }

    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Processing,
    ) -> Box<dyn Future<Output = Result<Sent, Error>> + Send> {
        let granted = self.granted;
        Box::new(async move {
            if !granted {
                return Err(Error::HttpRequestDenied);
            }
            let (response, io) = default_send_request(request, options).await?;
            let io: Processing = Box::new(io);
            Ok((response.map(BodyExt::boxed_unsync), io))
        })
    }
}
