//! `hostward outbox verify`: a fresh look whether what a script was to mend is mended. How a script ended says nothing of it.

use super::output::{field, items, message};
use super::{Common, Failure, Found, Outcome, daemon, findings, output};
use crate::look::Look;
use crate::outbox::{Artifact, Stage};
use crate::percent::encode;
use crate::visible::visible;
use hostward_harden::finding::{OWN_TOOL, state::State, track::Tracked};
use serde_json::json;

/// Looks, and has the daemon note what was seen; exits with 1 when it is not mended.
pub fn act(common: &Common, id: &str) -> Outcome {
    let artifact = fetch(common, id)?;
    let (holds, saw) = note(common, &artifact)?;
    let seen = json!({ "id": id, "holds": holds, "before": artifact.before, "after": saw });
    output::either(common.format, &seen, |_| {
        format!("before  {}\nafter   {}\n", visible(&artifact.before), visible(&saw))
    });
    Ok(if holds { Found::Well } else { Found::Wrong })
}

/// Looks, and says nothing of it.
pub fn seen(common: &Common, id: &str) -> Result<(bool, String), Failure> {
    look(common, &fetch(common, id)?)
}

/// Looks, and has the daemon note it.
fn note(common: &Common, artifact: &Artifact) -> Result<(bool, String), Failure> {
    let (holds, saw) = look(common, artifact)?;
    let stage = if holds { Stage::Verified } else { Stage::Confirmed };
    let step = json!({ "stage": stage, "sha256": artifact.sha256, "comment": saw });
    daemon::post(common, &format!("outbox/{}/step", encode(&artifact.id)), &step)?;
    Ok((holds, saw))
}

/// The same after something was applied, where the host itself can say it; anything else has its own time.
pub fn afterwards(common: &Common, id: &str) {
    let Ok(artifact) = fetch(common, id) else { return };
    if !artifact.stands() || !matches!(check_of(common, &artifact), Ok(Some(_))) {
        return;
    }
    match note(common, &artifact) {
        Ok((_, saw)) => message(&format!("looked afresh: {saw}")),
        Err(Failure::Usage(why) | Failure::Failed(why)) => message(&format!("{id} is not verified: {why}")),
    }
}

fn fetch(common: &Common, id: &str) -> Result<Artifact, Failure> {
    let mut found = daemon::get(common, &format!("outbox/{}", encode(id)))?;
    serde_json::from_value(found["artifact"].take())
        .map_err(|error| Failure::Failed(format!("{id}: {error}")))
}

fn look(common: &Common, own: &Artifact) -> Result<(bool, String), Failure> {
    if let Some(check) = check_of(common, own)? {
        let look = Look { only: vec![check], ..Look::default() };
        let judged = look.judge().map_err(Failure::Usage)?;
        let seen = judged.verdict().map_err(Failure::Usage)?;
        judged.keep(&findings::directory(common)?).map_err(|error| Failure::Failed(error.to_string()))?;
        return Ok(seen);
    }
    if !own.alert.is_empty() {
        return alert(common, own);
    }
    match finding(common, own)? {
        Some(known) => scanned(own, &known),
        None => Err(Failure::Usage(format!(
            "{} answers nothing that could be looked at afresh; its own --verify is all there is",
            own.id
        ))),
    }
}

/// The check that is to hold, where one is.
fn check_of(common: &Common, own: &Artifact) -> Result<Option<String>, Failure> {
    if let Some(known) = finding(common, own)?.filter(|own| own.finding.tool == OWN_TOOL) {
        return Ok(Some(known.finding.rule));
    }
    let checks = crate::catalogue::checks(crate::catalogue::DIRECTORY.as_ref()).map_err(Failure::Usage)?;
    Ok(checks.into_iter().map(|check| check.id).find(|id| *id == own.alert_name))
}

fn finding(common: &Common, own: &Artifact) -> Result<Option<Tracked>, Failure> {
    if own.finding.is_empty() { Ok(None) } else { findings::find(common, &own.finding) }
}

/// The rule's expression decides, and the daemon evaluates it all the time.
fn alert(common: &Common, own: &Artifact) -> Result<(bool, String), Failure> {
    let all = daemon::get(common, "alerts")?;
    let open = |alert: &&serde_json::Value| {
        alert["id"] == own.alert && matches!(alert["state"].as_str(), Some("pending" | "firing"))
    };
    Ok(match items(&all, "alerts").iter().find(open) {
        Some(alert) => {
            (false, format!("{} is {}, {}", own.alert_name, field(alert, "state"), field(alert, "value")))
        }
        None => (true, format!("{} does not hold any more", own.alert_name)),
    })
}

/// Only a scan that is younger than the change says anything.
fn scanned(own: &Artifact, known: &Tracked) -> Result<(bool, String), Failure> {
    let applied_ms =
        own.steps.iter().rev().find(|step| step.stage == Stage::Confirmed).map_or(0, |step| step.at_ms);
    match known.state {
        State::Closed => Ok((true, format!("{} does not see it any more", known.finding.tool))),
        _ if known.last_ms > applied_ms => Ok((false, format!("{} still sees it", known.finding.tool))),
        _ => Err(Failure::Usage(format!(
            "{} has not looked since: scan again, then hostward findings import --complete FILE",
            known.finding.tool
        ))),
    }
}
