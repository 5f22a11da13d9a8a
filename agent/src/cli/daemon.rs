//! Talking to the daemon over its unix socket.

use super::{Common, Failure};
use crate::config::{self, Config};
use crate::state::Place;
use serde_json::Value;
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The largest answer that is read.
const ANSWER_BYTES_MAX: u64 = 256 << 20;

/// Where the daemon's socket is: the same reasoning as the daemon's.
pub fn socket(common: &Common) -> Result<PathBuf, Failure> {
    if let Some(socket) = &common.socket {
        return Ok(socket.clone());
    }
    let place =
        Place::choose(common.state_dir.as_deref()).map_err(|error| Failure::Usage(error.to_string()))?;
    // A broken configuration is no reason not to talk to a daemon that runs by an older one.
    let loaded = Config::load(&config::paths(common.config.as_deref())).ok();
    Ok(place.socket(loaded.and_then(|loaded| loaded.config.listen.socket).as_deref()))
}

/// Asks for `path` below `/api/v1/`.
pub fn get(common: &Common, path: &str) -> Result<Value, Failure> {
    ask(common, "GET", path, "")
}

/// Sends `body` to `path` below `/api/v1/`.
pub fn post(common: &Common, path: &str, body: &Value) -> Result<Value, Failure> {
    ask(common, "POST", path, &body.to_string())
}

/// The same for what cannot wait long.
pub fn post_within(patience: Duration, common: &Common, path: &str, body: &Value) -> Result<Value, Failure> {
    ask_within(patience, common, "POST", path, &body.to_string())
}

/// Puts `body` in place of what is at `path` below `/api/v1/`.
pub fn put(common: &Common, path: &str, body: &Value) -> Result<Value, Failure> {
    ask(common, "PUT", path, &body.to_string())
}

/// Removes what is at `path` below `/api/v1/`.
pub fn delete(common: &Common, path: &str) -> Result<Value, Failure> {
    ask(common, "DELETE", path, "")
}

/// Whether a daemon listens. One that we may not ask is there, too: that is a failure.
pub fn is_there(common: &Common) -> Result<bool, Failure> {
    let socket = socket(common)?;
    match UnixStream::connect(&socket) {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => Ok(false),
        Err(error) => Err(Failure::Failed(explain(&socket, &error))),
    }
}

fn ask(common: &Common, method: &str, path: &str, body: &str) -> Result<Value, Failure> {
    ask_within(PATIENCE, common, method, path, body)
}

fn ask_within(
    patience: Duration,
    common: &Common,
    method: &str,
    path: &str,
    body: &str,
) -> Result<Value, Failure> {
    let socket = socket(common)?;
    let answer = exchange(patience, &socket, method, path, body);
    let answer = answer.map_err(|error| Failure::Failed(explain(&socket, &error)))?;
    let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    let mut body: Value = serde_json::from_str(body).map_err(|error| {
        Failure::Failed(format!("{}: not an answer of hostward: {error}", socket.display()))
    })?;
    match body["status"].as_str() {
        Some("success") => Ok(body["data"].take()),
        _ => {
            let message = body["error"].as_str().unwrap_or("the daemon refuses").to_owned();
            let ours = matches!(body["errorType"].as_str(), Some("bad_data" | "not_found" | "execution"));
            Err(if ours { Failure::Usage(message) } else { Failure::Failed(message) })
        }
    }
}

/// One exchange on a fresh connection. The daemon's answers are whole, so HTTP/1.0 is all that it takes.
fn exchange(
    patience: Duration,
    socket: &std::path::Path,
    method: &str,
    path: &str,
    body: &str,
) -> io::Result<String> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    let length = body.len();
    let head =
        format!("{method} /api/v1/{path} HTTP/1.0\r\nHost: hostward\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all(format!("{head}{body}").as_bytes())?;
    let mut answer = String::new();
    stream.take(ANSWER_BYTES_MAX).read_to_string(&mut answer)?;
    Ok(answer)
}

fn explain(socket: &std::path::Path, error: &io::Error) -> String {
    let socket = socket.display();
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::ConnectionRefused => format!(
            "no daemon answers at {socket}\nstart one with:  systemctl start hostward   (or, by hand: hostward run)"
        ),
        ErrorKind::PermissionDenied => {
            format!(
                "you may not use {socket}\nuse sudo, or type:  sudo usermod -aG hostward $USER   (and log in again)"
            )
        }
        ErrorKind::WouldBlock | ErrorKind::TimedOut => {
            format!("the daemon at {socket} did not answer in time")
        }
        _ => format!("{socket}: {error}"),
    }
}
