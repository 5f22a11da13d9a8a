//! A root that runs: systemd as process 1 in namespaces of its own, at the other end of a cable. What it may do to the machine
//! below it is what nspawn grants: neither its clock nor its modules.

use super::cgroup::Cgroup;
use super::program::{Ran, ask, good};
use crate::Outcome;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long the first process, or a whole boot, may take.
const BOOT_MAX: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(50);
const NAME: &str = "e2e";
/// From where it is asked (TEST-NET-2, RFC 5737).
pub const OUTSIDE: &str = "198.51.100.1";
/// Where it is reached from outside.
pub const ADDRESSES: [&str; 2] = ["198.51.100.2", "fd99::2"];
/// Beyond what nspawn grants: sandboxes of units ask for keyrings.
const CALLS: &str = "--system-call-filter=keyctl add_key request_key";
/// What is in a session of root's, and nothing of ours.
const ENVIRONMENT: [&str; 4] = [
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME=/root",
    "LC_ALL=C.UTF-8",
    "TERM=dumb",
];

/// A machine that loses its power with its value.
pub struct Machine {
    nspawn: Child,
    /// Process 1, as we see it.
    pub init: i32,
    // Goes last: it cannot be removed while something is in it.
    _cgroup: Cgroup,
}

impl Machine {
    /// Starts the Debian below `root`, and waits until it has.
    pub fn boot(root: &Path) -> Outcome<Self> {
        let machine = Self::power(root, &[])?;
        machine.started()?;
        Ok(machine)
    }

    /// Gives it power, with files of ours in places of its own; says at once when its first process runs and the cable is in.
    pub fn power(root: &Path, lent: &[(&Path, &str)]) -> Outcome<Self> {
        let cgroup = Cgroup::new()?;
        let mut command = nspawn(root, lent, &cgroup)?;
        let nspawn = command.spawn().map_err(|error| format!("systemd-nspawn: {error}"))?;
        let mut machine = Machine { nspawn, init: 0, _cgroup: cgroup };
        machine.init = machine.first(&console(root))?;
        machine.cable()?;
        Ok(machine)
    }

    /// The child of nspawn that is process 1 of its own; its first child only helps it up.
    fn first(&mut self, console: &Path) -> Outcome<i32> {
        let children = format!("/proc/{0}/task/{0}/children", self.nspawn.id());
        let end = Instant::now() + BOOT_MAX;
        while Instant::now() < end && matches!(self.nspawn.try_wait(), Ok(None)) {
            let pids = fs::read_to_string(&children).unwrap_or_default();
            if let Some(first) = pids.split_whitespace().find(|pid| is_first(pid)) {
                return first.parse().map_err(|error| format!("{first}: {error}"));
            }
            sleep(LOOK_EVERY);
        }
        Err(format!("it does not boot: {}", fs::read_to_string(console).unwrap_or_default()))
    }

    /// Its first process runs a little before both ends of the cable are there.
    fn cable(&self) -> Outcome<()> {
        let ours = format!("ve-{NAME}");
        awaited(|| good(Command::new("ip").args(["link", "show", &ours])))?;
        awaited(|| self.said(&["ip", "link", "show", "host0"]))?;
        let ip = |words: &str| good(Command::new("ip").args(words.split(' '))).map(drop);
        ip(&format!("address replace {OUTSIDE}/24 dev {ours}"))?;
        ip(&format!("address replace fd99::1/64 dev {ours} nodad"))?;
        ip(&format!("link set {ours} up"))?;
        let [old, new] = ADDRESSES;
        let text = format!(
            "ip address add {old}/24 dev host0; ip address add {new}/64 dev host0 nodad; ip link set host0 up; ip link set lo up"
        );
        self.said(&["bash", "-ec", &text]).map(drop)
    }

    /// Waits until every unit has started or failed.
    pub fn started(&self) -> Outcome<()> {
        let end = Instant::now() + BOOT_MAX;
        loop {
            let state = self.ran(&["systemctl", "is-system-running"])?.text;
            match state.trim() {
                "running" | "degraded" => return Ok(()),
                state if Instant::now() >= end => return Err(format!("the boot does not end: {state}")),
                _ => sleep(LOOK_EVERY * 4),
            }
        }
    }

    /// A program of the machine, run in it with root's rights and an environment of its own.
    pub fn within(&self, words: &[&str]) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.init.to_string()]);
        command.args(["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd"]);
        command.args(["/usr/bin/env", "-i"]).args(ENVIRONMENT).args(words);
        command
    }

    /// What a program of the machine prints; it has to end well.
    pub fn said(&self, words: &[&str]) -> Outcome<String> {
        good(&mut self.within(words)).map(|text| text.trim().to_owned())
    }

    /// What a program of the machine did, well or not.
    pub fn ran(&self, words: &[&str]) -> Outcome<Ran> {
        ask(&mut self.within(words))
    }
}

impl Drop for Machine {
    /// Everything in it ends at once; what is on its disk stays.
    fn drop(&mut self) {
        if self.init > 0 {
            let _ = Command::new("kill").args(["-KILL", &self.init.to_string()]).status();
        } else {
            let _ = self.nspawn.kill();
        }
        let _ = self.nspawn.wait();
    }
}

/// Asks again until it is answered.
fn awaited(ask: impl Fn() -> Outcome<String>) -> Outcome<()> {
    let end = Instant::now() + BOOT_MAX;
    loop {
        match ask() {
            Err(_) if Instant::now() < end => sleep(LOOK_EVERY),
            answer => return answer.map(drop),
        }
    }
}

/// Beside the root: what the machine says before it can be asked.
fn console(root: &Path) -> PathBuf {
    root.with_file_name("console")
}

fn nspawn(root: &Path, lent: &[(&Path, &str)], cgroup: &Cgroup) -> Outcome<Command> {
    let said = |error: std::io::Error| error.to_string();
    let console = File::options().append(true).create(true).open(console(root)).map_err(said)?;
    let mut command = cgroup.command("systemd-nspawn");
    command.env("SYSTEMD_NSPAWN_UNIFIED_HIERARCHY", "1");
    command.args(["--quiet", "--register=no", "--keep-unit", "--network-veth", "--console=pipe"]);
    command.args(["--resolv-conf=off", "--timezone=off", "--link-journal=no", "--kill-signal=SIGRTMIN+3"]);
    command.arg(format!("--machine={NAME}")).arg(CALLS).arg("--directory").arg(root);
    for (file, place) in lent {
        command.arg(format!("--bind-ro={}:{place}", file.display()));
    }
    command.arg("/lib/systemd/systemd");
    command.stdin(Stdio::null()).stdout(console.try_clone().map_err(said)?).stderr(console);
    Ok(command)
}

/// True for a process that is number 1 where it lives (proc_pid_status(5)).
fn is_first(pid: &str) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let ids = status.lines().find_map(|line| line.strip_prefix("NSpid:")).unwrap_or_default();
    ids.split_whitespace().count() == 2 && ids.ends_with("\t1")
}
