//! Requests that are answered from what is published, or from the store.

use super::shape;
use crate::clock;
use crate::outlet::parameters::Parameters;
use crate::outlet::problem::{Answer, Problem};
use crate::outlet::{Outlets, prometheus};
use hostward_engine::telling::company;
use hostward_engine::{State, View};
use hostward_model::time;
use serde_json::{Value, json};
use std::sync::PoisonError;
use std::sync::atomic::Ordering::Relaxed;

/// Transitions that are given at once unless fewer are asked for.
const TRANSITIONS_MAX: i64 = 1000;
/// Entries of the audit log that are given at once.
const AUDIT_MAX: usize = 1000;
/// The largest script that is shown.
const SCRIPT_BYTES_MAX: u64 = 1 << 20;

/// How this instance is.
pub fn status(outlets: &Outlets) -> Value {
    let (about, view) = (&outlets.about, outlets.published.view());
    let report = outlets.published.report();
    json!({
        "version": about.version,
        "pid": about.pid,
        "started": time::rfc3339(about.started_ms),
        "metrics": about.url,
        "stateDir": about.state_dir,
        "socket": about.socket,
        "root": about.root,
        "config": about.files,
        "configLoaded": outlets.published.vitals.reload_ok.load(Relaxed),
        "storeWritable": outlets.published.vitals.store_writable.load(Relaxed),
        "ready": report.is_some(),
        "ticks": report.as_ref().map(|report| report.ticks),
        "ticksMissed": report.as_ref().map(|report| report.missed),
        "engine": view.as_deref().map(engine),
    })
}

fn engine(view: &View) -> Value {
    let count = |state| view.alerts.iter().filter(|alert| alert.state == state).count();
    let anomaly = |own: &hostward_engine::view::Anomaly| json!({ "since": time::rfc3339(own.since_ms), "evidence": shape::evidence(&own.evidence) });
    json!({
        "at": time::rfc3339(view.at.wall_ms),
        "firing": count(State::Firing),
        "pending": count(State::Pending),
        "anomalies": view.anomalies.iter().map(anomaly).collect::<Vec<_>>(),
        "rules": view.rules.len(),
        "series": view.counts.series,
        "historyBytes": view.counts.history_bytes,
        "samples": view.counts.samples,
    })
}

/// Alerts that are pending or firing, and those that resolved lately, and how each is told.
pub async fn alerts(outlets: &Outlets) -> Value {
    let standings = outlets.recorder.ask(|store| store.standings(clock::now().wall_ms)).await;
    // How alerts are told is worth less than the alerts: a store that does not answer hides none.
    let standings = standings.and_then(Result::ok).unwrap_or_default();
    let view = outlets.published.view();
    let shaped = view.iter().flat_map(|view| &view.alerts).map(|alert| {
        let mut shaped = shape::alert(alert);
        let standing = standings.iter().find(|(own, _)| own.alert.id == alert.id);
        shaped["telling"] = standing.map_or(Value::Null, |(own, mute)| shape::standing(own, mute.as_ref()));
        shaped
    });
    json!({ "alerts": shaped.collect::<Vec<_>>() })
}

/// With what an alert belongs together.
pub fn together(outlets: &Outlets, id: &str) -> Answer {
    let view = outlets.published.view();
    let found = view.iter().find_map(|view| Some((view, view.alerts.iter().find(|own| own.id == id)?)));
    let (view, alert) = found.ok_or_else(|| Problem::not_found(format!("there is no alert {id}")))?;
    Ok(shape::company(&company(alert, &view.alerts, &view.incidents)))
}

/// The newest evidence bundle of an alert; nothing where none was written.
pub fn evidence(outlets: &Outlets, alert: &str) -> Answer {
    let found = crate::evidence::newest(&outlets.about.state_dir, alert);
    let found = found.map_err(|error| Problem::unavailable(error.to_string()))?;
    Ok(found.map_or(Value::Null, |(path, text)| json!({ "path": path, "text": text })))
}

/// Incidents, the newest first.
pub fn incidents(outlets: &Outlets) -> Value {
    let view = outlets.published.view();
    let incidents = view.iter().flat_map(|view| view.incidents.iter().rev());
    json!({ "incidents": incidents.map(|incident| shape::incident(incident)).collect::<Vec<_>>() })
}

