//! Serves HTTP: an instance for each request, dropped when its answer is done.
//!
//! A request has two tasks. The connection's reads the request and writes the
//! response; the guest's runs the guest. They share bodies, which stream, and
//! the request's [`Entry`], which becomes an event when both are done with it.
//! When the client breaks off, both end at once. `limits.rs` says what a client
//! may take; `queue.rs` says whose turn it is, and `connections.rs` which of too
//! many connections end.
//!
//! One file because a request goes through all of it, from its head to its end.

mod body;
mod buffer;
mod connections;
mod denied;
mod entry;
mod error;
mod in_flight;
mod limits;
mod patience;
mod queue;
mod service;
mod socket;
mod stop;
mod turns;

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use http::uri::Authority;
use http::{HeaderValue, Method, Request, Response, StatusCode, Version, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::time::sleep;
use wasmtime::component::InstancePre;
use wasmtime::{Result, Store};
use wasmtime_wasi_http::handler::ProxyPre;
use wasmtime_wasi_http::p2::bindings::http::types;
use wasmtime_wasi_http::{WasiBody, WasiHttpView as _, p2, p3};

use body::{Received, Sent, Task};
use buffer::{Started, ahead};
use connections::{Closing, Connection, Connections, Peer};
use denied::Denied;
use entry::Entry;
use limits::{AFTERWARDS, GRACE, HEAD, PAUSE, REQUESTS};
use queue::{Permit, Queue};
use socket::{Socket, linger};
use stop::Stop;

pub use error::{ServeCode, ServeError};
pub use service::{Later, Service};

use crate::exports::exports;
use crate::failure::Failure;
use crate::guest::Guest;
use crate::meter::metered;

/// What a guest answered, or its own word for why it did not.
type Answer = Result<Response<WasiBody>, wasmtime_wasi_http::Error>;

struct Server {
    service: Arc<dyn Service>,
    connections: Connections,
    queue: Arc<Queue>,
    /// Requests from their heads to the end of their answers.
    requests: Arc<AtomicUsize>,
    denied: Denied,
    proxy: ProxyPre<Guest>,
}

/// Serves at a socket address until the process is told to stop; then what is
/// in flight is finished.
///
/// # Errors
/// When the component handles no HTTP, the address cannot be listened on, or
/// requests in flight took too long in the end.
pub async fn serve(service: Arc<dyn Service>, address: &str) -> Result<(), ServeError> {
    let server = Arc::new(Server {
        proxy: proxy(service.pre())?,
        queue: Queue::new(service.guests()),
        connections: Connections::new(descriptors()),
        requests: Arc::default(),
        denied: Denied::default(),
        service,
    });
    let cannot = |error: io::Error| {
        let message = format!("cannot listen on `{address}`: {error}");
        ServeError::new(ServeCode::Invalid, message)
    };
    let mut stop = Stop::new().map_err(cannot)?;
    let listener = server.service.listen(address).await.map_err(cannot)?;
    let bound = listener.local_addr().map_err(cannot)?;
    let listening = [("address", bound.to_string())];
    server.service.event("serve.listening", &listening);

    let mut is_told = true;
    tokio::select! {
        () = accept(&server, &listener) => {}
        () = server.connections.look() => {}
        () = stop.told() => {}
        () = server.service.replaced() => is_told = false,
    }
    drop(listener);
    let in_flight = async {
        // Some guests go on after their answer.
        server.connections.close().await;
        server.queue.idle().await;
    };
    let cut = |why: &str| {
        let message = format!("stopped with requests in flight: {why}");
        Err(ServeError::new(ServeCode::Timeout, message))
    };
    let told_again = async {
        if !is_told {
            stop.told().await;
        }
        stop.told().await;
    };
    let ended = tokio::select! {
        () = in_flight => Ok(()),
        () = server.connections.look() => Ok(()),
        () = told_again => cut("told to stop a second time"),
        () = sleep(GRACE) => cut(&format!("they took longer than {} s", GRACE.as_secs())),
    };
    for rest in server.denied.rest() {
        server.service.say(&rest);
    }
    ended
}

/// Accepts connections without end.
async fn accept(server: &Arc<Server>, listener: &TcpListener) {
    let mut last = SocketAddr::from(([0, 0, 0, 0], 0));
    loop {
        match listener.accept().await {
            Ok((stream, address)) => {
                last = address;
                // One that is worth less than all others is closed.
                if let Some(connection) = server.connections.admit(stream, Peer::of(address)) {
                    tokio::spawn(attend(server.clone(), connection));
                }
            }
            Err(_) => {
                server.connections.shed(Peer::of(last));
                sleep(PAUSE).await;
            }
        }
    }
}

/// How many connections there may be: each takes a descriptor, and guests take some too.
#[cfg(unix)]
fn descriptors() -> usize {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    let wanted = limits::CONNECTIONS as u64 * 4;
    let most = limit.maximum.map_or(wanted, |maximum| maximum.min(wanted));
    if limit.current.is_some_and(|current| current < most) {
        limit.current = Some(most);
        // Where it stays as it was, there are fewer connections.
        let _ = setrlimit(Resource::Nofile, limit);
    }
    let current = getrlimit(Resource::Nofile).current.unwrap_or(wanted);
    usize::try_from(current / 2).map_or(limits::CONNECTIONS, |half| half.min(limits::CONNECTIONS))
}

#[cfg(not(unix))]
fn descriptors() -> usize {
    limits::CONNECTIONS
}

/// How requests get into the artifact; 0.3 before 0.2, if it has both.
fn proxy(pre: &InstancePre<Guest>) -> Result<ProxyPre<Guest>, ServeError> {
    if let Ok(pre) = p3::bindings::ServicePre::new(pre.clone()) {
        return Ok(ProxyPre::P3(pre));
    }
    p2::bindings::ProxyPre::new(pre.clone())
        .map(ProxyPre::P2)
        .map_err(|_| {
            let message = format!(
                "the artifact does not export `wasi:http/incoming-handler` or `wasi:http/handler`; \
                 it exports {}",
                exports(pre.component()).join(", ")
            );
            ServeError::new(ServeCode::MissingExport, message)
        })
}

/// Serves the requests of a connection, HTTP/1 or 2 as its first bytes say.
async fn attend(server: Arc<Server>, connection: Arc<Connection>) {
    serve_connection(&server, &connection).await;
    server.connections.forget(&connection);
}

async fn serve_connection(server: &Arc<Server>, connection: &Arc<Connection>) {
    // A guest's small parts are to be on their way at once. What fails here
    // fails again when it is read.
    let _ = connection.stream.set_nodelay(true);
    let service = service_fn(|request| server.clone().answer(request, connection.clone()));
    let builder = builder();
    let io = TokioIo::new(Socket(connection.clone()));
    let mut served = pin!(builder.serve_connection(io, service));
    let mut closing = connection.closing();
    loop {
        tokio::select! {
            // A client that breaks off is its own affair.
            _ = served.as_mut() => break,
            _ = closing.changed() => {}
        }
        let how = *closing.borrow_and_update();
        match how {
            Closing::Not => {}
            Closing::Gently => served.as_mut().graceful_shutdown(),
            Closing::Now => return,
        }
    }
    linger(connection).await;
}

/// The protocols, with their limits.
fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    let timer = TokioTimer::new();
    builder
        .http1()
        .timer(timer.clone())
        .header_read_timeout(HEAD)
        .max_headers(limits::HEADERS)
        .max_buf_size(limits::BUFFER);
    builder
        .http2()
        .timer(timer)
        .keep_alive_interval(HEAD)
        .keep_alive_timeout(HEAD)
        .max_concurrent_streams(limits::STREAMS)
        .max_pending_accept_reset_streams(limits::PENDING_RESETS)
        .max_local_error_reset_streams(limits::ERROR_RESETS)
        .max_header_list_size(limits::HEADERS_BYTES)
        .initial_stream_window_size(limits::STREAM_WINDOW)
        .initial_connection_window_size(limits::CONNECTION_WINDOW)
        .max_send_buf_size(limits::SEND_BUFFER);
    builder
}

