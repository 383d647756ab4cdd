//! A server's requests, each from its head to its end.
//!
//! One file because a request goes through all of it.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use http::uri::Authority;
use http::{HeaderValue, Method, Request, Response, StatusCode, Version, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{oneshot, watch};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use wasmtime::{Result, Store};
use wasmtime_wasi_http::handler::ProxyPre;
use wasmtime_wasi_http::p2::bindings::http::types;
use wasmtime_wasi_http::{WasiBody, WasiHttpView as _, p3};

use super::body::{Received, Sent, Task};
use super::buffer::{Started, ahead};
use super::connections::{Closing, Connection, Connections};
use super::entry::Entry;
use super::limits::{self, AFTERWARDS, HEAD, REQUESTS};
use super::queue::{Permit, Queue};
use super::socket::{Socket, linger};

use super::error::{ServeCode, ServeError};
use super::front::Front;
use super::handler::Handler;
use super::routes::Routes;
use super::served::Served;
use super::service::Log;
use crate::failure::Failure;
use crate::guest::Guest;
use crate::meter::metered;

/// What a guest answered, or its own word for why it did not.
type Answer = Result<Response<WasiBody>, wasmtime_wasi_http::Error>;

/// A server, whatever it serves.
pub struct Server {
    /// What new requests are answered with.
    pub serving: Mutex<Arc<Serving>>,
    pub connections: Connections,
    /// Requests from their heads to the end of their answers.
    pub requests: Arc<AtomicUsize>,
    /// The number of the next request.
    pub next: AtomicU64,
    /// What new connections are to speak TLS with.
    pub tls: Mutex<Option<TlsAcceptor>>,
    /// Whether what is in flight is all that is answered any more.
    pub is_stopping: AtomicBool,
}

/// What requests are answered with.
pub struct Serving {
    routes: Routes<Arc<Handler>>,
    log: Arc<dyn Log>,
    /// All that is served has one: a client's share is of the server.
    queue: Arc<Queue>,
    /// A path that is answered without a guest.
    health: Option<String>,
}

impl Serving {
    /// What a server serves, seen from outside so.
    pub fn new(served: Served, front: &Front) -> Arc<Self> {
        let routes = served.routes.into_iter();
        let routes = routes.map(|(route, handler)| (route, Arc::new(handler)));
        let routes = Routes::new(routes.collect());
        // Whichever run, there is room in a pool that they have together.
        let guests = routes.iter().map(|handler| handler.service.guests());
        Arc::new(Self {
            queue: Queue::new(guests.min().unwrap_or_default()),
            log: served.log,
            health: front.health.clone(),
            routes,
        })
    }
}

/// Serves the requests of a connection, HTTP/1 or 2 as its first bytes say.
pub async fn attend(server: Arc<Server>, connection: Arc<Connection>) {
    serve_connection(&server, &connection).await;
    server.connections.forget(&connection);
}

async fn serve_connection(server: &Arc<Server>, connection: &Arc<Connection>) {
    // A guest's small parts are to be on their way at once. What fails here
    // fails again when it is read.
    let _ = connection.stream.set_nodelay();
    let socket = Socket(connection.clone());
    let tls = server.tls.lock();
    let tls = tls.unwrap_or_else(PoisonError::into_inner).clone();
    let is_over = match tls {
        None => serve_stream(server, connection, socket).await,
        Some(tls) => {
            let mut closing = connection.closing();
            let closed = closing.wait_for(|closing| *closing != Closing::Not);
            let accepted = tokio::select! {
                accepted = timeout(HEAD, tls.accept(socket)) => accepted,
                _ = closed => return,
            };
            // A client that speaks something else has no answer that it could read.
            let Ok(Ok(stream)) = accepted else {
                return;
            };
            connection.is_tls.store(true, Relaxed);
            serve_stream(server, connection, stream).await
        }
    };
    if is_over {
        linger(connection).await;
    }
}

/// Serves requests from a connection's bytes; returns whether it is over, and was not
/// ended.
async fn serve_stream(
    server: &Arc<Server>,
    connection: &Arc<Connection>,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
) -> bool {
    let service = service_fn(|request| server.clone().answer(request, connection.clone()));
    let builder = builder();
    let mut served = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let mut closing = connection.closing();
    loop {
        tokio::select! {
            // A client that breaks off is its own affair.
            _ = served.as_mut() => return true,
            _ = closing.changed() => {}
        }
        let how = *closing.borrow_and_update();
        match how {
            Closing::Not => {}
            Closing::Gently => served.as_mut().graceful_shutdown(),
            Closing::Now => return false,
        }
    }
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
    pub fn serving(&self) -> Arc<Serving> {
        let serving = self.serving.lock();
        serving.unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn answer(
        self: Arc<Self>,
        mut request: Request<Incoming>,
        connection: Arc<Connection>,
    ) -> Result<Response<Sent>, Infallible> {
        let is_head = request.method() == Method::HEAD;
        let serving = self.serving();
        let is_health = serving.health.as_deref() == Some(request.uri().path());
        let found = serving.find(&mut request);
        let root = found.as_ref().ok().map(|handler| handler.service.clone());
        let entry = Entry::new(
            (!is_health).then(|| serving.log.clone()),
            root,
            connection,
            self.requests.clone(),
            self.next.fetch_add(1, Relaxed),
            &request,
        );
        let answered = match (is_health, found) {
            (true, _) => Ok((health(self.is_stopping.load(Relaxed)), None)),
            (false, Ok(handler)) => {
                let guest = serving.guest(handler, &self.requests, request, &entry);
                guest.await
            }
            (false, Err(error)) => Err(error),
        };
        let (response, task) = match answered {
            Ok(answer) => answer,
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
}

impl Serving {
    /// What a request is for.
    ///
    /// # Errors
    /// When it says badly which host it is for, or is for nothing that is served.
    fn find(&self, request: &mut Request<Incoming>) -> Result<Arc<Handler>, ServeError> {
        let host = host(request)?;
        let found = self.routes.find(&host, request.uri().path());
        found.cloned().ok_or_else(|| {
            let message = format!("no route is for this path of the host {host:?}");
            ServeError::new(ServeCode::NoRoute, message)
        })
    }

    /// Starts a guest and waits for the head of its answer. The guest goes on
    /// until it is done, or until the task that comes with the answer is
    /// dropped.
    async fn guest(
        self: &Arc<Self>,
        handler: Arc<Handler>,
        requests: &AtomicUsize,
        request: Request<Incoming>,
        entry: &Arc<Entry>,
    ) -> Result<(Response<WasiBody>, Option<Task>), ServeError> {
        if requests.load(Relaxed) > REQUESTS {
            let why = "there are too many requests already";
            return Err(ServeError::new(ServeCode::Busy, why));
        }
        let (parts, body) = request.into_parts();
        let (body, readiness) = Started::new(Received::new(body, entry.clone())).await;
        let request = Request::from_parts(parts, body.boxed_unsync());
        let permit = self.queue.permit(entry, readiness).await?;
        let store = handler.service.store(entry.id)?;
        let (sender, answer) = oneshot::channel();
        let (listening, gone) = watch::channel(());
        let guest = tokio::spawn(handle(
            (self.clone(), permit),
            handler,
            store,
            request,
            sender,
            gone,
            entry.clone(),
        ));
        let task = Task::new(guest.abort_handle(), listening);
        match answer.await {
            Ok(Ok(response)) => {
                let response = response.map(|body| ahead(body, entry.clone()));
                Ok((response, Some(task)))
            }
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

/// What whoever looks after the server is told of it.
fn health(is_stopping: bool) -> Response<WasiBody> {
    let (status, text) = match is_stopping {
        false => (StatusCode::OK, "ok\n"),
        true => (StatusCode::SERVICE_UNAVAILABLE, "stopping\n"),
    };
    let body = Full::from(text).map_err(Into::into).boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}

/// How long an answer says that its body is.
fn length(response: &Response<WasiBody>) -> Option<u64> {
    let length = response.headers().get(header::CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

/// The host that a request is for, without its port: one (RFC 9112, section 3.2). Before
/// HTTP/1.1 a request need not say which; then it is this one.
fn host(request: &mut Request<Incoming>) -> Result<String, ServeError> {
    const HERE: &str = "localhost";
    let invalid = |why: &str| Err(ServeError::new(ServeCode::Invalid, why));
    let named = |authority: &Authority| match authority.as_str().contains('@') {
        // Somebody in front may read another host in it (RFC 9110, section 4.2.4).
        true => invalid("the request's host has a user in it"),
        false => Ok(authority.host().to_string()),
    };
    if let Some(authority) = request.uri().authority() {
        return named(authority);
    }
    let mut hosts = request.headers().get_all(header::HOST).into_iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => match Authority::try_from(host.as_bytes()) {
            Ok(authority) => named(&authority),
            Err(_) => invalid("the request's host is none"),
        },
        (None, _) if request.version() < Version::HTTP_11 => {
            let headers = request.headers_mut();
            headers.insert(header::HOST, HeaderValue::from_static(HERE));
            Ok(HERE.to_string())
        }
        (None, _) => invalid("the request names no host"),
        (Some(_), Some(_)) => invalid("the request names several hosts"),
    }
}

/// Runs a request's guest to its end, which is kept in the entry. What is held comes first,
/// to be dropped last: who is told of requests, when all that the guest did is known, and
/// the permit, which is for as long as there is an instance.
async fn handle(
    _held: (Arc<Serving>, Permit),
    handler: Arc<Handler>,
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
    let code = store.data().code.clone();
    let scheme = match entry.is_tls() {
        true => types::Scheme::Https,
        false => types::Scheme::Http,
    };
    let call = call(&handler.proxy, &mut store, (scheme, request), sender, gone);
    let ended = tokio::select! {
        ended = metered(&meter, call) => ended.map_err(|error| {
            ServeError::of(&Failure::of(&meter, &*code, &error))
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
    (scheme, request): (types::Scheme, Request<WasiBody>),
    sender: oneshot::Sender<Answer>,
    mut gone: watch::Receiver<()>,
) -> Result<()> {
    // An answer that cannot be sent is one that nobody waits for any more.
    let send = move |answer: Answer| drop(sender.send(answer));
    match proxy {
        ProxyPre::P2(pre) => {
            let proxy = pre.instantiate_async(&mut *store).await?;
            let mut http = store.data_mut().http();
            let request = http.new_incoming_request(scheme, request)?;
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
