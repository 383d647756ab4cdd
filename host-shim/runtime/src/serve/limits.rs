//! What clients may take of a server: the one page of its constants. They are
//! chosen for a server that faces the network by itself.

use std::time::Duration;

/// Connections at once. One more ends the one that is worth the least
/// (`connections.rs`). With buffers of at most 320 KiB each, they have 320 MiB
/// at the worst.
pub const CONNECTIONS: usize = 1024;

/// Requests at once, from their heads to the end of their answers: more are
/// refused with 503. What waits to be sent of an answer is at most
/// [`SEND_BUFFER`].
pub const REQUESTS: usize = 2048;

/// Requests that wait for a guest: more are refused with 503. One peer has half of them
/// at the most, which is one for each connection that there may be. At a thousand requests
/// a second, the last one waits two seconds.
pub const QUEUE: usize = 2048;

/// Guests of one connection at once: it may be a proxy's, but does not get all.
pub const CONNECTION_GUESTS: usize = 32;

/// Each so many times, a guest goes to a request whose body does not come quickly,
/// before others.
pub const LATE_TURN: u64 = 4;

/// How long a request waits for a guest before it is refused with 503.
pub const QUEUED: Duration = Duration::from_secs(10);

/// Seconds after which a client that was refused is told to come again.
pub const RETRY_AFTER: &str = "1";

/// Bytes of a request's body that are waited for before a guest is, and how
/// long: requests that are all there go first, then those that come faster, and
/// last those that do not. As many bytes of an answer are taken of its guest before the client asks for them.
pub const BUFFERED: u64 = 32 << 10;
/// Bytes that a piece of a body takes besides those that are in it.
pub const FRAME: u64 = 128;
pub const PROMPT: Duration = Duration::from_millis(20);

/// How long a request waits for a guest before one that waits for its client
/// is ended for it, again and again, and how long that must have waited in all.
/// Requests that wait for their own clients have more time.
pub const PRESSED: Duration = Duration::from_millis(10);
pub const PRESSED_COMING: Duration = Duration::from_millis(100);
pub const PRESSED_LATE: Duration = Duration::from_secs(1);
pub const IDLE_GUEST: Duration = Duration::from_millis(20);

/// How long a client may take for the head of a request, since it connected
/// or had its last answer: what is idle longer is closed.
pub const HEAD: Duration = Duration::from_secs(15);

/// How long a client may let a request wait, for bytes of its body or until it
/// takes those of the answer. Bytes buy time, at [`BYTES_PER_SECOND`], up to as
/// much as there was in the beginning: whoever is slower than that on average
/// ends.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// The least rate, either way: slower than any network that people use.
pub const BYTES_PER_SECOND: u64 = 1024;

/// How long a client may let a request wait altogether, however much it sends.
pub const WAITED: Duration = Duration::from_secs(3600);

/// How often connections are looked at, for those that are gone or idle.
pub const LOOK: Duration = Duration::from_millis(100);

/// Bytes that a connection may send without any of them being a part of a
/// request or the client taking any of an answer: frames that mean nothing, such as
/// pings, have 17 bytes.
pub const MEANINGLESS: u64 = 1 << 20;

/// Requests that a connection may break off, beyond those that it lets be
/// answered: each starts a guest.
pub const BROKEN_OFF: u64 = 100;

/// Streams of an HTTP/2 connection at once.
pub const STREAMS: u32 = 64;

/// Streams that a client may reset before they were looked at, and those that
/// may be reset because the client did what it must not.
pub const PENDING_RESETS: usize = 20;
pub const ERROR_RESETS: usize = 64;

/// Bytes of all headers of an HTTP/2 request, as the protocol counts them; for
/// HTTP/1 the head must fit [`BUFFER`].
pub const HEADERS_BYTES: u32 = 32 << 10;

/// Headers of an HTTP/1 request.
pub const HEADERS: usize = 100;

/// Bytes that are kept of an HTTP/1 connection, each way.
pub const BUFFER: usize = 64 << 10;

/// Bytes that an HTTP/2 client may send before they are taken: for one stream,
/// and for all of a connection.
pub const STREAM_WINDOW: u32 = 128 << 10;
pub const CONNECTION_WINDOW: u32 = 256 << 10;

/// Bytes of an answer that wait to be sent on an HTTP/2 stream.
pub const SEND_BUFFER: usize = 64 << 10;

/// How long a connection is still read from after the server has closed its side, and how
/// many bytes: closing what has not been read would take the answer back.
pub const LINGER: Duration = Duration::from_secs(1);
pub const LINGER_BYTES: usize = 256 << 10;

/// How long what is in flight may go on after the server was told to stop.
pub const GRACE: Duration = Duration::from_secs(30);

/// How long a guest may go on after its answer is sent.
pub const AFTERWARDS: Duration = Duration::from_secs(10);

/// How long to wait when no connection can be accepted, as when there are too
/// many open files: some may be closed by then.
pub const PAUSE: Duration = Duration::from_millis(50);
