//! A message as JSON: the shape of Alertmanager's webhook, so that what reads that reads this, and beside it what only
//! hostward knows, under `hostward`.

use super::message::Message;
use crate::json::labels;
use hostward_engine::telling::Notice;
use hostward_engine::{Evidence, Labels, State};
use hostward_model::{number, time};
use serde_json::{Value, json};

/// The message as an object.
pub fn webhook(message: &Message) -> Value {
    let (firing, _) = message.counts();
    let all: Vec<&Labels> = message.notices.iter().map(|own| &own.alert.labels).collect();
    let annotations: Vec<&Labels> = message.notices.iter().map(|own| &own.alert.annotations).collect();
    json!({
        "version": "4",
        "groupKey": format!("{}:{}", message.receiver, message.group),
        "truncatedAlerts": 0,
        "status": if firing > 0 { "firing" } else { "resolved" },
        "receiver": message.receiver,
        "groupLabels": labels(&message.group),
        "commonLabels": labels(&common(&all)),
        "commonAnnotations": labels(&common(&annotations)),
        "externalURL": message.external_url,
        "alerts": message.notices.iter().map(|own| alert(message, own)).collect::<Vec<_>>(),
        "hostward": {
            "version": env!("CARGO_PKG_VERSION"),
            "instance": message.instance,
            "sentAt": time::rfc3339(message.at_ms),
        },
    })
}

fn alert(message: &Message, notice: &Notice) -> Value {
    let own = &notice.alert;
    let acknowledged =
        own.acknowledged.as_ref().map(|seen| json!({ "by": seen.by, "comment": seen.comment }));
    json!({
        "status": own.state.as_str(),
        "labels": labels(&own.labels),
        "annotations": labels(&own.annotations),
        "startsAt": time::rfc3339(own.fired_ms.unwrap_or(own.active_ms)),
        "endsAt": own.resolved_ms.filter(|_| own.state == State::Resolved).map_or_else(never, time::rfc3339),
        "generatorURL": message.generator_url(own),
        "fingerprint": format!("{:016x}", own.labels.fingerprint()),
        "hostward": {
            "id": own.id,
            "expr": own.expr,
            "value": number::to_string(own.value),
            "activeAt": time::rfc3339(own.active_ms),
            "acknowledged": acknowledged,
            "flapping": notice.flapping,
            "reminder": notice.reminder,
            "evidence": own.evidence.iter().map(evidence).collect::<Vec<_>>(),
        },
    })
}

/// What Alertmanager says of an alert that has not ended.
fn never() -> String {
    "0001-01-01T00:00:00Z".to_owned()
}

fn evidence(own: &Evidence) -> Value {
    json!({
        "series": own.series,
        "value": number::to_string(own.value),
        "expected": own.expected.map(number::to_string),
        "band": own.band.map(|(low, high)| [number::to_string(low), number::to_string(high)]),
        "confidence": own.confidence,
    })
}

/// What all have with the same value.
fn common(all: &[&Labels]) -> Labels {
    let Some((first, rest)) = all.split_first() else { return Labels::default() };
    let shared = first.iter().filter(|(name, value)| rest.iter().all(|own| own.get(name) == *value));
    Labels::new(shared)
}

#[cfg(test)]
mod tests {
    use super::super::message::tests::message;
    use super::*;

    #[test]
    fn it_has_the_shape_of_alertmanagers() {
        let mut message = message(&[State::Firing, State::Resolved]);
        message.notices[0].alert.value = f64::INFINITY;
        let body = webhook(&message);
        let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
        assert_eq!(
            keys(&body),
            "alerts commonAnnotations commonLabels externalURL groupKey groupLabels hostward receiver status truncatedAlerts version"
        );
        assert_eq!(
            keys(&body["alerts"][0]),
            "annotations endsAt fingerprint generatorURL hostward labels startsAt status"
        );
        assert_eq!(body["commonLabels"], json!({ "alertname": "DiskFull", "mountpoint": "/srv" }));
        let ends: Vec<_> = body["alerts"].as_array().unwrap().iter().map(|own| &own["endsAt"]).collect();
        assert_eq!(ends, ["0001-01-01T00:00:00Z", "2026-11-21T04:16:40Z"]);
        assert_eq!(body["alerts"][0]["hostward"]["value"], "+Inf");
        assert_eq!(body["status"], "firing");
    }
}
