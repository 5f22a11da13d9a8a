//! A Debian that is booted: systemd as PID 1 in namespaces of its own, on a root that is laid over and never changed, at the
//! other end of a cable. It is what a power cut does to a host, and what a login from outside sees.

mod alone;
mod apart;
mod cgroup;
pub(crate) mod laid;
pub mod machine;
pub(crate) mod program;
pub(crate) mod root;
mod stock;

pub use alone::alone;
pub use apart::apart;
pub use stock::{layers, over};

use crate::Outcome;
use laid::Laid;
use machine::{ADDRESSES, Machine};
use program::{Ran, ask, good};
use root::prepare;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How long a login may take.
const LOGIN_S_MAX: &str = "5";
/// Where hostward is in it.
const PROGRAM: &str = "/usr/bin/hostward";
/// Where the host is for those outside.
pub const ADDRESS: &str = ADDRESSES[0];

/// A host that runs hostward, and that somebody administers from outside.
pub struct Host {
    laid: Laid,
    key: PathBuf,
    binary: PathBuf,
    machine: Option<Machine>,
}

impl Host {
    /// Lays over the layers, lets `furnish` put things into the root, and boots. `binary` is the hostward in it.
    pub fn start(layers: &str, binary: &Path, furnish: impl FnOnce(&Path) -> Outcome<()>) -> Outcome<Self> {
        let laid = Laid::new(Path::new(layers))?;
        let key = prepare(&laid)?.private;
        fs::write(laid.root().join(&PROGRAM[1..]), "").map_err(|error| error.to_string())?;
        furnish(laid.root())?;
        let mut host = Host { laid, key, binary: binary.to_owned(), machine: None };
        host.boot()?;
        host.machine()?.started()?;
        Ok(host)
    }

    /// Where its files are, from outside.
    pub fn root(&self) -> &Path {
        self.laid.root()
    }

    /// The administrator's private key.
    pub fn key(&self) -> &Path {
        &self.key
    }

    /// Gives it power; says at once when its first process runs and the cable is in.
    pub fn boot(&mut self) -> Outcome<()> {
        self.machine = Some(Machine::power(self.root(), &[(&self.binary, PROGRAM)])?);
        Ok(())
    }

    fn machine(&self) -> Outcome<&Machine> {
        self.machine.as_ref().ok_or_else(|| "the host has no power".to_owned())
    }

    /// A program inside, with root's rights and an environment of its own.
    pub fn command(&self, words: &[&str]) -> Outcome<Command> {
        Ok(self.machine()?.within(words))
    }

    /// What a shell inside makes of a text.
    pub fn shell(&self, text: &str) -> Outcome<Ran> {
        self.machine()?.ran(&["bash", "-c", text])
    }

    /// The same, and it has to end well.
    pub fn must(&self, text: &str) -> Outcome<String> {
        good(&mut self.command(&["bash", "-ec", text])?)
    }

    /// Whether somebody outside gets a new session with a key.
    pub fn lets_in(&self) -> bool {
        // One that hangs in a firewall until it opens again is none.
        let mut command = Command::new("timeout");
        command.args([LOGIN_S_MAX, "ssh"]);
        command.args(["-F", "none", "-o", "BatchMode=yes", "-o", "ConnectTimeout=2", "-o", "LogLevel=ERROR"]);
        command.args(["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-i"]);
        command.arg(&self.key).arg(format!("ann@{ADDRESS}")).args(["id", "-un"]);
        ask(&mut command).is_ok_and(|ran| ran.text == "ann\n")
    }

    /// Everything in it ends at once; what is on its disk stays.
    pub fn cut_power(&mut self) {
        self.machine = None;
    }
}

impl Drop for Host {
    /// Before its disk goes.
    fn drop(&mut self) {
        self.cut_power();
    }
}
