//! A command that is waited for, but not for ever.

use std::io::{Read, Write as _};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// What is read of a command's stream: no vector expects more.
const MOST_BYTES: u64 = 64 << 20;

/// How often a command is asked whether it has ended.
const PAUSE: Duration = Duration::from_millis(2);

/// How a command ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Its exit status.
    pub status: i32,
    /// What it printed.
    pub stdout: Vec<u8>,
    /// What it said.
    pub stderr: Vec<u8>,
}

/// Runs a command; one that takes too long is killed, and one that a signal
/// ends has failed.
pub fn run(command: &mut Command, stdin: &[u8], limit: Duration) -> Result<Ended> {
    let deadline = Instant::now() + limit;
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{name}`"))?;
    let to = child.stdin.take();
    let stdin = stdin.to_vec();
    // A host that does not read what it is given is not waited for.
    thread::spawn(move || to.map(|mut to| to.write_all(&stdin)));
    let stdout = reader(child.stdout.take());
    let stderr = reader(child.stderr.take());
    let status = loop {
        match child.try_wait()? {
            Some(status) => break status,
            None if Instant::now() >= deadline => {
                child.kill()?;
                child.wait()?;
                bail!("the host did not end within {} s", limit.as_secs_f64());
            }
            None => thread::sleep(PAUSE),
        }
    };
    // What the host started may hold its streams open after its end.
    let take = |from: Receiver<Vec<u8>>| {
        let left = deadline.saturating_duration_since(Instant::now());
        from.recv_timeout(left.max(PAUSE))
            .context("the host ended and left its streams open")
    };
    let (stdout, stderr) = (take(stdout)?, take(stderr)?);
    match status.code() {
        Some(status) => Ok(Ended {
            status,
            stdout,
            stderr,
        }),
        None => bail!(
            "the host died: {status}\n{}",
            String::from_utf8_lossy(&stderr)
        ),
    }
}

fn reader(from: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read before a stream broke is what there is to compare.
        let _ = from.map(|from| from.take(MOST_BYTES).read_to_end(&mut bytes));
        let _ = sender.send(bytes);
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, ms: u64) -> Result<Ended> {
        let mut command = Command::new("sh");
        run(
            command.args(["-c", script]),
            b"in",
            Duration::from_millis(ms),
        )
    }

    #[test]
    fn ends() {
        let ended = shell("cat; echo to stderr >&2; exit 3", 10_000).expect("it ends");
        assert_eq!((ended.status, &*ended.stdout), (3, &b"in"[..]));
        assert_eq!(ended.stderr, b"to stderr\n");
    }

    #[test]
    fn hangs_and_dies() {
        let hangs = shell("sleep 60", 50).expect_err("it hangs");
        assert!(hangs.to_string().contains("did not end"), "{hangs}");
        let dies = shell("kill -9 $$", 10_000).expect_err("it dies");
        assert!(dies.to_string().contains("died"), "{dies}");
        let leaves = shell("sleep 60 & exit 0", 200).expect_err("it leaves one behind");
        assert!(leaves.to_string().contains("left its streams"), "{leaves}");
    }
}
