//! Engine values as JSON.

use crate::json::labels;
use crate::sampler::Status;
use hostward_engine::anomaly::{Incident, Judgement, Member};
use hostward_engine::telling::{Company, Mute, Standing, Told};
use hostward_engine::{Alert, Course, Evidence, Learnt, Moved, Transition};
use hostward_model::{number, time};
use serde_json::{Map, Value, json};

fn seconds(at_ms: i64) -> f64 {
    at_ms as f64 / 1000.0
}

/// An alert with everything that is known of it.
pub fn alert(alert: &Alert) -> Value {
    let instant = |at_ms: Option<i64>| at_ms.map(time::rfc3339);
    json!({
        "id": alert.id,
        "name": alert.name,
        "state": alert.state.as_str(),
        "value": number::to_string(alert.value),
        "expr": alert.expr,
        "labels": labels(&alert.labels),
        "annotations": labels(&alert.annotations),
        "activeAt": time::rfc3339(alert.active_ms),
        "firedAt": instant(alert.fired_ms),
        "resolvedAt": instant(alert.resolved_ms),
        "acknowledged": alert.acknowledged.as_ref().map(|own| json!({
            "by": own.by, "comment": own.comment, "at": time::rfc3339(own.at_ms), "until": instant(own.until_ms),
        })),
        "evidence": alert.evidence.iter().map(evidence).collect::<Vec<_>>(),
    })
}

/// A series beside its baseline.
pub fn evidence(evidence: &Evidence) -> Value {
    json!({
        "series": evidence.series,
        "value": number::to_string(evidence.value),
        "expected": evidence.expected,
        "band": evidence.band,
        "confidence": evidence.confidence,
    })
}

/// A change in an alert's life.
pub fn transition(transition: &Transition) -> Value {
    json!({
        "at": time::rfc3339(transition.at_ms),
        "from": transition.from.as_str(),
        "to": transition.alert.state.as_str(),
        "reason": transition.reason,
        "alert": alert(&transition.alert),
    })
}

/// How a probe fares.
pub fn probe(status: &Status) -> Value {
    let unseen = status.unseen();
    json!({
        "probe": status.probe,
        "up": status.at_ms.map(|_| status.trouble.is_none()),
        "reason": status.trouble.as_ref().map(|trouble| trouble.reason()),
        "message": status.trouble.as_ref().map(ToString::to_string),
        "everySeconds": status.every_ms as f64 / 1000.0,
        "durationSeconds": status.seconds,
        "lastRun": status.at_ms.map(time::rfc3339),
        "unseen": unseen.map(|(what, reason, grant)| json!({ "what": what, "reason": reason, "grant": grant }))
            .collect::<Vec<_>>(),
    })
}

/// An incident with its series, the likeliest cause first.
pub fn incident(incident: &Incident) -> Value {
    let alarm = incident.alerted.as_ref();
    json!({
        "id": incident.id,
        "since": time::rfc3339(incident.since_ms),
        "last": time::rfc3339(incident.last_ms),
        "open": incident.open,
        "score": incident.score,
        "level": number::to_string(incident.level),
        "alertedAt": alarm.map(|alarm| time::rfc3339(alarm.at_ms)),
        "cause": alarm.map(|alarm| alarm.series.to_string()),
        "members": incident.members.iter().map(|own| member(own, incident.since_ms)).collect::<Vec<_>>(),
        "leftOut": incident.left_out,
        "moved": incident.moved.iter().map(|own| moved(own, incident.since_ms)).collect::<Vec<_>>(),
    })
}

fn moved(own: &Moved, first_ms: i64) -> Value {
    json!({
        "series": own.series.to_string(),
        "onset": time::rfc3339(own.onset_ms),
        "leadSeconds": (first_ms - own.onset_ms) as f64 / 1000.0,
        "value": own.value,
        "band": own.band,
    })
}

fn member(member: &Member, first_ms: i64) -> Value {
    json!({
        "series": member.series.to_string(),
        "probe": &*member.probe,
        "onset": time::rfc3339(member.onset_ms),
        "lagSeconds": (member.onset_ms - first_ms) as f64 / 1000.0,
        "since": time::rfc3339(member.since_ms),
        "last": time::rfc3339(member.last_ms),
        "lastedSeconds": member.lasted_ms as f64 / 1000.0,
        "open": member.open,
        "before": member.before,
        "weight": member.weight(),
        "peak": judgement(&member.peak),
    })
}

fn judgement(own: &Judgement) -> Value {
    json!({
        "value": own.value,
        "expected": own.expected,
        "band": own.band,
        "confidence": own.confidence,
        "score": own.score,
        "channel": own.channel.as_str(),
    })
}

/// What was learnt of a series.
pub fn learnt(learnt: &Learnt) -> Value {
    let maturity = &learnt.maturity;
    json!({
        "series": learnt.series.to_string(),
        "state": maturity.stage.word(),
        "seen": maturity.seen,
        "since": time::rfc3339(maturity.since_ms),
        "day": maturity.day,
        "surest": maturity.surest,
        "now": learnt.now.as_ref().map(judgement),
        "unusualSince": learnt.anomaly.map(|episode| time::rfc3339(episode.since_ms)),
        "peak": learnt.anomaly.map(|episode| judgement(&episode.peak)),
        "before": learnt.before.0,
        "lastBefore": learnt.before.1.map(time::rfc3339),
        "settled": learnt.settled.map(|own| json!({ "at": time::rfc3339(own.at_ms), "was": own.was, "is": own.is })),
    })
}

/// A series over the last hours, times in seconds, and the day and week that are expected of it.
pub fn course(course: &Course) -> Value {
    let point = |(at_ms, value, band): &(i64, f64, Option<(f64, f64)>)| json!([seconds(*at_ms), value, band]);
    let usual = |(at_ms, band): &(i64, Option<(f64, f64)>)| json!([seconds(*at_ms), band]);
    json!({
        "baseline": learnt(&course.learnt),
        "points": course.points.iter().map(point).collect::<Vec<_>>(),
        "day": course.day.iter().map(usual).collect::<Vec<_>>(),
        "week": course.week.iter().map(usual).collect::<Vec<_>>(),
    })
}

/// How an alert is told.
pub fn standing(own: &Standing, mute: Option<&Mute>) -> Value {
    let told = |told: &Told| json!({ "state": told.state.as_str(), "at": time::rfc3339(told.at_ms) });
    let told: Map<_, _> = own.told.iter().map(|(name, own)| (name.clone(), told(own))).collect();
    let [silenced, inhibited, acknowledged] = match mute {
        Some(Mute::Silenced(id)) => [Some(id), None, None],
        Some(Mute::Inhibited(id)) => [None, Some(id), None],
        Some(Mute::Acknowledged(by)) => [None, None, Some(by)],
        None => [None; 3],
    };
    json!({
        "flapping": own.flapping,
        "silencedBy": silenced,
        "inhibitedBy": inhibited,
        "acknowledgedBy": acknowledged,
        "told": told,
    })
}

/// What an alert belongs together with.
pub fn company(own: &Company) -> Value {
    json!({
        "incident": own.incident.as_ref().map(|own| own.id),
        "alerts": own.alerts,
        "first": own.first.as_ref().map(|(what, at_ms)| json!({ "what": what, "at": time::rfc3339(*at_ms) })),
    })
}
