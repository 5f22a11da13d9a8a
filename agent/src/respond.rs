//! From a firing alert to the script that answers it: finds the playbook, fills its header, fills the outbox.

use crate::content::{self, ContentError};
use crate::outbox::{Answered, Kind, Outbox, OutboxError, Outcome, Proposal};
use hostward_engine::Alert;
use hostward_harden::render::{self, Header, Playbook, PlaybookError};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// Where and when an alert is answered.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'a> {
    /// Directory of the administrator's playbooks.
    pub playbooks: &'a Path,
    /// File with what the host looks like now.
    pub evidence: Option<&'a Path>,
    /// Now, wall clock.
    pub at_ms: i64,
    /// Name of this host.
    pub host: &'a str,
}

/// Why an alert has no script.
#[derive(Debug)]
pub enum RespondError {
    /// Neither we nor the administrator have a playbook of that name.
    Unknown {
        /// The name that the rule gives.
        playbook: String,
    },
    /// The playbook's file cannot be read.
    Unreadable(ContentError),
    /// The playbook makes no sense.
    Malformed(PlaybookError),
    /// It could not be rendered or kept.
    Outbox(OutboxError),
}

/// Renders the playbook of a firing alert into the outbox; none when its rule names no playbook.
pub fn respond(
    outbox: &mut Outbox,
    alert: &Alert,
    at: Occasion<'_>,
) -> Result<Option<Outcome>, RespondError> {
    let Some(name) = alert.playbook() else { return Ok(None) };
    let playbook = find(name, at.playbooks)?;
    let labels = labels(alert);
    let inputs = given(&playbook, &labels);
    let Some(answers) = Answered::alert(alert) else { return Ok(None) };
    let proposal = Proposal {
        answers,
        kind: Kind::Diagnostic,
        playbook: name,
        inputs,
        confirm: false,
        by: "hostward",
        evidence: at.evidence,
        at_ms: at.at_ms,
        host: at.host,
    };
    let written = outbox.propose(proposal, |id| {
        playbook.render(&header(id, alert, at.host), &labels).map_err(|error| error.to_string())
    });
    written.map(Some).map_err(RespondError::Outbox)
}

fn find(name: &str, dir: &Path) -> Result<Playbook, RespondError> {
    let text = content::playbook(name, dir)
        .map_err(RespondError::Unreadable)?
        .ok_or_else(|| RespondError::Unknown { playbook: name.to_owned() })?;
    // The file name comes last in what an error names, so a built-in one is told by it too.
    let file = if Path::new(&text.origin).is_absolute() { &text.origin } else { &text.name };
    Playbook::parse(file, &text.text).map_err(RespondError::Malformed)
}

