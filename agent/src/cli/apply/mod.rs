//! `hostward apply`, `confirm` and `rollback`: what changes this host. Root types them, or systemd does for root.

mod auto;
mod proof;
mod said;
mod script;
mod vault;

use super::{Common, Failure, Found, Outcome, output, verify};
use crate::apply::{self, Order, Outcome as Applied};
use crate::outbox::Stage;
use clap::Args;
use said::said;
use script::fetch;
use serde_json::json;
use std::path::Path;
use std::time::Duration;
use vault::{Place, refused};

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
        None => auto::act(common, &own.place, own.confined),
    }
}

/// Applies the script of that id.
fn one(common: &Common, own: &Apply, id: &str) -> Outcome {
    let (artifact, script) = fetch(common, id)?;
    if own.room {
        apply::check_script(&artifact, script.as_bytes()).map_err(refused)?;
        apply::room::prepare(Path::new(apply::room::UNITS), id, &script).map_err(refused)?;
        return Ok(Found::Well);
    }
    let order = Order {
        artifact: &artifact,
        script: script.as_bytes(),
        window: Duration::from_secs(own.window),
        by_itself: false,
        after_failures: own.after_failures,
        confined: own.confined,
    };
    let outcome = own.place.run(common, &order)?;
    let found = said(common, id, &outcome);
    verify::afterwards(common, id);
    Ok(found)
}

/// Says what answers on this host, for an `apply` that does not see its network.
pub fn ports() -> Outcome {
    let seen = serde_json::to_string(&apply::Ports::listening());
    output::data(&seen.map_err(|error| Failure::Failed(error.to_string()))?);
    Ok(Found::Well)
}

/// Lets what was applied stand.
pub fn confirm(common: &Common, own: &Confirm) -> Outcome {
    own.place.stands(common, &own.id, "")?;
    let stands = json!({ "id": own.id, "stage": Stage::Confirmed });
    output::either(common.format, &stands, |_| format!("{} stands\n", own.id));
    verify::afterwards(common, &own.id);
    Ok(Found::Well)
}

/// Undoes what was applied.
pub fn rollback(common: &Common, own: &Rollback) -> Outcome {
    std::thread::sleep(Duration::from_secs(own.after));
    let undone = own.place.undo(common, own.id.as_deref(), own.unless_confirmed)?;
    let stuck = undone.iter().any(|(_, outcome)| matches!(outcome, Applied::Stuck(_)));
    for (id, outcome) in &undone {
        said(common, id, outcome);
    }
    Ok(if stuck { Found::Wrong } else { Found::Well })
}
