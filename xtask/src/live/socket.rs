//! The agent's API on its unix socket.

use crate::Outcome;
use serde_json::Value;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// How long one answer may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Asks for a path below `/api/v1/` and gives what the agent answers.
pub fn ask(state_dir: &Path, path: &str) -> Outcome<Value> {
    let socket = state_dir.join("hostward.sock");
    let answer = exchange(&socket, path).map_err(|error| format!("{}: {error}", socket.display()))?;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let mut body: Value = serde_json::from_str(body).map_err(|error| format!("{path}: {error}: {answer}"))?;
    match body["status"].as_str() {
        Some("success") => Ok(body["data"].take()),
        _ => Err(format!("{path}: {body}")),
    }
}

fn exchange(socket: &Path, path: &str) -> std::io::Result<String> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.write_all(format!("GET /api/v1/{path} HTTP/1.0\r\nHost: hostward\r\n\r\n").as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
