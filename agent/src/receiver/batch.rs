//! What is said at once: notices with the same labels, as a message.

use super::Settings;
use super::message::Message;
use crate::clock;
use hostward_engine::telling::Notice;
use hostward_engine::{Alert, Labels, State};

/// A message to a receiver.
pub fn message(
    settings: &Settings,
    receiver: &str,
    notices: Vec<Notice>,
    group_by: &[String],
    valid_ms: u64,
) -> Message {
    let at_ms = clock::now().wall_ms;
    let group = notices.first().map_or_else(Labels::default, |first| group_of(first, group_by));
    Message {
        receiver: receiver.to_owned(),
        instance: settings.instance.clone(),
        external_url: settings.external_url.clone(),
        group,
        notices,
        at_ms,
        valid_ms: at_ms.saturating_add(i64::try_from(valid_ms).unwrap_or(i64::MAX)),
    }
}

/// An alert that no rule raises.
pub fn standing_alert(name: &str, summary: &str, since_ms: i64) -> Alert {
    let labels = Labels::new([("alertname", name), ("severity", "none")]);
    Alert {
        id: format!("{:016x}", labels.fingerprint()),
        name: name.to_owned(),
        labels,
        annotations: Labels::new([("summary", summary)]),
        expr: "vector(1)".to_owned(),
        state: State::Firing,
        value: 1.0,
        active_ms: since_ms,
        fired_ms: Some(since_ms),
        resolved_ms: None,
        acknowledged: None,
        evidence: Vec::new(),
    }
}

fn group_of(notice: &Notice, group_by: &[String]) -> Labels {
    Labels::new(group_by.iter().map(|name| (name, notice.alert.labels.get(name))))
}

/// Notices with the same labels together, groups and notices in the order in which they came.
pub fn grouped(due: Vec<(String, Notice)>, group_by: &[String]) -> Vec<Vec<(String, Notice)>> {
    let mut groups: Vec<(Labels, Vec<_>)> = Vec::new();
    for own in due {
        let labels = group_of(&own.1, group_by);
        match groups.iter_mut().find(|(known, _)| *known == labels) {
            Some((_, group)) => group.push(own),
            None => groups.push((labels, vec![own])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

#[cfg(test)]
mod tests {
    use super::super::message::tests::message;
    use super::*;

    #[test]
    fn groups_keep_their_order() {
        let mut notices = message(&[State::Firing; 5]).notices;
        notices[1].alert.labels.set("alertname", "Other");
        notices[4].alert.labels.set("alertname", "Other");
        let due = notices.into_iter().enumerate().map(|(n, own)| (n.to_string(), own)).collect();
        let keys = |group: Vec<(String, Notice)>| group.into_iter().map(|own| own.0).collect::<String>();
        let groups: Vec<_> = grouped(due, &["alertname".to_owned()]).into_iter().map(keys).collect();
        assert_eq!(groups, ["023", "14"]);
    }
}
