//! Programs that a test watches, and ends when they do not end by themselves.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::command::{Output, run};

/// More than any test waits for, on any machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A program that runs; it is killed when this goes.
pub struct Running {
    child: Child,
    said: Receiver<(Stream, Vec<u8>)>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    deadline: Instant,
}

#[derive(Clone, Copy)]
enum Stream {
    Out,
    Err,
}

/// Starts a program, without anything on stdin unless the command has it.
///
/// # Panics
///
/// When it cannot be started.
pub fn start(command: &mut Command) -> Running {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (sender, said) = channel();
    if let Some(stdout) = child.stdout.take() {
        pass_on(stdout, Stream::Out, sender.clone());
    }
    if let Some(stderr) = child.stderr.take() {
        pass_on(stderr, Stream::Err, sender);
    }
    Running {
        child,
        said,
        stdout: Vec::new(),
        stderr: Vec::new(),
        deadline: Instant::now() + PATIENCE,
    }
}

fn pass_on(mut from: impl Read + Send + 'static, stream: Stream, to: Sender<(Stream, Vec<u8>)>) {
    thread::spawn(move || {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            if to.send((stream, buffer[..read].to_vec())).is_err() {
                break;
            }
        }
    });
}

impl Running {
    /// Waits until it said something, on stdout or stderr.
    ///
    /// # Panics
    ///
    /// When it ends without, or takes too long.
    pub fn until(&mut self, text: &str) {
        let says = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(text);
        while !says(&self.stdout) && !says(&self.stderr) {
            assert!(
                self.listen(),
                "it never said {text:?}: {:?}",
                self.output(-1)
            );
        }
    }

    /// Waits for a line on stderr that starts so; returns the rest of it.
    ///
    /// # Panics
    ///
    /// When it ends without, or takes too long.
    pub fn rest_of(&mut self, start: &str) -> String {
        loop {
            let text = String::from_utf8_lossy(&self.stderr);
            let mut lines = text
                .split_inclusive('\n')
                .filter_map(|line| line.strip_suffix('\n'));
            if let Some(rest) = lines.find_map(|line| line.strip_prefix(start)) {
                return rest.to_string();
            }
            assert!(
                self.listen(),
                "it never said {start:?}: {:?}",
                self.output(-1)
            );
        }
    }

    /// The id of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal, such as `INT`.
    pub fn signal(&self, name: &str) {
        let signal = format!("-{name}");
        run(Command::new("kill").args([signal, self.child.id().to_string()])).success();
    }

    /// Waits until it has closed both streams, as it does when it ends.
    ///
    /// # Panics
    ///
    /// When it takes too long.
    pub fn until_silent(&mut self) {
        while self.listen() {}
    }

    /// Waits for its end.
    ///
    /// # Panics
    ///
    /// When it takes too long.
    pub fn end(mut self) -> Output {
        self.until_silent();
        let status = self.child.wait().expect("a child to wait for");
        self.output(status.code().unwrap_or(-1))
    }

    /// Takes what it says next; none when it has closed both streams.
    fn listen(&mut self) -> bool {
        let left = self.deadline.saturating_duration_since(Instant::now());
        match self.said.recv_timeout(left) {
            Ok((Stream::Out, bytes)) => self.stdout.extend(bytes),
            Ok((Stream::Err, bytes)) => self.stderr.extend(bytes),
            Err(_) if self.deadline > Instant::now() => return false,
            Err(_) => panic!("it does not end: {:?}", self.output(-1)),
        }
        true
    }

    fn output(&self, status: i32) -> Output {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Output {
            stdout: text(&self.stdout),
            stderr: text(&self.stderr),
            status,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended, and been waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
