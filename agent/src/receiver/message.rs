//! What is said at once, and how it reads for people.

use crate::percent::encode;
use hostward_engine::telling::{Notice, Severity};
use hostward_engine::{Alert, Labels, State};
use hostward_model::time;

/// Notices that are said at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// To whom.
    pub receiver: String,
    /// The host's name.
    pub instance: String,
    /// Where expressions can be looked at.
    pub external_url: String,
    /// The labels that these notices have in common because they were grouped by them.
    pub group: Labels,
    /// In the order in which they came.
    pub notices: Vec<Notice>,
    /// When, wall clock.
    pub at_ms: i64,
    /// Until when what fires counts as firing without another word.
    pub valid_ms: i64,
}

impl Message {
    /// How many fire, and how many have ended.
    pub fn counts(&self) -> (usize, usize) {
        let resolved = self.notices.iter().filter(|own| own.alert.state == State::Resolved).count();
        (self.notices.len() - resolved, resolved)
    }

    /// How grave it is: the gravest of what fires.
    pub fn severity(&self) -> Severity {
        let firing = self.notices.iter().filter(|own| own.alert.state == State::Firing);
        firing.map(|own| Severity::of(own.alert.labels.get("severity"))).max().unwrap_or_default()
    }

    /// One line: how many, of what, where.
    pub fn title(&self) -> String {
        let (firing, resolved) = self.counts();
        let words = [("FIRING", firing), ("RESOLVED", resolved)];
        let told =
            words.iter().filter(|(_, count)| *count > 0).map(|(word, count)| format!("{word} {count}"));
        let mut names: Vec<_> = self.notices.iter().map(|own| plain(&own.alert.name)).collect();
        names.sort();
        names.dedup();
        let more = names.len().saturating_sub(NAMES_MAX);
        names.truncate(NAMES_MAX);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!(
            "[{}] {}{more} on {}",
            told.collect::<Vec<_>>().join(", "),
            names.join(", "),
            plain(&self.instance)
        )
    }

    /// A line for each notice, as many as fit into so many bytes; the last line says how many did not.
    pub fn lines(&self, bytes_max: usize) -> Vec<String> {
        let (mut lines, mut bytes) = (Vec::new(), 0);
        for (index, notice) in self.notices.iter().enumerate() {
            let line = line(notice);
            bytes += line.len() + 1;
            if bytes + MORE_BYTES > bytes_max {
                lines.push(format!("… and {} more", self.notices.len() - index));
                break;
            }
            lines.push(line);
        }
        lines
    }

    /// Where an alert's expression can be looked at.
    pub fn generator_url(&self, alert: &Alert) -> String {
        let base = self.external_url.trim_end_matches('/');
        format!("{base}/graph?g0.expr={}&g0.tab=1", encode(&alert.expr))
    }
}

/// Names in a title.
const NAMES_MAX: usize = 3;
/// Room for the last line.
const MORE_BYTES: usize = 40;
/// Bound of a summary and of the labels in a line.
const PART_CHARS_MAX: usize = 400;

fn line(notice: &Notice) -> String {
    let alert = &notice.alert;
    let severity = Some(alert.labels.get("severity")).filter(|word| !word.is_empty());
    let severity = severity.map_or_else(String::new, |word| format!(" ({})", plain(word)));
    let mark = match (notice.flapping, notice.reminder) {
        (true, _) => ", flapping: not told again until it is calm",
        (false, true) => ", still",
        (false, false) => "",
    };
    let (word, at_ms) = match alert.state {
        State::Resolved => ("RESOLVED", alert.resolved_ms.unwrap_or(notice.at_ms)),
        _ => ("FIRING", alert.fired_ms.unwrap_or(alert.active_ms)),
    };
    let summary = [alert.annotations.get("summary"), alert.annotations.get("description")];
    let summary = summary.into_iter().find(|text| !text.is_empty()).unwrap_or("no summary");
    let mut labels = alert.labels.clone();
    // Both stand before them already.
    ["alertname", "severity"].iter().for_each(|name| labels.set(name, ""));
    format!(
        "{word} {}{severity}{mark}: {} {} since {}",
        plain(&alert.name),
        cut(&plain(summary)),
        cut(&plain(&labels.to_string())),
        time::rfc3339(at_ms)
    )
}

/// Text from outside on one line: what could move a cursor or begin a header is a blank.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn cut(text: &str) -> String {
    if text.chars().count() <= PART_CHARS_MAX {
        return text.to_owned();
    }
    text.chars().take(PART_CHARS_MAX).chain(['…']).collect()
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::state::testing::alert;
    use expect_test::expect;

    pub fn message(states: &[State]) -> Message {
        let notice = |(n, state): (usize, &State)| {
            let (receiver, alert) = ("a".to_owned(), alert(n as u64, *state));
            Notice { receiver, alert, flapping: n == 2, reminder: n == 1, at_ms: 1_795_234_600_000 }
        };
        Message {
            receiver: "a".to_owned(),
            instance: "web1".to_owned(),
            external_url: "https://prometheus.example.org/".to_owned(),
            group: Labels::new([("alertname", "DiskFull")]),
            notices: states.iter().enumerate().map(notice).collect(),
            at_ms: 1_795_234_700_000,
            valid_ms: 1_795_234_940_000,
        }
    }

    #[test]
    fn it_reads_well() {
        let message = message(&[State::Resolved, State::Firing, State::Firing]);
        expect!["[FIRING 2, RESOLVED 1] DiskFull on web1"].assert_eq(&message.title());
        expect![[r#"
            RESOLVED DiskFull: /srv is full {mountpoint="/srv",n="0"} since 2026-11-21T04:16:40Z
            FIRING DiskFull, still: /srv is full {mountpoint="/srv",n="1"} since 2026-11-21T04:16:07Z
            FIRING DiskFull, flapping: not told again until it is calm: /srv is full {mountpoint="/srv",n="2"} since 2026-11-21T04:16:07Z"#]]
        .assert_eq(&message.lines(4000).join("\n"));
        expect![
            "https://prometheus.example.org/graph?g0.expr=node_filesystem_avail_bytes%20%3C%201&g0.tab=1"
        ]
        .assert_eq(&message.generator_url(&message.notices[0].alert));
    }

    #[test]
    fn however_much_there_is_it_fits() {
        let message = message(&[State::Firing; 100]);
        let lines = message.lines(1000);
        assert!(lines.iter().map(|line| line.len() + 1).sum::<usize>() <= 1000);
        assert!(lines.last().unwrap().starts_with("… and 9"), "{lines:?}");
    }

    #[test]
    fn text_from_outside_stays_on_its_line() {
        let mut message = message(&[State::Firing]);
        message.notices[0].alert.annotations.set("summary", "a\r\nBcc: x\u{1b}[2J");
        message.notices[0].alert.name = "a\nb".to_owned();
        let all = format!("{}{}", message.title(), message.lines(4000).join(""));
        assert!(!all.contains(|c: char| c.is_control()), "{all:?}");
    }
}
