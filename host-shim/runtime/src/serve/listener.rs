//! Where a server listens: at a socket address, at a Unix socket, or at the socket that
//! the process was started with.

use std::io;
use std::task::{Context, Poll};

use tokio::io::{Interest, Ready};
use tokio::net::{TcpListener, TcpStream};
#[cfg(unix)]
use tokio::net::{UnixListener, UnixStream};

use super::peer::Peer;

/// What an address begins with that is a path.
const UNIX: &str = "unix:";

/// The address of the socket that the process was started with.
const INHERITED: &str = "inherited";

/// What is listened at.
pub enum Listener {
    /// A socket address.
    Tcp(TcpListener),
    /// A Unix socket, and its path where it was made here.
    #[cfg(unix)]
    Unix {
        listener: UnixListener,
        /// Is dropped with it.
        _made: Option<Made>,
    },
}

/// A socket's file, which goes with this.
#[cfg(unix)]
pub struct Made(std::path::PathBuf);

#[cfg(unix)]
impl Drop for Made {
    fn drop(&mut self) {
        // Who removed it before wanted the same.
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Listener {
    /// Listens at `HOST:PORT`, `unix:PATH` or `inherited`.
    ///
    /// # Errors
    /// When the system refuses, or the process was started with no socket.
    pub async fn open(address: &str) -> io::Result<Self> {
        if address == INHERITED {
            return inherited();
        }
        match address.strip_prefix(UNIX) {
            Some(path) => at_path(path),
            None => Ok(Self::Tcp(TcpListener::bind(address).await?)),
        }
    }

    /// Its address, as `http://HOST:PORT`, or `https` where it speaks TLS, or `unix:PATH`.
    ///
    /// # Errors
    /// When the system does not tell it.
    pub fn address(&self, is_tls: bool) -> io::Result<String> {
        match self {
            Self::Tcp(listener) => {
                let address = listener.local_addr()?;
                let scheme = if is_tls { "https" } else { "http" };
                Ok(format!("{scheme}://{address}"))
            }
            #[cfg(unix)]
            Self::Unix { listener, .. } => {
                let address = listener.local_addr()?;
                let path = address.as_pathname().map(std::path::Path::display);
                Ok(path.map_or_else(|| UNIX.to_string(), |path| format!("{UNIX}{path}")))
            }
        }
    }

    /// Waits for a connection, and whose it is where it came over a network.
    ///
    /// # Errors
    /// When there are too many open files.
    pub async fn accept(&self) -> io::Result<(Stream, Option<Peer>)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, address) = listener.accept().await?;
                Ok((Stream::Tcp(stream), Some(Peer::of(address))))
            }
            #[cfg(unix)]
            Self::Unix { listener, .. } => {
                let (stream, _) = listener.accept().await?;
                Ok((Stream::Unix(stream), None))
            }
        }
    }
}

#[cfg(not(unix))]
fn at_path(_: &str) -> io::Result<Listener> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(unix))]
fn inherited() -> io::Result<Listener> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Listens at a path. What a server left there that is gone makes room.
#[cfg(unix)]
fn at_path(path: &str) -> io::Result<Listener> {
    use std::os::unix::fs::FileTypeExt as _;
    let found = std::fs::symlink_metadata(path);
    if found.is_ok_and(|found| found.file_type().is_socket())
        && let Err(error) = std::os::unix::net::UnixStream::connect(path)
        && error.kind() == io::ErrorKind::ConnectionRefused
    {
        std::fs::remove_file(path)?;
    }
    Ok(Listener::Unix {
        listener: UnixListener::bind(path)?,
        _made: Some(Made(path.into())),
    })
}

