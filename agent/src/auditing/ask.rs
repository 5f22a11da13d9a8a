//! The child that audits: hostward itself, as anybody could call it.

use super::thread::Message;
use hostward_harden::audit::Record;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::Sender;
use std::thread::Builder;
use std::time::Duration;

/// A walk of a large file system, at the pace of one who does not want to be in the way, is given 10 minutes.
pub const TIME_MAX: Duration = Duration::from_secs(900);
/// A record has some 600 KiB; each of the checks can have 100 observations more.
const ANSWER_BYTES_MAX: u64 = 32 << 20;
const STACK_BYTES: usize = 256 << 10;

/// Starts it; its answer comes as a message.
pub fn start(root: &Path, inbox: Sender<Message>) -> io::Result<Child> {
    // The file may have been replaced since we were started; this is what runs.
    let mut command = Command::new("/proc/self/exe");
    command.args(["audit", "--gentle", "--fail-on", "never", "--format", "json", "--root"]).arg(root);
    command.env_clear().current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let (output, errors) = (child.stdout.take(), child.stderr.take());
    let read = move || {
        let answer = output.map_or_else(|| Err("it has no output".to_owned()), answer);
        // What it complains of is a line or two; a pipe holds them until here.
        let answer = answer.map_err(|why| match said(errors) {
            own if own.is_empty() => why,
            own => own,
        });
        let _ = inbox.send(Message::Answer(answer.map(Box::new)));
    };
    match Builder::new().name("audit answer".to_owned()).stack_size(STACK_BYTES).spawn(read) {
        Ok(_) => Ok(child),
        Err(error) => {
            // Without its reader it would wait for ever.
            let _ = child.kill().and_then(|()| child.wait().map(drop));
            Err(error)
        }
    }
}

fn answer(output: ChildStdout) -> Result<Record, String> {
    let mut bytes = Vec::new();
    output.take(ANSWER_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > ANSWER_BYTES_MAX {
        return Err(format!("its answer is longer than {ANSWER_BYTES_MAX} bytes"));
    }
    serde_json::from_slice(&bytes).map_err(|error| format!("its answer makes no sense: {error}"))
}

fn said(errors: Option<impl Read>) -> String {
    let mut text = Vec::new();
    let _ = errors.map(|own| own.take(4096).read_to_end(&mut text));
    crate::visible::visible(String::from_utf8_lossy(&text).trim())
}
