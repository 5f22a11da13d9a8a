//! Changing the host: an approved script is run by root, checked by what it does, and undone unless it is confirmed.
//!
//! The daemon never does this. `hostward apply` is a process of its own that lives for one script: it takes a copy
//! that nobody else can write, rehearses it, arms the timer that undoes it, and only then lets it change anything.
//! Whatever ends in between (the process, the power) leaves an entry that says "applying", and the timer or the next
//! boot undoes what it says.

mod ground;
mod ports;
pub mod room;
mod script;
mod timer;
mod vault;

pub use ground::{Refusal, check_script, check_turn};
pub use ports::Ports;
pub use script::{Mode, Ran, run};
pub use vault::{DIR, Entry, Vault};

use crate::clock;
use crate::outbox::{Artifact, Stage};
use script::run_within;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

/// Whoever waits for the effect of what nobody read is asked before the timer.
const HEAD_START: Duration = Duration::from_secs(5);

/// How an attempt went.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done and verified.
    Done {
        /// When it is undone unless somebody confirms it, wall clock; nothing when it stands.
        confirm_by_ms: Option<i64>,
    },
    /// It did not work, and everything is as it was; the reason.
    Undone(String),
    /// It did not work, and undoing it did not either; the reason.
    Stuck(String),
}

/// What is to be applied.
pub struct Order<'a> {
    /// Its description, as approved.
    pub artifact: &'a Artifact,
    /// The script itself.
    pub script: &'a [u8],
    /// How long to wait for somebody to confirm, or for it to help, where that is needed.
    pub window: Duration,
    /// Nobody has read it: it is undone unless it helps.
    pub by_itself: bool,
    /// Goes on although the last two attempts failed.
    pub after_failures: bool,
    /// True where no network is to be seen: `hostward-ports.service` looks at it then.
    pub confined: bool,
}

impl Order<'_> {
    /// Whether it is undone unless something lets it stand.
    fn is_on_trial(&self) -> bool {
        self.by_itself || self.artifact.confirm
    }
}

/// Applies a script. A refusal has changed nothing.
pub fn apply(vault: &Vault, order: &Order<'_>) -> Result<Outcome, Refusal> {
    ground::check(vault, order)?;
    let id = order.artifact.id.as_str();
    let path = vault.keep_script(id, order.script)?;
    let rehearsed = run(&path, Mode::DryRun, &vault.undo(id))?;
    ground::check_rehearsal(order.artifact, &rehearsed)?;
    let ports = Ports::look(order.confined)?;
    let entry = begin(vault, order)?;
    let tried = attempt(&path, vault, order, &ports);
    Ok(settle(vault, entry, tried)?)
}

/// From here on the entry speaks for what was begun. The timer comes first: one without an entry undoes nothing, an entry
/// without a timer would wait for the next boot.
fn begin(vault: &Vault, order: &Order<'_>) -> io::Result<Entry> {
    let at_ms = clock::now().wall_ms;
    let id = &order.artifact.id;
    let on_trial = order.is_on_trial();
    if on_trial {
        let head_start = if order.by_itself { HEAD_START } else { Duration::ZERO };
        timer::arm(id, order.window + head_start, vault.dir())?;
    }
    let entry = Entry {
        id: id.clone(),
        sha256: order.artifact.sha256.clone(),
        stage: Stage::Applying,
        at_ms,
        confirm_by_ms: on_trial.then(|| at_ms + order.window.as_millis() as i64),
        by_itself: order.by_itself,
        comment: String::new(),
        told: false,
    };
    vault.put(&entry)?;
    Ok(entry)
}

