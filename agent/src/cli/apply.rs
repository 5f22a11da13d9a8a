//! `hostward apply`, `confirm` and `rollback`: what changes this host. Root types them, or systemd does for root.

use super::output::message;
use super::{Common, Failure, Found, Outcome, auto, daemon, output, verify};
use crate::apply::{self, Entry, Order, Outcome as Applied, Refusal, Vault};
use crate::outbox::{Artifact, Stage};
use clap::Args;
use hostward_model::time;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a step waits for the daemon to note it: one that hangs must not keep a change from being undone.
const NOTICE_MAX: Duration = Duration::from_secs(3);

/// Where root keeps what it applied.
#[derive(Args)]
pub struct Place {
    /// Where originals and entries are kept; only for tests and rescue systems.
    #[arg(long, value_name = "DIR", default_value = apply::DIR, hide = true)]
    vault: PathBuf,
}

impl Place {
    fn open(&self, common: &Common) -> Result<Vault, Failure> {
        Vault::open(&self.vault).map(|vault| telling(vault, common)).map_err(failed)
    }

    /// Waits for who is at work.
    fn wait(&self, common: &Common) -> Result<Vault, Failure> {
        Vault::wait(&self.vault).map(|vault| telling(vault, common)).map_err(failed)
    }
}

/// The audit log has each step before it is done, where a daemon runs; what it does not hear now it is told at the end.
fn telling(vault: Vault, common: &Common) -> Vault {
    let common = common.clone();
    vault.telling(move |entry| daemon::post_within(NOTICE_MAX, &common, &path(entry), &step(entry)).is_ok())
}

fn path(entry: &Entry) -> String {
    format!("outbox/{}/step", entry.id)
}

fn step(entry: &Entry) -> Value {
    json!({ "stage": entry.stage, "sha256": entry.sha256, "comment": entry.comment })
}

/// What `apply` takes.
#[derive(Args)]
pub struct Apply {
    /// Id of an approved script; see hostward outbox list.
    #[arg(required_unless_present = "allowed")]
    id: Option<String>,
    /// Apply what waits for an alert, of fixes that outbox.auto allows by name: within its bounds. What does not end its
    /// alert within outbox.auto_wait is undone, and after two failures nothing more is applied.
    #[arg(long, conflicts_with_all = ["id", "after_failures"])]
    allowed: bool,
    /// How long to wait for hostward confirm before everything is undone, where a change can lock people out.
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(10..=86_400))]
    window: u64,
    /// Go on although the last two attempts failed.
    #[arg(long)]
    after_failures: bool,
    /// Write down what room the script gets in hostward-apply@ID.service, and nothing else; that unit asks for it.
    #[arg(long, hide = true)]
    room: bool,
    /// This process sees no network; hostward-ports.service does.
    #[arg(long, hide = true)]
    confined: bool,
    #[command(flatten)]
    place: Place,
}

impl Apply {
    /// Scripts that were begun since.
    pub fn begun_since(&self, common: &Common, at_ms: i64) -> Result<usize, Failure> {
        let entries = self.place.open(common)?.entries().map_err(failed)?;
        Ok(entries.iter().filter(|entry| entry.at_ms >= at_ms).count())
    }

    /// Tells the daemon what became of what was applied, as far as it was away.
    pub fn tell(&self, common: &Common) -> Result<(), Failure> {
        tell(common, &self.place.wait(common)?);
        Ok(())
    }

    /// Whether one more could be applied now.
    pub fn check_turn(&self, common: &Common) -> Result<(), Failure> {
        apply::check_turn(&self.place.open(common)?, false).map_err(refused)
    }

    /// What was applied without a person, and has not been seen to help yet.
    pub fn on_trial(&self, common: &Common) -> Result<Option<Entry>, Failure> {
        let entries = self.place.wait(common)?.readable().map_err(failed)?;
        Ok(entries.into_iter().find(|entry| entry.by_itself && entry.waits()))
    }

    /// It helped: it stands.
    pub fn stands(&self, common: &Common, id: &str, saw: &str) -> Result<(), Failure> {
        let vault = self.place.wait(common)?;
        apply::confirm(&vault, id, saw).map_err(refused)?;
        tell(common, &vault);
        Ok(())
    }