fn labels(alert: &Alert) -> BTreeMap<String, String> {
    alert.labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The labels that the playbook takes.
fn given(playbook: &Playbook, labels: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let taken = playbook.inputs().iter().filter_map(|input| labels.get_key_value(&input.name));
    taken.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn header(id: &str, alert: &Alert, host: &str) -> Header {
    Header {
        artifact: id.to_owned(),
        alert: alert.name.clone(),
        labels: alert.labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        expr: alert.expr.clone(),
        value: alert.value,
        summary: alert.annotations.get("summary").to_owned(),
        description: alert.annotations.get("description").to_owned(),
        evidence: alert.evidence.iter().map(evidence).collect(),
        at_ms: alert.fired_ms.unwrap_or(alert.active_ms),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        host: host.to_owned(),
    }
}

fn evidence(seen: &hostward_engine::Evidence) -> render::Evidence {
    render::Evidence {
        series: seen.series.clone(),
        value: seen.value,
        expected: seen.expected,
        band: seen.band,
        confidence: seen.confidence,
    }
}

impl fmt::Display for RespondError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RespondError::Unknown { playbook } => write!(
                f,
                "no playbook {playbook:?}; put {playbook}.sh into {} or correct the rule",
                content::PLAYBOOK_DIR
            ),
            RespondError::Unreadable(error) => write!(f, "{error}"),
            RespondError::Malformed(error) => write!(f, "{error}"),
            RespondError::Outbox(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for RespondError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::Bounds;
    use crate::state::testing::{Scratch, alert};
    use hostward_engine::State::Firing;
    use std::fs;

    fn responded(scratch: &Scratch, alert: &Alert) -> Result<Option<Outcome>, RespondError> {
        let mut outbox = Outbox::open(scratch.path(), Bounds { kept_max: 5, per_hour_max: 5 }).unwrap();
        let at =
            Occasion { playbooks: scratch.path(), evidence: None, at_ms: 1_795_234_567_891, host: "web1" };
        respond(&mut outbox, alert, at)
    }

    #[test]
    fn a_firing_alert_gets_a_script_that_bash_can_read() {
        let scratch = Scratch::new("respond");
        let mut alert = alert(1, Firing);
        let hostile = "/srv/it's $(reboot)\n`halt`";
        alert.labels.set("mountpoint", hostile);
        let Some(Outcome::Written { artifact, .. }) = responded(&scratch, &alert).unwrap() else {
            panic!("no script")
        };
        assert_eq!(
            (artifact.playbook.as_str(), artifact.inputs["mountpoint"].as_str()),
            ("disk-full", hostile)
        );
        let script = scratch.path().join("outbox").join(format!("{}.sh", artifact.id));
        assert!(fs::read_to_string(&script).unwrap().contains(&artifact.id));
        let read = std::process::Command::new("bash").arg("-n").arg(&script).output().unwrap();
        assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
        assert_eq!(responded(&scratch, &alert).unwrap(), Some(Outcome::Already));
    }

    #[test]
    fn an_alert_without_a_playbook_has_no_answer() {
        let scratch = Scratch::new("none");
        let mut alert = alert(1, Firing);
        alert.annotations.set("playbook", "");
        assert_eq!(responded(&scratch, &alert).unwrap(), None);
    }

    #[test]
    fn an_unknown_playbook_is_named() {
        let scratch = Scratch::new("unknown");
        let mut alert = alert(1, Firing);
        alert.annotations.set("playbook", "../../etc/shadow");
        let error = responded(&scratch, &alert).unwrap_err().to_string();
        assert!(error.starts_with("no playbook \"../../etc/shadow\";"), "{error}");
    }

    #[test]
    fn a_playbook_that_makes_no_sense_is_named_with_its_line() {
        let scratch = Scratch::new("malformed");
        fs::write(scratch.path().join("disk-full.sh"), "#!/bin/sh\necho no front matter\n").unwrap();
        let error = responded(&scratch, &alert(1, Firing)).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{}/disk-full.sh:", scratch.path().display())), "{error}");
    }

    /// Logins of sshd that fail, ten seconds apart: fifteen times about six, then a hundred and fifty.
    #[test]
    fn failed_logins_beyond_what_is_usual_are_an_incident_an_alert_and_a_script() {
        use hostward_engine::rules::RuleSet;
        use hostward_engine::{Effect, Engine, Input, Settings};
        use hostward_model::{Batch, Metric, Now};
        static LOGINS: Metric =
            Metric::counter("hostward_logins_total", "Logins.", &["service", "method", "result"]);
        let (texts, errors) = content::rules(true, &[]);
        assert!(errors.is_empty());
        let texts: Vec<_> =
            texts.into_iter().map(|text| (text.origin.to_string(), text.text.to_string())).collect();
        let mut engine = Engine::new(Settings::default());
        let mut now = Now::new(1_795_234_560_000, 1 << 50);
        engine.handle(now, Input::Rules(std::sync::Arc::new(RuleSet::parse(&texts).0)));
        let (mut total, mut fired) = (1000.0, Vec::new());
        let usual = [6.0, 5.0, 7.0, 6.0, 6.0, 8.0, 5.0, 6.0, 7.0, 5.0, 6.0, 6.0, 4.0, 7.0, 6.0];
        for (index, failed) in [0.0].into_iter().chain(usual).chain([150.0; 6]).enumerate() {
            total += failed;
            now = Now::new(now.wall_ms + 10_000, now.mono_ms + 10_000);
            let mut batch = Batch::new();
            batch.push(&LOGINS, &["sshd", "password", "failed"], total);
            engine.handle(now, Input::Batch { probe: "authlog", batch: &batch });
            engine.handle(now, Input::Wake);
            let transitions = std::iter::from_fn(|| engine.poll());
            fired.extend(transitions.filter_map(|effect| match effect {
                Effect::Alert(transition) if transition.alert.state == Firing => Some(transition.alert),
                _ => None,
            }));
            assert!(index > 15 || fired.is_empty(), "{fired:?}");
        }
        let view = engine.view();
        let anomaly = view.anomalies.iter().find(|own| own.metric == LOGINS.name).unwrap();
        assert!(anomaly.evidence.confidence.unwrap() >= 0.99, "{anomaly:?}");
        let incident = view.incidents.last().unwrap();
        assert_eq!(incident.first().unwrap().series.name(), LOGINS.name);
        let alert = fired.iter().find(|alert| alert.name == "FailedLoginBurst").unwrap();
        let scratch = Scratch::new("logins");
        let Some(Outcome::Written { artifact, .. }) = responded(&scratch, alert).unwrap() else {
            panic!("no script")
        };
        assert_eq!(
            (artifact.playbook.as_str(), artifact.inputs["service"].as_str()),
            ("failed-logins", "sshd")
        );
    }
}