/// Applies and verifies; a reason when something is not as it should be.
fn attempt(path: &Path, vault: &Vault, order: &Order<'_>, ports: &Ports) -> Result<(), String> {
    let undo = vault.undo(&order.artifact.id);
    // Nobody may be locked out for longer than the window, also by a script that hangs.
    let until = order.is_on_trial().then(|| Instant::now() + order.window);
    let step = |mode| {
        let left = until.map_or(Duration::MAX, |until| until.saturating_duration_since(Instant::now()));
        run_within(left, path, mode, &undo).map_err(|error| error.to_string())
    };
    step(Mode::Apply)?.good("--apply")?;
    step(Mode::Verify)?.good("--verify")?;
    match ports.silent(order.confined) {
        silent if silent.is_empty() => Ok(()),
        silent => Err(format!("{} answered before and do not any more", silent.join(", "))),
    }
}

fn settle(vault: &Vault, entry: Entry, tried: Result<(), String>) -> io::Result<Outcome> {
    let confirm_by_ms = entry.confirm_by_ms;
    match tried {
        Ok(()) => {
            let stage = if confirm_by_ms.is_some() { Stage::Applied } else { Stage::Confirmed };
            vault.put(&entry.at(stage, ""))?;
            Ok(Outcome::Done { confirm_by_ms })
        }
        Err(reason) => undo(vault, entry, Stage::Failed, &reason),
    }
}

/// Runs the script's own way back; `then` is what its entry says when that went well.
fn undo(vault: &Vault, entry: Entry, then: Stage, reason: &str) -> io::Result<Outcome> {
    let entry = entry.at(Stage::Undoing, reason);
    // A full disk is no reason to leave it.
    let _ = vault.put(&entry);
    let ran = run(&vault.script(&entry.id), Mode::Rollback, &vault.undo(&entry.id))?;
    timer::disarm(&entry.id);
    match ran.good("--rollback") {
        Ok(()) => {
            vault.put(&entry.at(then, reason))?;
            Ok(Outcome::Undone(reason.to_owned()))
        }
        Err(error) => {
            let reason = format!("{reason}; {error}");
            vault.put(&entry.at(Stage::Stuck, &reason))?;
            Ok(Outcome::Stuck(reason))
        }
    }
}

/// Somebody can still get in and says so, or it is seen to help: what was applied stands.
pub fn confirm(vault: &Vault, id: &str, why: &str) -> Result<(), Refusal> {
    let entry = vault.entry(id)?.ok_or_else(|| Refusal::unknown(id))?;
    if entry.stage != Stage::Applied {
        return Err(Refusal::Stage { id: id.to_owned(), stage: entry.stage, wanted: Stage::Applied });
    }
    vault.put(&entry.at(Stage::Confirmed, why))?;
    timer::disarm(id);
    Ok(())
}

/// Undoes what was applied.
pub fn rollback(vault: &Vault, id: &str, reason: &str) -> Result<Outcome, Refusal> {
    let entry = vault.entry(id)?.ok_or_else(|| Refusal::unknown(id))?;
    if !entry.stage.can_be_undone() {
        return Err(Refusal::Stage { id: id.to_owned(), stage: entry.stage, wanted: Stage::Applied });
    }
    Ok(undo(vault, entry, Stage::RolledBack, reason)?)
}

/// Undoes what was applied without a person and did not help: a failure.
pub fn unhelpful(vault: &Vault, id: &str, reason: &str) -> Result<Outcome, Refusal> {
    let entry = vault.entry(id)?.filter(|entry| entry.by_itself && entry.waits());
    Ok(undo(vault, entry.ok_or_else(|| Refusal::unknown(id))?, Stage::Failed, reason)?)
}

/// Undoes what nobody confirmed in time; everything that is not confirmed after a boot.
pub fn rollback_unconfirmed(vault: &Vault, only: Option<&str>) -> Result<Vec<(String, Outcome)>, Refusal> {
    let is_meant = |entry: &Entry| only.is_none_or(|id| entry.id == id) && entry.waits();
    let waiting: Vec<_> = vault.readable()?.into_iter().filter(is_meant).collect();
    let undone = waiting.into_iter().map(|entry| {
        let (id, (then, reason)) = (entry.id.clone(), entry.unconfirmed());
        Ok((id, undo(vault, entry, then, &reason)?))
    });
    undone.collect()
}

#[cfg(test)]
mod tests;