    /// It did not help: it is undone, unless its timer was first.
    pub fn unhelpful(&self, common: &Common, id: &str, why: &str) -> Result<Option<Applied>, Failure> {
        let vault = self.place.wait(common)?;
        let outcome = match apply::unhelpful(&vault, id, why) {
            Err(Refusal::Unknown { .. }) => None,
            outcome => Some(outcome.map_err(refused)?),
        };
        tell(common, &vault);
        Ok(outcome)
    }
}

/// What `confirm` takes.
#[derive(Args)]
pub struct Confirm {
    /// Id of what was applied.
    id: String,
    #[command(flatten)]
    place: Place,
}

/// What `rollback` takes.
#[derive(Args)]
pub struct Rollback {
    /// Id of what was applied.
    #[arg(required_unless_present = "unconfirmed")]
    id: Option<String>,
    /// Undo everything that nobody has confirmed; the boot does this.
    #[arg(long, conflicts_with = "id")]
    unconfirmed: bool,
    /// Leave it alone when it is confirmed; the timer does this.
    #[arg(long, requires = "id")]
    unless_confirmed: bool,
    /// Wait so many seconds first.
    #[arg(long, value_name = "SECONDS", default_value_t = 0, hide = true)]
    after: u64,
    #[command(flatten)]
    place: Place,
}

/// Applies an approved script.
pub fn apply(common: &Common, own: &Apply) -> Outcome {
    match &own.id {
        Some(id) => one(common, own, id),
        None => auto::act(common, own),
    }
}

/// Applies the script of that id.
pub fn one(common: &Common, own: &Apply, id: &str) -> Outcome {
    let (artifact, script) = fetch(common, id)?;
    if own.room {
        apply::check_script(&artifact, script.as_bytes()).map_err(refused)?;
        apply::room::prepare(Path::new(apply::room::UNITS), id, &script).map_err(refused)?;
        return Ok(Found::Well);
    }
    let window = Duration::from_secs(own.window);
    let outcome = run(common, own, &artifact, &script, Way { window, by_itself: false })?;
    let found = said(common, id, &outcome);
    verify::afterwards(common, id);
    Ok(found)
}

/// Whether somebody has read it, and how long it is on trial.
pub struct Way {
    pub window: Duration,
    pub by_itself: bool,
}

/// Applies what was read of it, whatever else is said of it meanwhile.
pub fn run(
    common: &Common,
    own: &Apply,
    artifact: &Artifact,
    script: &str,
    way: Way,
) -> Result<Applied, Failure> {
    let vault = own.place.open(common)?;
    let order = Order {
        artifact,
        script: script.as_bytes(),
        window: way.window,
        by_itself: way.by_itself,
        after_failures: own.after_failures,
        confined: own.confined,
    };
    let outcome = apply::apply(&vault, &order).map_err(refused)?;
    tell(common, &vault);
    Ok(outcome)
}

/// Says what answers on this host, for an `apply` that does not see its network.
pub fn ports() -> Outcome {
    let seen = serde_json::to_string(&apply::Ports::listening());
    output::data(&seen.map_err(|error| Failure::Failed(error.to_string()))?);
    Ok(Found::Well)
}

/// Lets what was applied stand.
pub fn confirm(common: &Common, own: &Confirm) -> Outcome {
    let vault = own.place.wait(common)?;
    apply::confirm(&vault, &own.id, "").map_err(refused)?;
    tell(common, &vault);
    let stands = json!({ "id": own.id, "stage": Stage::Confirmed });
    output::either(common.format, &stands, |_| format!("{} stands\n", own.id));
    verify::afterwards(common, &own.id);
    Ok(Found::Well)
}

