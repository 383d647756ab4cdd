//! A server from its first connection to its last: what it serves may be replaced
//! meanwhile.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::connections::Connections;
use super::error::{ServeCode, ServeError};
use super::front::Front;
use super::limits::{self, GRACE, PAUSE, PRESSED};
use super::listener::Listener;
use super::peer::Peer;
use super::request::{Server, Serving, attend};
use super::served::Served;
use super::threads::threads;

/// A server that takes connections until it is closed, or dropped.
pub struct Listening {
    server: Arc<Server>,
    tasks: [JoinHandle<()>; 2],
}

impl Listening {
    /// Listens; beside it is where, as `http://HOST:PORT` or `unix:PATH`.
    ///
    /// # Errors
    /// When the certificate is none, or the address cannot be listened on.
    pub async fn open(served: Served, front: &Front) -> Result<(Self, String), ServeError> {
        let tls = front.acceptor()?;
        let address = &front.address;
        let cannot = |error: io::Error| {
            let message = format!("cannot listen on `{address}`: {error}");
            ServeError::new(ServeCode::Invalid, message)
        };
        let threads = threads().map_err(cannot)?;
        let opened = address.clone();
        let opened = threads.spawn(async move { Listener::open(&opened).await });
        let listener = opened
            .await
            .map_err(io::Error::from)
            .flatten()
            .map_err(cannot)?;
        let bound = listener.address(tls.is_some()).map_err(cannot)?;
        let server = Arc::new(Server {
            serving: Mutex::new(Serving::new(served, front)),
            connections: Connections::new(descriptors()),
            requests: Arc::default(),
            next: AtomicU64::new(1),
            tls: Mutex::new(tls),
            is_stopping: AtomicBool::new(false),
        });
        let (accepting, looking) = (server.clone(), server.clone());
        let tasks = [
            threads.spawn(async move { accept(&accepting, listener).await }),
            threads.spawn(async move { looking.connections.look().await }),
        ];
        Ok((Self { server, tasks }, bound))
    }

    /// From now on answers requests with something else, over what the certificate's files
    /// hold now; what is in flight goes on.
    ///
    /// # Errors
    /// When the certificate is none: then nothing changes.
    pub fn replace(&self, served: Served, front: &Front) -> Result<(), ServeError> {
        let acceptor = front.acceptor()?;
        let tls = self.server.tls.lock();
        *tls.unwrap_or_else(PoisonError::into_inner) = acceptor;
        let current = self.server.serving.lock();
        *current.unwrap_or_else(PoisonError::into_inner) = Serving::new(served, front);
        Ok(())
    }

    /// Takes no connection any more; returns when what is in flight is finished.
    ///
    /// # Errors
    /// When that took too long, or the process was told to stop once more meanwhile.
    pub async fn close(mut self, told_again: impl Future<Output = ()>) -> Result<(), ServeError> {
        self.server.is_stopping.store(true, Relaxed);
        let accepting = &mut self.tasks[0];
        accepting.abort();
        // The listener is gone when the task is.
        let _ = accepting.await;
        let in_flight = async {
            self.server.connections.close().await;
            // Some guests go on after their answer, also those of what was served before.
            while self.server.requests.load(Relaxed) > 0 {
                sleep(PRESSED).await;
            }
        };
        let cut = |why: &str| {
            let message = format!("stopped with requests in flight: {why}");
            Err(ServeError::new(ServeCode::Timeout, message))
        };
        tokio::select! {
            () = in_flight => Ok(()),
            () = told_again => cut("told to stop a second time"),
            () = sleep(GRACE) => cut(&format!("they took longer than {} s", GRACE.as_secs())),
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Accepts connections without end.
async fn accept(server: &Arc<Server>, listener: Listener) {
    let mut last: Option<Peer> = None;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                last = peer;
                // One that is worth less than all others is closed.
                if let Some(connection) = server.connections.admit(stream, peer) {
                    tokio::spawn(attend(server.clone(), connection));
                }
            }
            Err(_) => {
                server.connections.shed(last);
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
