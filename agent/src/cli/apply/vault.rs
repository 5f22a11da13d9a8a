//! Root's vault as the verbs open it: what is done with it, and how the daemon hears of each step.

use crate::apply::{self, Entry, Order, Outcome as Applied, Refusal, Vault};
use crate::cli::output::message;
use crate::cli::{Common, Failure, daemon};
use clap::Args;
use serde_json::{Value, json};
use std::path::PathBuf;
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

    /// Applies a script, whatever else is said of it meanwhile.
    pub fn run(&self, common: &Common, order: &Order<'_>) -> Result<Applied, Failure> {
        let vault = self.open(common)?;
        let outcome = apply::apply(&vault, order).map_err(refused)?;
        tell(common, &vault);
        Ok(outcome)
    }

    /// Scripts that were begun since.
    pub fn begun_since(&self, common: &Common, at_ms: i64) -> Result<usize, Failure> {
        let entries = self.open(common)?.entries().map_err(failed)?;
        Ok(entries.iter().filter(|entry| entry.at_ms >= at_ms).count())
    }

    /// Tells the daemon what became of what was applied, as far as it was away.
    pub fn tell(&self, common: &Common) -> Result<(), Failure> {
        tell(common, &self.wait(common)?);
        Ok(())
    }

    /// Whether one more could be applied now.
    pub fn check_turn(&self, common: &Common) -> Result<(), Failure> {
        apply::check_turn(&self.open(common)?, false).map_err(refused)
    }

    /// What was applied without a person, and has not been seen to help yet.
    pub fn on_trial(&self, common: &Common) -> Result<Option<Entry>, Failure> {
        let entries = self.wait(common)?.readable().map_err(failed)?;
        Ok(entries.into_iter().find(|entry| entry.by_itself && entry.waits()))
    }

    /// Undoes what has that id, or everything that nobody has confirmed; `unless_confirmed` leaves alone what is.
    pub fn undo(
        &self,
        common: &Common,
        id: Option<&str>,
        unless_confirmed: bool,
    ) -> Result<Vec<(String, Applied)>, Failure> {
        let vault = self.wait(common)?;
        let undone = match (id, unless_confirmed) {
            (Some(id), false) => {
                let outcome = apply::rollback(&vault, id, "somebody asked for it").map_err(refused)?;
                vec![(id.to_owned(), outcome)]
            }
            (only, _) => apply::rollback_unconfirmed(&vault, only).map_err(refused)?,
        };
        tell(common, &vault);
        Ok(undone)
    }

    /// Somebody says that it is well, or it was seen to help: it stands.
    pub fn stands(&self, common: &Common, id: &str, saw: &str) -> Result<(), Failure> {
        let vault = self.wait(common)?;
        apply::confirm(&vault, id, saw).map_err(refused)?;
        tell(common, &vault);
        Ok(())
    }

    /// It did not help: it is undone, unless its timer was first.
    pub fn unhelpful(&self, common: &Common, id: &str, why: &str) -> Result<Option<Applied>, Failure> {
        let vault = self.wait(common)?;
        let outcome = match apply::unhelpful(&vault, id, why) {
            Err(Refusal::Unknown { .. }) => None,
            outcome => Some(outcome.map_err(refused)?),
        };
        tell(common, &vault);
        Ok(outcome)
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

fn failed(error: std::io::Error) -> Failure {
    Failure::Failed(error.to_string())
}

/// What the vault refuses was asked for wrongly.
pub fn refused(refusal: Refusal) -> Failure {
    match refusal {
        Refusal::Io(error) => failed(error),
        refusal => Failure::Usage(refusal.to_string()),
    }
}