impl Server {
    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        connection: Arc<Connection>,
    ) -> Result<Response<Sent>, Infallible> {
        let is_head = request.method() == Method::HEAD;
        let entry = Entry::new(
            self.service.clone(),
            connection,
            self.requests.clone(),
            &request,
        );
        let (response, task) = match self.guest(request, &entry).await {
            Ok((response, task)) => (response, Some(task)),
            Err(error) => (refusal(&error, &entry), None),
        };
        let status = response.status();
        entry.answered(status);
        let has_body =
            !is_head && !matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        let length = match has_body {
            true => length(&response),
            false => Some(0),
        };
        Ok(response.map(|body| Sent::new(body, entry, task, length)))
    }

    /// Starts a guest and waits for the head of its answer. The guest goes on
    /// until it is done, or until the task that comes with the answer is
    /// dropped.
    async fn guest(
        self: &Arc<Self>,
        mut request: Request<Incoming>,
        entry: &Arc<Entry>,
    ) -> Result<(Response<WasiBody>, Task), ServeError> {
        if self.requests.load(Relaxed) > REQUESTS {
            let why = "there are too many requests already";
            return Err(ServeError::new(ServeCode::Busy, why));
        }
        check_host(&mut request)?;
        let (parts, body) = request.into_parts();
        let (body, readiness) = Started::new(Received::new(body, entry.clone())).await;
        let request = Request::from_parts(parts, body.boxed_unsync());
        let permit = self.queue.permit(entry, readiness).await?;
        let store = self.service.store()?;
        let (sender, answer) = oneshot::channel();
        let (listening, gone) = watch::channel(());
        let guest = tokio::spawn(handle(
            permit,
            self.clone(),
            store,
            request,
            sender,
            gone,
            entry.clone(),
        ));
        let task = Task::new(guest.abort_handle(), listening);
        match answer.await {
            Ok(Ok(response)) => Ok((response.map(|body| ahead(body, entry.clone())), task)),
            Ok(Err(error)) => {
                let message = format!("the guest answered with an error: {error}");
                Err(ServeError::new(ServeCode::Trap, message))
            }
            Err(_) => match guest.await {
                Ok(Ok(())) => Err(ServeError::new(
                    ServeCode::Trap,
                    "the guest returned without an answer",
                )),
                Ok(Err(error)) => Err(error),
                Err(error) => Err(ServeError::new(ServeCode::Internal, error.to_string())),
            },
        }
    }
}

