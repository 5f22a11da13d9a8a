//! One run: a change is applied, something goes wrong, and then everybody waits for the door to open again.

use super::artifact::Door;
use crate::Outcome;
use crate::boot::Host;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The shortest window that there is.
pub const WINDOW_S: u64 = 10;
const WINDOW: Duration = Duration::from_secs(WINDOW_S);
/// What noticing and undoing may take beyond the window on a crowded machine.
const UNDO_MAX: Duration = Duration::from_secs(15);
/// After which nobody waits any more, boot included.
const PATIENCE: Duration = Duration::from_secs(150);
const LOOK_EVERY: Duration = Duration::from_millis(100);
const STATE: &str = "/var/lib/hostward";
const VAULT: &str = "/var/lib/hostward-apply";
/// What has to be as it was: the files, and the rules of the firewall.
const LOOK: &str = "find /etc -xdev -printf '%y %m %U %G %p %l\\n' | sort; find /etc -xdev -type f -print0 | sort -z | xargs -0 sha256sum; nft list ruleset";

/// What goes wrong. Moments are parts of the time that applying takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Blow {
    /// Nothing, but nobody confirms.
    Nobody,
    /// The process that applies is killed.
    Kill(f64),
    /// Everything ends, and boots again.
    Power(f64),
}

impl Blow {
    /// Its name without its moment.
    pub fn kind(self) -> &'static str {
        match self {
            Blow::Nobody => "nobody confirms",
            Blow::Kill(_) => "kill -9",
            Blow::Power(_) => "power cut",
        }
    }
}

impl fmt::Display for Blow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Blow::Nobody => f.write_str(self.kind()),
            Blow::Kill(part) | Blow::Power(part) => write!(f, "{} at {:.0} %", self.kind(), part * 100.0),
        }
    }
}

/// Who applies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum How {
    /// Root, at a terminal.
    Terminal,
    /// `hostward-apply@.service`, with what the script says that it needs and no more.
    Unit,
}

/// How a run went.
pub struct Done {
    /// A login failed at some time.
    pub locked: bool,
    /// From the first login that failed until they worked for good; after a power cut, from the cut.
    pub out_for: Duration,
    /// How long applying took.
    took: Duration,
    /// Where the entry of the vault stands; empty when there was none yet.
    stage: String,
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stage = if self.stage.is_empty() { "not begun" } else { &self.stage };
        write!(f, "nobody got in for {:.1} s; {stage}", self.out_for.as_secs_f64())
    }
}

/// A host, and what is known of it.
pub struct Drill {
    host: Host,
    before: String,
    /// How long each change takes when nothing happens to it.
    takes: BTreeMap<(&'static str, bool), Duration>,
}

impl Drill {
    pub fn new(host: Host) -> Outcome<Self> {
        let before = host.must(LOOK)?;
        Ok(Drill { host, before, takes: BTreeMap::new() })
    }

    /// Applies `door`, strikes, waits, and looks whether everything is as it was.
    pub fn once(&mut self, number: usize, door: &Door, how: How, blow: Blow) -> Outcome<Done> {
        if !self.host.lets_in() {
            return Err("nobody gets in before it begins".to_owned());
        }
        let id = format!("drill-{number}");
        door.approved(&self.host.root().join(STATE.trim_start_matches('/')), &id)?;
        let mut applying = self.apply(&id, how)?;
        let which = (door.name, how == How::Unit);
        let takes = self.takes.get(&which).copied().unwrap_or(WINDOW);
        let mut cut = None;
        match blow {
            Blow::Nobody => {}
            Blow::Kill(part) => {
                sleep(takes.mul_f64(part));
                self.kill(&id, how)?;
            }
            Blow::Power(part) => {
                sleep(takes.mul_f64(part));
                cut = Some(Instant::now());
                self.host.cut_power();
                self.host.boot()?;
            }
        }
        let done = self.wait(&id, &mut applying, cut)?;
        if blow == Blow::Nobody {
            self.takes.insert(which, done.took);
        }
        if cut.is_none() && done.out_for > WINDOW + UNDO_MAX {
            return Err(format!("too late: {done}"));
        }
        self.compare()?;
        Ok(done)
    }

    /// Begins to apply, as somebody at a terminal does, or as the unit.
    fn apply(&self, id: &str, how: How) -> Outcome<Child> {
        let text = match how {
            How::Terminal => format!(
                "echo $$ >/run/drill.pid; exec hostward --state-dir {STATE} apply {id} --after-failures --window {WINDOW_S}"
            ),
            How::Unit => format!("systemctl start hostward-apply@{id}.service"),
        };
        let mut command = self.host.command(&["bash", "-c", &text])?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().map_err(|error| format!("nsenter: {error}"))
    }

    fn kill(&self, id: &str, how: How) -> Outcome<()> {
        let text = match how {
            How::Terminal => "kill -KILL \"$(</run/drill.pid)\"".to_owned(),
            How::Unit => format!("systemctl kill --signal=KILL hostward-{{room,apply}}@{id}.service"),
        };
        self.host.shell(&text).map(drop)
    }

    /// Until nothing of it is at work, its entry is settled, and a new login works.
    fn wait(&self, id: &str, applying: &mut Child, cut: Option<Instant>) -> Outcome<Done> {
        let begun = Instant::now();
        let (mut out_since, mut back, mut took) = (cut, None, None);
        loop {
            if !matches!(applying.try_wait(), Ok(None)) {
                took = took.or(Some(begun.elapsed()));
            }
            let ended = took.is_some() && self.is_at_rest();
            let stage = self.stage(id);
            let asked = Instant::now();
            if self.host.lets_in() {
                back = back.or(Some(Instant::now()));
            } else {
                (out_since, back) = (out_since.or(Some(asked)), None);
            }
            if let Some(back) = back.filter(|_| ended && !matches!(stage.as_str(), "applying" | "applied")) {
                let out_for = out_since.map_or(Duration::ZERO, |since| back.duration_since(since));
                let took = took.unwrap_or_default();
                return Ok(Done { locked: cut.is_none() && out_since.is_some(), out_for, took, stage });
            }
            if begun.elapsed() > PATIENCE {
                return Err(format!("a login works: {}; it is {stage:?}", back.is_some()));
            }
            sleep(LOOK_EVERY);
        }
    }

    /// Nothing of it is at work: what has no entry yet may get one, and what has one is read before it is written.
    fn is_at_rest(&self) -> bool {
        let text = format!("[[ ! -e {VAULT}/lock ]] || flock --nonblock {VAULT}/lock true");
        self.host.shell(&text).is_ok_and(|ran| ran.code == 0)
    }

    fn stage(&self, id: &str) -> String {
        let file = self.host.root().join(format!("{}/{id}.json", VAULT.trim_start_matches('/')));
        let entry = fs::read_to_string(file).unwrap_or_default();
        let entry: Value = serde_json::from_str(&entry).unwrap_or_default();
        entry["stage"].as_str().unwrap_or_default().to_owned()
    }

    fn compare(&self) -> Outcome<()> {
        let after = self.host.must(LOOK)?;
        let differing: Vec<_> =
            after.lines().filter(|line| !self.before.lines().any(|own| own == *line)).collect();
        if differing.is_empty() { Ok(()) } else { Err(format!("not as it was: {}", differing.join("; "))) }
    }
}
