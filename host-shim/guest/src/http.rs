//! Outgoing HTTP requests, when they are granted.

use http::{Request, Response};
use http_body_util::BodyExt;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks, default_send_request};

/// Sends requests, or refuses to.
pub struct Hooks {
    pub granted: bool,
}

type Sent = (Response<WasiBody>, Processing);
type Processing = Box<dyn Future<Output = Result<(), Error>> + Send>;

impl WasiHttpHooks for Hooks {
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
