//! Serves HTTP: an instance for each request, dropped when its answer is done.
//!
//! A request has two tasks. The connection's reads the request and writes the
//! response; the guest's runs the guest. They share bodies, which stream, and
//! the request's [`Entry`], which becomes an event when both are done with it.

mod entry;
mod error;
mod patience;
mod stop;

use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::uri::Authority;
use http::{HeaderValue, Request, Response, Version, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};
use tokio::time::sleep;
use wasmtime::component::InstancePre;
use wasmtime::{Result, Store};
use wasmtime_wasi_http::handler::ProxyPre;
use wasmtime_wasi_http::p2::bindings::http::types;
use wasmtime_wasi_http::{WasiBody, WasiHttpView as _, p2, p3};

use entry::{Counted, Entry};
use patience::{Connection, Received, STALLED};
use stop::Stop;

pub use error::{ServeCode, ServeError};

use crate::{Failure, Guest, exports, metered};

/// What is served.
pub trait Service: Send + Sync + 'static {
    /// The component, ready to be instantiated.
    fn pre(&self) -> &InstancePre<Guest>;

    /// A store for the instance of a request.
    ///
    /// # Errors
    /// When the request cannot be answered.
    fn store(&self) -> Result<Store<Guest>, ServeError>;

    /// How many guests may run at once; other requests wait. Each may have
    /// memory up to its limit, so this bounds the memory of all.
    fn guests(&self) -> usize;

    /// Hears of the address once, and of each request when it is done: names
    /// with values.
    fn event(&self, kind: &str, fields: &[(&str, String)]);
}

/// How long a client may take for the head of a request, since it connected
/// or had its last answer.
const HEAD: Duration = Duration::from_secs(15);

/// How long what is in flight may go on after the server was told to stop.
const GRACE: Duration = Duration::from_secs(30);

/// How long a guest may go on after its answer is sent, or nobody waits for it
/// any more.
const AFTERWARDS: Duration = Duration::from_secs(10);

/// How long to wait when no connection can be accepted, as when there are too
/// many open files: some may be closed by then.
const PAUSE: Duration = Duration::from_millis(50);

/// What a guest answered, or its own word for why it did not.
type Answer = Result<Response<WasiBody>, wasmtime_wasi_http::Error>;

struct Server {
    service: Arc<dyn Service>,
    guests: Arc<Semaphore>,
    proxy: ProxyPre<Guest>,
}

/// Serves at a socket address until the process is told to stop; then what is
/// in flight is finished.
///
/// # Errors
/// When the component handles no HTTP, the address cannot be listened on, or
/// requests in flight took too long in the end.
pub async fn serve(service: Arc<dyn Service>, address: &str) -> Result<(), ServeError> {
    let guests = service.guests();
    let server = Arc::new(Server {
        proxy: proxy(service.pre())?,
        guests: Arc::new(Semaphore::new(guests)),
        service,
    });
    let cannot = |error: io::Error| {
        let message = format!("cannot listen on `{address}`: {error}");
        ServeError::new(ServeCode::Invalid, message)
    };
    let mut stop = Stop::new().map_err(cannot)?;
    let listener = TcpListener::bind(address).await.map_err(cannot)?;
    let bound = listener.local_addr().map_err(cannot)?;
    let listening = [("address", bound.to_string())];
    server.service.event("serve.listening", &listening);

    let connections = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.told() => break,
        };
        match accepted {
            Ok((stream, _)) => {
                tokio::spawn(connection(server.clone(), stream, connections.watcher()));
            }
            Err(_) => sleep(PAUSE).await,
        }
    }
    drop(listener);
    let in_flight = async {
        connections.shutdown().await;
        // Some guests go on after their answer; then all permits are back.
        let _ = server.guests.acquire_many(guests as u32).await;
    };
    let cut = |why: &str| {
        let message = format!("stopped with requests in flight: {why}");
        ServeError::new(ServeCode::Timeout, message)
    };
    tokio::select! {
        () = in_flight => Ok(()),
        () = stop.told() => Err(cut("told to stop a second time")),
        () = sleep(GRACE) => Err(cut(&format!("they took longer than {} s", GRACE.as_secs()))),
    }
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
async fn connection(server: Arc<Server>, stream: TcpStream, watcher: Watcher) {
    // A guest's small parts are to be on their way at once. What fails here
    // fails again when it is read.
    let _ = stream.set_nodelay(true);
    let begun = AtomicBool::new(false);
    let service = service_fn(|request| {
        begun.store(true, Ordering::Relaxed);
        server.clone().answer(request)
    });
    let mut builder = Builder::new(TokioExecutor::new());
    let timer = TokioTimer::new();
    builder
        .http1()
        .timer(timer.clone())
        .header_read_timeout(HEAD);
    builder.http2().timer(timer).keep_alive_interval(HEAD);
    let served =
        watcher.watch(builder.serve_connection(TokioIo::new(Connection::new(stream)), service));
    // The builder waits without end for the bytes that tell one from two.
    let silent = async {
        sleep(HEAD).await;
        if begun.load(Ordering::Relaxed) {
            pending().await
        }
    };
    tokio::select! {
        // A client that breaks off is its own affair.
        _ = served => {}
        () = silent => {}
    }
}

