//! Debian's node_exporter, running beside the agent for comparison.

use crate::Outcome;
use crate::live::agent::free_port;
use crate::live::http::Connection;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const PROGRAM: &str = "prometheus-node-exporter";

/// A running node_exporter.
pub struct Peer {
    child: Child,
    /// Where its metrics are.
    pub address: SocketAddr,
}

impl Peer {
    /// Starts it with its defaults and waits until it answers.
    pub fn start() -> Outcome<Self> {
        let address = free_port()?;
        let mut command = Command::new(PROGRAM);
        command.arg(format!("--web.listen-address={address}")).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().map_err(|error| format!("{PROGRAM}: {error}; install it with apt"))?;
        let peer = Peer { child, address };
        for _ in 0..100 {
            if Connection::open(address).is_ok() {
                return Ok(peer);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err(format!("{PROGRAM} does not answer"))
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        if self.child.kill().is_ok() {
            let ended = self.child.wait();
            drop(ended);
        }
    }
}
