//! The child that audits: hostward itself, as anybody could call it.

use super::keep::{SUMMARY_BYTES_MAX, Summary};
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::Builder;
use std::time::Duration;

/// A walk of a large file system, at the pace of one who does not want to be in the way, is given 10 minutes.
pub const TIME_MAX: Duration = Duration::from_secs(900);
const STACK_BYTES: usize = 256 << 10;

/// Starts it; its answer goes to `then`, on another thread.
pub fn start(
    root: &Path,
    state_dir: &Path,
    findings: bool,
    then: impl FnOnce(Result<Summary, String>) + Send + 'static,
) -> io::Result<Child> {
    // The file may have been replaced since we were started; this is what runs.
    let mut command = Command::new("/proc/self/exe");
    command.args(["audit", "--gentle", "--root"]).arg(root).arg("--keep").arg(state_dir);
    command.args(findings.then_some("--findings"));
    command.env_clear().current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let (output, errors) = (child.stdout.take(), child.stderr.take());
    let read = move || {
        let answer = output.map_or_else(|| Err("it has no output".to_owned()), answer);
        // What it complains of is a line or two; a pipe holds them until here.
        then(answer.map_err(|why| match said(errors) {
            own if own.is_empty() => why,
            own => own,
        }));
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

fn answer(output: ChildStdout) -> Result<Summary, String> {
    let mut bytes = Vec::new();
    output.take(SUMMARY_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > SUMMARY_BYTES_MAX {
        return Err(format!("its answer is longer than {SUMMARY_BYTES_MAX} bytes"));
    }
    serde_json::from_slice(&bytes).map_err(|error| format!("its answer makes no sense: {error}"))
}

fn said(errors: Option<impl Read>) -> String {
    let mut text = Vec::new();
    let _ = errors.map(|own| own.take(4096).read_to_end(&mut text));
    crate::visible::visible(String::from_utf8_lossy(&text).trim())
}