/// Who changed hostward's mind, the newest first.
pub async fn audit(outlets: &Outlets) -> Answer {
    let entries = outlets.recorder.ask(|store| store.audits(AUDIT_MAX)).await.ok_or_else(Problem::busy)?;
    let entries = entries.map_err(|error| Problem::unavailable(error.to_string()))?;
    let shaped = entries.iter().map(
        |own| json!({ "at": time::rfc3339(own.at_ms), "by": own.by, "verb": own.verb, "object": own.object, "reason": own.reason }),
    );
    Ok(json!({ "entries": shaped.collect::<Vec<_>>() }))
}

/// Whether the audit log is as it was written.
pub async fn audit_chain(outlets: &Outlets) -> Answer {
    let chain = outlets.recorder.ask(|store| store.audit_chain()).await.ok_or_else(Problem::busy)?;
    let chain = chain.map_err(|error| Problem::unavailable(error.to_string()))?;
    let broken =
        chain.broken.iter().map(|(at_ms, what)| json!({ "at": time::rfc3339(*at_ms), "what": what }));
    Ok(json!({
        "linked": chain.linked,
        "unlinked": chain.unlinked,
        "head": chain.head,
        "broken": broken.collect::<Vec<_>>(),
    }))
}

/// How each rule fares.
pub fn rules(outlets: &Outlets) -> Value {
    let view = outlets.published.view();
    let rules = view.iter().flat_map(|view| &view.rules);
    let shaped = rules.map(|rule| {
        json!({ "group": rule.group, "name": rule.name, "lastError": rule.error, "unseenMetrics": rule.unseen })
    });
    json!({ "rules": shaped.collect::<Vec<_>>(), "groups": prometheus::groups(outlets, &Parameters::default()) })
}

/// How each probe fares.
pub fn probes(outlets: &Outlets) -> Value {
    let report = outlets.published.report();
    let probes = report.iter().flat_map(|report| &report.probes).map(shape::probe);
    json!({ "probes": probes.collect::<Vec<_>>() })
}

/// How each plugin fares.
pub fn plugins(outlets: &Outlets) -> Value {
    let plugins = outlets.published.vitals.plugins.lock().unwrap_or_else(PoisonError::into_inner).clone();
    json!({ "plugins": plugins.iter().map(crate::plugin::Status::json).collect::<Vec<_>>() })
}

/// The scripts, newest first.
pub async fn outbox(outlets: &Outlets) -> Answer {
    let artifacts = outlets.recorder.ask(|store| store.artifacts()).await.ok_or_else(Problem::busy)?;
    let artifacts = artifacts.map_err(|error| Problem::unavailable(error.to_string()))?;
    Ok(json!({ "artifacts": artifacts }))
}

/// A script with its text. Its id is looked up first, so it cannot lead anywhere else.
pub async fn artifact(outlets: &Outlets, id: String) -> Answer {
    let wanted = id.clone();
    let artifact =
        outlets.recorder.ask(move |store| store.artifact(&wanted)).await.ok_or_else(Problem::busy)?;
    let artifact = artifact.map_err(|error| Problem::unavailable(error.to_string()))?;
    let artifact =
        artifact.ok_or_else(|| Problem::not_found(format!("there is no script {id} in the outbox")))?;
    let path = outlets.about.state_dir.join("outbox").join(format!("{}.sh", artifact.id));
    let read = |path: &std::path::Path| {
        let large = std::fs::metadata(path)?.len() > SCRIPT_BYTES_MAX;
        if large { Err(std::io::Error::other("too large")) } else { std::fs::read_to_string(path) }
    };
    let script = read(&path).map_err(|error| Problem::unavailable(format!("{}: {error}", path.display())))?;
    Ok(json!({ "artifact": artifact, "path": path, "script": script }))
}

/// The last changes of alerts, newest first.
pub async fn transitions(outlets: &Outlets, parameters: &Parameters) -> Answer {
    let limit = parameters.seconds_ms("limit", Some(TRANSITIONS_MAX * 1000))? / 1000;
    let limit = limit.clamp(0, TRANSITIONS_MAX) as usize;
    let transitions =
        outlets.recorder.ask(move |store| store.transitions(limit)).await.ok_or_else(Problem::busy)?;
    let transitions = transitions.map_err(|error| Problem::unavailable(error.to_string()))?;
    Ok(json!({ "transitions": transitions.iter().map(shape::transition).collect::<Vec<_>>() }))
}