/// How long an answer says that its body is.
fn length(response: &Response<WasiBody>) -> Option<u64> {
    let length = response.headers().get(header::CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

/// A request is for one host (RFC 9112, section 3.2); before HTTP/1.1 it need
/// not say which.
fn check_host(request: &mut Request<Incoming>) -> Result<(), ServeError> {
    if request.uri().authority().is_some() {
        return Ok(());
    }
    let headers = request.headers();
    let mut hosts = headers.get_all(header::HOST).into_iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) if Authority::try_from(host.as_bytes()).is_ok() => Ok(()),
        (None, _) if request.version() < Version::HTTP_11 => {
            let headers = request.headers_mut();
            headers.insert(header::HOST, HeaderValue::from_static("localhost"));
            Ok(())
        }
        (None, _) => Err(ServeError::new(
            ServeCode::Invalid,
            "the request names no host",
        )),
        _ => Err(ServeError::new(
            ServeCode::Invalid,
            "the request's host is none",
        )),
    }
}

/// Runs a request's guest to its end, which is kept in the entry. The permit is
/// for as long as there is an instance: what comes first is dropped last.
async fn handle(
    _permit: Permit,
    server: Arc<Server>,
    mut store: Store<Guest>,
    request: Request<WasiBody>,
    sender: oneshot::Sender<Answer>,
    gone: watch::Receiver<()>,
    entry: Arc<Entry>,
) -> Result<(), ServeError> {
    let meter = store.data().meter.clone();
    let mut left = gone.clone();
    let abandoned = async {
        // It fails when the sender is dropped, which is what is waited for.
        let _ = left.changed().await;
        sleep(AFTERWARDS).await;
    };
    // Whatever ends it is told to the entry: an answer that is cut short is not to
    // look whole.
    let call = call(&server.proxy, &mut store, request, sender, gone);
    let ended = tokio::select! {
        ended = metered(&meter, call) => ended.map_err(|error| {
            let failure = Failure::of(&meter, &error);
            if let Some(said) = failure.denied.as_ref().and_then(|name| server.denied.call(name)) {
                server.service.say(&said);
            }
            ServeError::of(&failure)
        }),
        () = entry.in_flight.revoked() => Err(entry.in_flight.error().cloned().unwrap_or_else(|| {
            ServeError::new(ServeCode::Busy, "the guest was ended for others")
        })),
        () = abandoned => Err(ServeError::new(
            ServeCode::Timeout,
            "the guest went on for too long after its answer was done",
        )),
    };
    if let Err(error) = &ended {
        entry.in_flight.failed(error);
    }
    ended
}

async fn call(
    proxy: &ProxyPre<Guest>,
    store: &mut Store<Guest>,
    request: Request<WasiBody>,
    sender: oneshot::Sender<Answer>,
    mut gone: watch::Receiver<()>,
) -> Result<()> {
    // An answer that cannot be sent is one that nobody waits for any more.
    let send = move |answer: Answer| drop(sender.send(answer));
    match proxy {
        ProxyPre::P2(pre) => {
            let proxy = pre.instantiate_async(&mut *store).await?;
            let mut http = store.data_mut().http();
            let request = http.new_incoming_request(types::Scheme::Http, request)?;
            let send = move |answer: Result<_, types::ErrorCode>| send(answer.map_err(Into::into));
            let outparam = http.new_response_outparam_from_callback(send)?;
            let handler = proxy.wasi_http_incoming_handler();
            handler.call_handle(store, request, outparam).await
        }
        ProxyPre::P3(pre) => {
            let service = pre.instantiate_async(&mut *store).await?;
            let hooks = store.data_mut().http().hooks;
            let (request, transmitted) = p3::Request::from_http(hooks, request);
            let run = store.run_concurrent(async |accessor| {
                send(match service.handle(accessor, request).await? {
                    Ok(answer) => Ok(accessor.with(|store| answer.into_http(store, transmitted))?),
                    Err(error) => Err(error.into()),
                });
                // Bodies stream only while this runs.
                let _ = gone.changed().await;
                poll_fn(|context| accessor.poll_no_interesting_tasks(context)).await;
                Ok(())
            });
            run.await?
        }
    }
}

/// What a client gets instead of an answer: the kind of error, and nothing of
/// what is inside.
fn refusal(error: &ServeError, entry: &Entry) -> Response<WasiBody> {
    entry.in_flight.failed(error);
    let body = Full::from(format!("{}\n", error.code.name()));
    let mut response = Response::new(body.map_err(Into::into).boxed_unsync());
    *response.status_mut() = error.code.status();
    if error.code == ServeCode::Busy {
        let after = HeaderValue::from_static(limits::RETRY_AFTER);
        response.headers_mut().insert(header::RETRY_AFTER, after);
    }
    response
}