/// Undoes what was applied.
pub fn rollback(common: &Common, own: &Rollback) -> Outcome {
    std::thread::sleep(Duration::from_secs(own.after));
    let vault = own.place.wait(common)?;
    let undone = match (&own.id, own.unless_confirmed) {
        (Some(id), false) => {
            let outcome = apply::rollback(&vault, id, "somebody asked for it").map_err(refused)?;
            vec![(id.clone(), outcome)]
        }
        (only, _) => apply::rollback_unconfirmed(&vault, only.as_deref()).map_err(refused)?,
    };
    tell(common, &vault);
    let stuck = undone.iter().any(|(_, outcome)| matches!(outcome, Applied::Stuck(_)));
    for (id, outcome) in &undone {
        said(common, id, outcome);
    }
    Ok(if stuck { Found::Wrong } else { Found::Well })
}

/// The daemon's answer, or else the files of the outbox: a change must not need the daemon.
pub fn fetch(common: &Common, id: &str) -> Result<(Artifact, String), Failure> {
    let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !is_id {
        return Err(Failure::Usage(format!("{id:?} is no id; see hostward outbox list")));
    }
    if !daemon::is_there(common)? {
        return read(common, id);
    }
    let mut answer = daemon::get(common, &format!("outbox/{id}"))?;
    let script = answer["script"].as_str().unwrap_or_default().to_owned();
    let artifact = serde_json::from_value(answer["artifact"].take());
    Ok((artifact.map_err(|error| Failure::Failed(format!("{id}: {error}")))?, script))
}

fn read(common: &Common, id: &str) -> Result<(Artifact, String), Failure> {
    let place = crate::state::Place::choose(common.state_dir.as_deref());
    let place = place.map_err(|error| Failure::Usage(error.to_string()))?;
    let file = |ending: &str| place.dir.join("outbox").join(format!("{id}.{ending}"));
    let text = |path: PathBuf| {
        std::fs::read_to_string(&path).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))
    };
    let artifact = serde_json::from_str(&text(file("json"))?);
    Ok((artifact.map_err(|error| Failure::Failed(format!("{id}: {error}")))?, text(file("sh"))?))
}

/// Tells the daemon what it does not know yet; one that is away is told the next time.
fn tell(common: &Common, vault: &Vault) {
    let untold = vault.entries().unwrap_or_default().into_iter().filter(|entry| !entry.told);
    for entry in untold {
        match daemon::post(common, &path(&entry), &step(&entry)) {
            Ok(_) => drop(vault.put(&Entry { told: true, ..entry })),
            Err(Failure::Usage(why) | Failure::Failed(why)) => {
                message(&format!("the daemon is not told that {} is {}: {why}", entry.id, entry.stage));
            }
        }
    }
}

/// Says how it went.
pub fn said(common: &Common, id: &str, outcome: &Applied) -> Found {
    let (stage, reason, confirm_by_ms) = match outcome {
        Applied::Done { confirm_by_ms: Some(by_ms) } => (Stage::Applied, "", Some(*by_ms)),
        Applied::Done { confirm_by_ms: None } => (Stage::Confirmed, "", None),
        Applied::Undone(reason) => (Stage::RolledBack, reason.as_str(), None),
        Applied::Stuck(reason) => (Stage::Stuck, reason.as_str(), None),
    };
    let by = confirm_by_ms.map(time::rfc3339);
    let value = json!({ "id": id, "stage": stage, "reason": reason, "confirmBy": by });
    output::either(common.format, &value, |_| match (stage, &by) {
        (Stage::Applied, Some(by)) => {
            format!(
                "{id} is applied. Log in anew, and if you can: hostward confirm {id}\nIt is undone at {by} otherwise.\n"
            )
        }
        (Stage::Confirmed, _) => format!("{id} is applied\n"),
        (Stage::Stuck, _) => format!("{id} could not be undone: {reason}\nWhat it saved is in the vault.\n"),
        _ => format!("{id} is undone: {reason}\n"),
    });
    if matches!(outcome, Applied::Done { .. }) { Found::Well } else { Found::Wrong }
}

fn failed(error: std::io::Error) -> Failure {
    Failure::Failed(error.to_string())
}

fn refused(refusal: Refusal) -> Failure {
    match refusal {
        Refusal::Io(error) => failed(error),
        refusal => Failure::Usage(refusal.to_string()),
    }
}
