//! A Debian that is booted: systemd as PID 1 in namespaces of its own, on a root that is laid over and never changed, at the
//! other end of a cable. It is what a power cut does to a host, and what a login from outside sees.

mod alone;
mod cgroup;
pub(crate) mod program;
pub(crate) mod root;
mod stock;

pub use alone::alone;
pub use stock::{layers, over};

use crate::Outcome;
use cgroup::Cgroup;
use program::{Ran, ask, good};
use root::{Laid, prepare};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long the first process, or a whole boot, may take.
const BOOT_MAX: Duration = Duration::from_secs(120);
/// How long a login may take.
const LOGIN_S_MAX: &str = "5";
const LOOK_EVERY: Duration = Duration::from_millis(50);
const MACHINE: &str = "e2e";
/// Addresses of both ends of the cable (TEST-NET-2, RFC 5737).
const OUTSIDE: &str = "198.51.100.1/24";
const INSIDE: &str = "198.51.100.2/24";
/// Where the host is for those outside.
pub const ADDRESS: &str = "198.51.100.2";
/// Beyond what nspawn grants: sandboxes of units ask for keyrings.
const CALLS: &str = "--system-call-filter=keyctl add_key request_key";
/// What is in a session of root's, and nothing of ours.
const ENVIRONMENT: [&str; 4] = [
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME=/root",
    "LC_ALL=C.UTF-8",
    "TERM=dumb",
];

/// A host that runs.
pub struct Host {
    laid: Laid,
    key: PathBuf,
    binary: PathBuf,
    power: Option<Power>,
}

/// What is gone after a power cut.
struct Power {
    nspawn: Child,
    leader: String,
    // Goes last: it cannot be removed while something is in it.
    _cgroup: Cgroup,
}

impl Host {
    /// Lays over the layers, lets `furnish` put things into the root, and boots. `binary` is the hostward in it.
    pub fn start(layers: &str, binary: &Path, furnish: impl FnOnce(&Path) -> Outcome<()>) -> Outcome<Self> {
        let laid = Laid::new(Path::new(layers))?;
        let key = prepare(&laid)?.private;
        fs::write(laid.root().join("usr/bin/hostward"), "").map_err(|error| error.to_string())?;
        furnish(laid.root())?;
        let mut host = Host { laid, key, binary: binary.to_owned(), power: None };
        host.boot()?;
        host.wait_for_boot()?;
        Ok(host)
    }

    /// Where its files are, from outside.
    pub fn root(&self) -> &Path {
        self.laid.root()
    }

    /// Gives it power; says at once when its first process runs and the cable is in.
    pub fn boot(&mut self) -> Outcome<()> {
        let cgroup = Cgroup::new()?;
        let mut nspawn = self.nspawn(&cgroup)?.spawn().map_err(|error| format!("systemd-nspawn: {error}"))?;
        let leader = self.leader(&mut nspawn)?;
        self.power = Some(Power { nspawn, leader, _cgroup: cgroup });
        self.cable()
    }

    fn nspawn(&self, cgroup: &Cgroup) -> Outcome<Command> {
        let said = |error: std::io::Error| error.to_string();
        let console = File::options().append(true).create(true).open(self.console()).map_err(said)?;
        let mut command = cgroup.command("systemd-nspawn");
        command.env("SYSTEMD_NSPAWN_UNIFIED_HIERARCHY", "1");
        command.args(["--quiet", "--register=no", "--keep-unit", "--network-veth", "--console=pipe"]);
        command.args([
            "--resolv-conf=off",
            "--timezone=off",
            "--link-journal=no",
            "--kill-signal=SIGRTMIN+3",
        ]);
        command.arg(format!("--machine={MACHINE}")).arg(CALLS).arg("--directory").arg(self.root());
        command
            .arg(format!("--bind-ro={}:/usr/bin/hostward", self.binary.display()))
            .arg("/lib/systemd/systemd");
        command.stdin(Stdio::null()).stdout(console.try_clone().map_err(said)?).stderr(console);
        Ok(command)
    }

    fn console(&self) -> PathBuf {
        self.laid.scratch().join("console")
    }

    /// The child of nspawn that is process 1 of its own; its first child only helps it up.
    fn leader(&self, nspawn: &mut Child) -> Outcome<String> {
        let children = format!("/proc/{0}/task/{0}/children", nspawn.id());
        let end = Instant::now() + BOOT_MAX;
        while Instant::now() < end && matches!(nspawn.try_wait(), Ok(None)) {
            let pids = fs::read_to_string(&children).unwrap_or_default();
            if let Some(leader) = pids.split_whitespace().find(|pid| is_first(pid)) {
                return Ok(leader.to_owned());
            }
            sleep(LOOK_EVERY);
        }
        Err(format!("it does not boot: {}", fs::read_to_string(self.console()).unwrap_or_default()))
    }

    fn cable(&self) -> Outcome<()> {
        let ours = format!("ve-{MACHINE}");
        good(Command::new("ip").args(["address", "replace", OUTSIDE, "dev", &ours]))?;
        good(Command::new("ip").args(["link", "set", &ours, "up"]))?;
        let text = format!("ip address add {INSIDE} dev host0; ip link set host0 up; ip link set lo up");
        good(&mut self.command(&["bash", "-ec", &text])).map(drop)
    }

    fn wait_for_boot(&self) -> Outcome<()> {
        let end = Instant::now() + BOOT_MAX;
        loop {
            let state = self.shell("systemctl is-system-running || true")?.text;
            match state.trim() {
                "running" | "degraded" => return Ok(()),
                state if Instant::now() >= end => return Err(format!("the boot does not end: {state}")),
                _ => sleep(LOOK_EVERY * 4),
            }
        }
    }

    /// A program inside, with root's rights and an environment of its own.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("nsenter");
        let leader = self.power.as_ref().map_or("0", |power| &power.leader);
        command.args([
            "--target", leader, "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd",
        ]);
        command.args(["/usr/bin/env", "-i"]).args(ENVIRONMENT).args(words);
        command
    }

    /// What a shell inside makes of a text.
    pub fn shell(&self, text: &str) -> Outcome<Ran> {
        ask(&mut self.command(&["bash", "-c", text]))
    }

    /// The same, and it has to end well.
    pub fn must(&self, text: &str) -> Outcome<String> {
        good(&mut self.command(&["bash", "-ec", text]))
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
        if let Some(mut power) = self.power.take() {
            let _ = Command::new("kill").args(["-KILL", &power.leader]).status();
            let _ = power.nspawn.wait();
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.cut_power();
    }
}

/// True for a process that is number 1 where it lives (proc_pid_status(5)).
fn is_first(pid: &str) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let ids = status.lines().find_map(|line| line.strip_prefix("NSpid:")).unwrap_or_default();
    ids.split_whitespace().count() == 2 && ids.ends_with("\t1")
}
