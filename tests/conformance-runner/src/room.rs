//! A host in a folder of one case, and what it answers there.

use std::path::Path;

use anyhow::{Result, ensure};
use serde_json::Value;

use crate::host::Host;
use crate::input;
use crate::temp::Temp;

/// A host in a folder of one case.
pub struct Room<'a> {
    /// The host.
    pub host: &'a Host,
    /// Where the vectors are.
    pub vectors: &'a Path,
    /// The case's own folder.
    pub folder: Temp,
}

/// What a host answered to a command.
pub struct Answer {
    /// Its exit status.
    pub status: i32,
    /// What it printed beside the object.
    pub stdout: String,
    /// What it said.
    pub stderr: String,
    /// The object for programs; null when there is none.
    pub object: Value,
}

impl Room<'_> {
    /// Gives the host a command, which it has to answer as for programs.
    pub fn ask(&self, args: &[&str]) -> Result<Answer> {
        let args = ["--format", "json"].iter().chain(args);
        let args: Vec<String> = args.map(|arg| (*arg).to_string()).collect();
        let answer = self.answer(&args, b"")?;
        ensure!(
            answer.object["ok"] == (answer.status == 0),
            "`{}` ended with {} and without an object that says so\n{}{}",
            args.join(" "),
            answer.status,
            answer.stdout,
            answer.stderr
        );
        Ok(answer)
    }

    /// Gives the host a command line as it is.
    pub fn answer(&self, args: &[String], stdin: &[u8]) -> Result<Answer> {
        let ended = self.host.run(self.folder.path(), args, stdin)?;
        let mut stdout = String::from_utf8_lossy(&ended.stdout).into_owned();
        // The object is the last line: what a guest prints comes before it.
        let text = stdout.strip_suffix('\n').unwrap_or(&stdout);
        let start = text.rfind('\n').map_or(0, |end| end + 1);
        let mut object = Value::Null;
        if let Ok(last @ Value::Object(_)) = serde_json::from_str(&text[start..])
            && last["ok"].is_boolean()
        {
            object = last;
            stdout.truncate(start);
        }
        Ok(Answer {
            status: ended.status,
            stdout,
            stderr: String::from_utf8_lossy(&ended.stderr).into_owned(),
            object,
        })
    }

    /// Writes a case's input to a file of the folder.
    pub fn put(&self, name: &str, input: &Value) -> Result<()> {
        self.folder.write(name, input::bytes(self.vectors, input)?);
        Ok(())
    }
}
