//! `rules` and `alerts`, in Prometheus' words.

use super::json::exponential;
use crate::outlet::Outlets;
use crate::outlet::parameters::Parameters;
use hostward_engine::rules::{Group, Rule, RuleKind, Template};
use hostward_engine::view::RuleStatus;
use hostward_engine::{Alert, Labels, State, View};
use hostward_model::time;
use serde_json::{Map, Value, json};

/// The groups with their rules and alerts.
pub fn groups(outlets: &Outlets, parameters: &Parameters) -> Value {
    let ((rules, usual_ms), view) = (outlets.published.rules(), outlets.published.view().unwrap_or_default());
    let groups = rules.groups.iter().filter_map(|group| {
        let mut shown = shown_group(group, &view, parameters)?;
        shown["interval"] = (group.interval_ms.unwrap_or(usual_ms) as f64 / 1000.0).into();
        Some(shown)
    });
    Value::Array(groups.collect())
}

/// Alerts that are pending or firing.
pub fn alerts(outlets: &Outlets) -> Value {
    let view = outlets.published.view().unwrap_or_default();
    Value::Array(view.alerts.iter().filter(|alert| is_open(alert)).map(shown_alert).collect())
}

fn shown_group(group: &Group, view: &View, parameters: &Parameters) -> Option<Value> {
    let is_wanted = |name: &str, own: &str| {
        let wanted = parameters.all(name);
        wanted.is_empty() || wanted.contains(&own)
    };
    if !is_wanted("rule_group[]", &group.name) || !is_wanted("file[]", &group.file) {
        return None;
    }
    let kind = |rule: &&Rule| match parameters.get("type") {
        Some("alert") => rule.kind == RuleKind::Alert,
        Some("record") => rule.kind == RuleKind::Record,
        _ => true,
    };
    let rules = group.rules.iter().filter(kind).filter(|rule| is_wanted("rule_name[]", &rule.name));
    let rules: Vec<_> = rules.map(|rule| shown_rule(group, rule, view)).collect();
    let is_left = !rules.is_empty() || group.rules.is_empty();
    is_left.then(|| {
        json!({
            "name": group.name,
            "file": group.file,
            "limit": group.limit,
            "rules": rules,
            "lastEvaluation": time::rfc3339(view.at.wall_ms),
        })
    })
}

fn shown_rule(group: &Group, rule: &Rule, view: &View) -> Value {
    let is_it = |status: &&RuleStatus| status.group == group.name && status.name == rule.name;
    let error = view.rules.iter().find(is_it).map(|status| status.error.as_str());
    let mut shown = json!({
        "name": rule.name,
        "query": rule.expr.text(),
        "labels": templates(&rule.labels),
        "health": match error { None => "unknown", Some("") => "ok", Some(_) => "err" },
        "lastEvaluation": time::rfc3339(view.at.wall_ms),
        "type": if rule.kind == RuleKind::Alert { "alerting" } else { "recording" },
    });
    if let Some(error) = error.filter(|error| !error.is_empty()) {
        shown["lastError"] = error.into();
    }
    if rule.kind == RuleKind::Alert {
        let own =
            |alert: &&Alert| alert.name == rule.name && alert.expr == rule.expr.text() && is_open(alert);
        let alerts: Vec<&Alert> = view.alerts.iter().filter(own).collect();
        shown["state"] = state(&alerts).into();
        shown["duration"] = (rule.for_ms as f64 / 1000.0).into();
        shown["keepFiringFor"] = (rule.keep_firing_for_ms as f64 / 1000.0).into();
        shown["annotations"] = templates(&rule.annotations);
        shown["alerts"] = alerts.into_iter().map(shown_alert).collect();
    }
    shown
}

fn state(alerts: &[&Alert]) -> &'static str {
    let has = |state| alerts.iter().any(|alert| alert.state == state);
    match (has(State::Firing), has(State::Pending)) {
        (true, _) => "firing",
        (_, true) => "pending",
        _ => "inactive",
    }
}

fn is_open(alert: &Alert) -> bool {
    matches!(alert.state, State::Pending | State::Firing)
}

fn templates(own: &[(String, Template)]) -> Value {
    Value::Object(own.iter().map(|(name, text)| (name.clone(), text.text().into())).collect())
}

fn shown_alert(alert: &Alert) -> Value {
    let object = |labels: &Labels| {
        let pairs = labels.iter().map(|(name, value)| (name.to_owned(), Value::from(value)));
        Value::Object(pairs.collect::<Map<_, _>>())
    };
    json!({
        "labels": object(&alert.labels),
        "annotations": object(&alert.annotations),
        "state": alert.state.as_str(),
        "activeAt": time::rfc3339(alert.active_ms),
        "value": exponential(alert.value),
    })
}