impl Server {
    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Counted>, Infallible> {
        let entry = Arc::new(Entry::new(self.service.clone(), &request));
        let answer = self.guest(request, &entry).await;
        let (response, listening) = match answer {
            Ok((response, listening)) => (response, Some(listening)),
            Err(error) => (refusal(&error, &entry), None),
        };
        entry.answered(response.status());
        Ok(response.map(|body| Counted::new(body, entry, listening)))
    }

    /// Starts a guest and waits for the head of its answer. The guest goes on
    /// until it is done, or for a while after the sender that comes with the
    /// answer is dropped.
    async fn guest(
        self: Arc<Self>,
        mut request: Request<Incoming>,
        entry: &Arc<Entry>,
    ) -> Result<(Response<WasiBody>, watch::Sender<()>), ServeError> {
        check_host(&mut request)?;
        let permit = self.guests.clone().acquire_owned().await;
        let permit = permit.expect("the semaphore is never closed");
        let store = self.service.store()?;
        let (sender, answer) = oneshot::channel();
        let (listening, gone) = watch::channel(());
        let meter = store.data().meter.clone();
        let request = request.map(|body| Received::new(body).boxed_unsync());
        let guest = handle(self, store, request, sender, gone, entry.clone(), permit);
        let guest = tokio::spawn(async move { metered(&meter, guest).await });
        match answer.await {
            Ok(Ok(response)) => Ok((response, listening)),
            Ok(Err(error)) => {
                let message = format!("the guest answered with an error: {error}");
                Err(failed(ServeCode::Trap, &message))
            }
            Err(_) => match guest.await {
                Ok(Ok(())) => Err(failed(
                    ServeCode::Trap,
                    "the guest returned without an answer",
                )),
                Ok(Err(error)) => Err(error),
                Err(error) => Err(failed(ServeCode::Internal, &error.to_string())),
            },
        }
    }
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
        (None, _) => Err(failed(ServeCode::Invalid, "the request names no host")),
        _ => Err(failed(ServeCode::Invalid, "the request's host is none")),
    }
}

/// Runs a request's guest to its end, which is kept in the entry. The permit is
/// for as long as there is an instance.
async fn handle(
    server: Arc<Server>,
    mut store: Store<Guest>,
    request: Request<WasiBody>,
    sender: oneshot::Sender<Answer>,
    gone: watch::Receiver<()>,
    entry: Arc<Entry>,
    _permit: OwnedSemaphorePermit,
) -> Result<(), ServeError> {
    let meter = store.data().meter.clone();
    let mut left = gone.clone();
    let abandoned = async {
        // It fails when the sender is dropped, which is what is waited for.
        let _ = left.changed().await;
        sleep(AFTERWARDS).await;
    };
    let stalled = async {
        while entry.untaken() < STALLED {
            sleep(STALLED / 4).await;
        }
    };
    let ended = tokio::select! {
        ended = call(&server.proxy, &mut store, request, sender, gone) => {
            ended.map_err(|error| ServeError::of(&Failure::of(&meter, &error)))
        }
        () = stalled => Err(failed(ServeCode::Timeout, "the client takes no bytes")),
        () = abandoned => Err(failed(
            ServeCode::Timeout,
            "the guest went on for too long after its answer was done",
        )),
    };
    if let Err(error) = &ended {
        entry.failed(error);
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

fn failed(code: ServeCode, message: &str) -> ServeError {
    ServeError::new(code, message.to_string())
}

/// What a client gets instead of an answer: the kind of error, and nothing of
/// what is inside.
fn refusal(error: &ServeError, entry: &Entry) -> Response<WasiBody> {
    entry.failed(error);
    let body = Full::from(format!("{}\n", error.code.name()));
    let mut response = Response::new(body.map_err(Into::into).boxed_unsync());
    *response.status_mut() = error.code.status();
    response
}