/// The first socket that a supervisor, such as systemd, handed over by its protocol
/// (`sd_listen_fds`).
#[cfg(unix)]
fn inherited() -> io::Result<Listener> {
    use std::os::fd::{BorrowedFd, FromRawFd as _, OwnedFd};
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
    /// The first descriptor by that protocol.
    const FIRST: i32 = 3;
    static TAKEN: AtomicBool = AtomicBool::new(false);
    let number = |name: &str| std::env::var(name).ok()?.parse::<u32>().ok();
    let is_ours = number("LISTEN_PID") == Some(std::process::id());
    match number("LISTEN_FDS") {
        Some(1) if is_ours => {}
        Some(count) if is_ours && count > 1 => {
            let message = format!("it was started with {count} sockets, where it takes one");
            return Err(io::Error::other(message));
        }
        _ => {
            return Err(io::Error::other(
                "it was not started with a socket (LISTEN_FDS and LISTEN_PID say so, as systemd \
                 sets them)",
            ));
        }
    }
    // A second time it may be closed, and another's number.
    if TAKEN.swap(true, Relaxed) {
        let message = "the socket that it was started with was taken before";
        return Err(io::Error::other(message));
    }
    // SAFETY: it is looked at before anybody can close it.
    let seen = unsafe { BorrowedFd::borrow_raw(FIRST) };
    // What is none may be a file of this process, which nobody handed over.
    if !rustix::net::sockopt::socket_acceptconn(seen).unwrap_or(false) {
        return Err(io::Error::other(format!(
            "descriptor {FIRST}, which LISTEN_FDS is about, is no socket that listens"
        )));
    }
    // SAFETY: whoever set the variables for this process handed it over, and nobody else
    // takes it: it is taken once.
    let fd = unsafe { OwnedFd::from_raw_fd(FIRST) };
    let tcp = std::net::TcpListener::from(fd);
    if tcp.local_addr().is_ok() {
        tcp.set_nonblocking(true)?;
        return TcpListener::from_std(tcp).map(Listener::Tcp);
    }
    let unix = std::os::unix::net::UnixListener::from(OwnedFd::from(tcp));
    unix.set_nonblocking(true)?;
    Ok(Listener::Unix {
        listener: UnixListener::from_std(unix)?,
        _made: None,
    })
}

/// The bytes of a connection.
pub enum Stream {
    /// Over a network.
    Tcp(TcpStream),
    /// On this machine.
    #[cfg(unix)]
    Unix(UnixStream),
}

/// The same for each kind of stream.
macro_rules! each {
    ($self:ident, $stream:ident => $what:expr) => {
        match $self {
            Stream::Tcp($stream) => $what,
            #[cfg(unix)]
            Stream::Unix($stream) => $what,
        }
    };
}

impl Stream {
    /// Has small parts be on their way at once.
    pub fn set_nodelay(&self) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.set_nodelay(true),
            #[cfg(unix)]
            Self::Unix(_) => Ok(()),
        }
    }

    /// Waits until it is ready.
    pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        each!(self, stream => stream.ready(interest).await)
    }

    /// Waits until there may be something to read.
    pub async fn readable(&self) -> io::Result<()> {
        each!(self, stream => stream.readable().await)
    }

    pub fn poll_read_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, stream => stream.poll_read_ready(context))
    }

    pub fn poll_write_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, stream => stream.poll_write_ready(context))
    }

    pub fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        each!(self, stream => stream.try_read(buffer))
    }

    pub fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        each!(self, stream => stream.try_write(bytes))
    }

    pub fn try_write_vectored(&self, parts: &[io::IoSlice<'_>]) -> io::Result<usize> {
        each!(self, stream => stream.try_write_vectored(parts))
    }

    /// Closes this side.
    #[cfg(unix)]
    pub fn shut(&self) -> io::Result<()> {
        use std::os::fd::AsFd as _;
        let how = std::net::Shutdown::Write;
        match self {
            Self::Tcp(stream) => {
                std::net::TcpStream::from(stream.as_fd().try_clone_to_owned()?).shutdown(how)
            }
            Self::Unix(stream) => {
                let duplicate = stream.as_fd().try_clone_to_owned()?;
                std::os::unix::net::UnixStream::from(duplicate).shutdown(how)
            }
        }
    }

    /// Closes this side, where only dropping the connection does so.
    #[cfg(not(unix))]
    pub fn shut(&self) -> io::Result<()> {
        Ok(())
    }
}
