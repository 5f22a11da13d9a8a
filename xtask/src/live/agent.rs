//! Building, starting and ending an agent.

use super::http::Connection;
use crate::{Outcome, root};
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long an agent may take from its start to its first metrics before we give up.
const START_MAX: Duration = Duration::from_secs(30);

/// A running agent with a state directory and a port of its own.
pub struct Agent {
    child: Child,
    /// Where its metrics are.
    pub address: SocketAddr,
    /// Where its state and its socket are.
    pub state_dir: PathBuf,
    /// From its start to its first metrics.
    pub started_in: Duration,
}

/// What an agent is started with.
pub struct Setup<'a> {
    /// The program.
    pub binary: &'a Path,
    /// Its state directory; its messages go to `agent.log` beside it.
    pub state_dir: &'a Path,
    /// Its configuration file, if any.
    pub config: Option<&'a Path>,
    /// Seconds between two looks at the host.
    pub interval_s: u64,
}

/// Names a binary that is measured instead of one that is built: that of a package, or of another version.
const BINARY: &str = "HOSTWARD_BINARY";

/// Builds the release binary and says where it is.
pub fn build() -> Outcome<PathBuf> {
    if let Some(path) = std::env::var_os(BINARY) {
        return Ok(path.into());
    }
    build_package("hostward")
}

/// The same of a package whose binary has its name.
pub fn build_package(package: &str) -> Outcome<PathBuf> {
    let status = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["build", "--quiet", "--release", "--package", package])
        .status();
    if !status.is_ok_and(|status| status.success()) {
        return Err("cargo build --release failed".to_owned());
    }
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let target = own.parent().and_then(Path::parent).ok_or("xtask is not in a target directory")?;
    Ok(target.join("release").join(package))
}

impl Agent {
    /// Starts an agent and waits for its first metrics.
    pub fn start(setup: &Setup<'_>) -> Outcome<Self> {
        Self::start_in(setup, Vec::new())
    }

    /// The same with more in its environment.
    pub fn start_in(setup: &Setup<'_>, environment: Vec<(&str, String)>) -> Outcome<Self> {
        let address = free_port()?;
        let mut command = Command::new(setup.binary);
        command
            .args(["run", "--listen", &address.to_string(), "--interval", &format!("{}s", setup.interval_s)])
            .arg("--state-dir")
            .arg(setup.state_dir)
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(log(setup.state_dir)?)
            .stderr(log(setup.state_dir)?);
        if let Some(config) = setup.config {
            command.arg("--config").arg(config);
        }
        let start = Instant::now();
        let child = command.spawn().map_err(|error| format!("{}: {error}", setup.binary.display()))?;
        let mut agent =
            Agent { child, address, state_dir: setup.state_dir.to_owned(), started_in: Duration::ZERO };
        agent.wait_for_metrics(start, setup)?;
        agent.started_in = start.elapsed();
        Ok(agent)
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A connection to its metrics.
    pub fn connect(&self) -> Outcome<Connection> {
        Connection::open(self.address).map_err(|error| format!("{}: {error}", self.address))
    }

    /// Ends it without any warning.
    pub fn kill(mut self) -> Outcome<()> {
        self.child.kill().and_then(|()| self.child.wait()).map(drop).map_err(|error| format!("kill: {error}"))
    }

    fn wait_for_metrics(&mut self, start: Instant, setup: &Setup<'_>) -> Outcome<()> {
        while start.elapsed() < START_MAX {
            if self.has_metrics() {
                return Ok(());
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!(
                    "the agent ended by itself ({status}); see {}",
                    log_path(setup.state_dir).display()
                ));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Err(format!("no metrics within {} s", START_MAX.as_secs()))
    }

    fn has_metrics(&self) -> bool {
        let answer = Connection::open(self.address).and_then(|mut connection| connection.get("/metrics", ""));
        answer.is_ok_and(|answer| answer.status == 200 && has_host_metrics(&answer.body))
    }
}

/// The page is there at once; what counts is the first look at the host.
fn has_host_metrics(body: &[u8]) -> bool {
    body.windows(6).any(|window| window == b"\nnode_")
}

impl Drop for Agent {
    fn drop(&mut self) {
        let pid = nix::unistd::Pid::from_raw(self.child.id().cast_signed());
        if matches!(self.child.try_wait(), Ok(None))
            && nix::sys::signal::kill(pid, nix::sys::signal::SIGTERM).is_ok()
        {
            let ended = self.child.wait();
            drop(ended);
        }
    }
}

/// A port that was free a moment ago.
pub fn free_port() -> Outcome<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    listener.map_err(|error| format!("no free port: {error}"))
}

fn log_path(state_dir: &Path) -> PathBuf {
    state_dir.with_extension("log")
}

fn log(state_dir: &Path) -> Outcome<File> {
    let path = log_path(state_dir);
    let file = File::options().create(true).append(true).open(&path);
    file.map_err(|error| format!("{}: {error}", path.display()))
}
