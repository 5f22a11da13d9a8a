//! A root that runs: systemd as process 1 in namespaces of its own, on a network whose other end is ours.

use crate::Outcome;
use crate::boot::program::{Ran, ask, good};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const SCRIPT: &str = include_str!("machine.sh");
/// How long it may take until every unit has started or failed.
const START_MAX: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// From where it is asked.
pub const OUTSIDE: &str = "10.99.0.1";
/// Where the machine is reached from outside.
pub const ADDRESSES: [&str; 2] = ["10.99.0.2", "fd99::2"];

/// A machine that ends with its value.
pub struct Machine {
    outer: Child,
    /// Process 1, as we see it.
    pub init: i32,
}

impl Machine {
    /// Starts the Debian below `root`, and waits until it has.
    pub fn boot(root: &Path) -> Outcome<Self> {
        let mut command = Command::new("unshare");
        command.args(["--mount", "--pid", "--uts", "--ipc", "--net", "--cgroup", "--fork", "--kill-child"]);
        command.args(["--propagation", "private", "/bin/sh", "-c", SCRIPT, "boot"]).arg(root);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let outer = command.spawn().map_err(|error| format!("unshare: {error}"))?;
        let mut machine = Machine { outer, init: 0 };
        machine.init = waited("process 1", || machine.child())?;
        waited("systemd", || machine.started())?;
        machine.wire()?;
        Ok(machine)
    }

    /// The only child of the process that holds the namespaces.
    fn child(&self) -> Option<i32> {
        let pid = self.outer.id();
        fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))
            .ok()?
            .split_whitespace()
            .next()?
            .parse()
            .ok()
    }

    fn started(&self) -> Option<()> {
        let state = ask(&mut self.within(&["systemctl", "is-system-running"])).ok()?;
        ["running", "degraded"].contains(&state.text.trim()).then_some(())
    }

    /// A pair of interfaces: ours, and one in the machine.
    fn wire(&self) -> Outcome<()> {
        let ip = |words: &str| good(Command::new("ip").args(words.split(' '))).map(drop);
        let inner = |words: &str| {
            let mut command = Command::new("nsenter");
            command.args(["--net", "--target", &self.init.to_string(), "ip"]).args(words.split(' '));
            good(&mut command).map(drop)
        };
        ip("link add outside type veth peer name inside")?;
        ip(&format!("link set inside netns {}", self.init))?;
        ip(&format!("address add {OUTSIDE}/24 dev outside"))?;
        ip("address add fd99::1/64 dev outside nodad")?;
        ip("link set outside up")?;
        inner("address add 10.99.0.2/24 dev inside")?;
        inner("address add fd99::2/64 dev inside nodad")?;
        inner("link set inside up")
    }

    /// A program of the machine, run in it.
    pub fn within(&self, words: &[&str]) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--all", "--target", &self.init.to_string()]).args(words);
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("LC_ALL", "C.UTF-8");
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
    fn drop(&mut self) {
        // Everything in the namespaces ends with process 1.
        if self.init > 0 {
            let _ = kill(Pid::from_raw(self.init), Signal::SIGKILL);
        }
        let _ = self.outer.kill();
        let _ = self.outer.wait();
        // The kernel takes the pair away a little later; the next machine wants the name now.
        let _ = ask(Command::new("ip").args(["link", "delete", "outside"]));
    }
}

/// Looks again until there is something.
fn waited<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> Outcome<T> {
    let end = Instant::now() + START_MAX;
    loop {
        match look() {
            Some(found) => return Ok(found),
            None if Instant::now() > end => return Err(format!("{what} did not start within {START_MAX:?}")),
            None => sleep(LOOK_EVERY),
        }
    }
}
