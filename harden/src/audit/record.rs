//! The record of an audit: what each check said, and what that adds up to.

use crate::check::{Check, Judgement, Level, Observation, Severity, Verdict};
use crate::compliance::{Framework, Grade, Score, Solution, Status};
use crate::finding::text;
use hostward_model::Origin;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Characters that are kept of a value of the host.
const VALUE_CHARS_MAX: usize = 2_000;

/// What an audit found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Of which host, when and how.
    #[serde(flatten)]
    pub about: About,
    /// What each check said, by id.
    pub checks: Vec<Checked>,
    /// Settings of which the chosen frameworks exclude each other's values.
    #[serde(default)]
    pub conflicts: Vec<Conflict>,
    /// What that adds up to.
    #[serde(default)]
    pub frameworks: Vec<Scored>,
}

/// Of which host, when and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// Name of the host; of an image, where it lies.
    pub host: String,
    /// When, as `2026-11-21T04:10:00Z`.
    pub at: String,
    /// Version of hostward.
    pub version: String,
    /// What the host is for; empty when nobody said.
    pub profile: String,
    /// How strictly.
    pub level: Level,
}

/// What a check said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// Its id.
    pub id: String,
    /// What holds when it passes.
    pub title: String,
    /// How much it matters.
    pub severity: Severity,
    /// What it says.
    pub verdict: Verdict,
    /// Why it does not apply, cannot be told or is waived.
    #[serde(default)]
    pub reason: String,
    /// What can happen when it does not hold.
    #[serde(default)]
    pub rationale: String,
    /// What may stop working when it is made to hold.
    #[serde(default)]
    pub risks: Vec<String>,
    /// Who asks for it.
    #[serde(default)]
    pub asked_by: Vec<Asking>,
    /// What was looked at; what is not as it should be comes first.
    #[serde(default)]
    pub observations: Vec<Seen>,
}

/// A requirement that a check speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asking {
    /// Id of the framework.
    pub framework: String,
    /// Its number there.
    pub requirement: String,
    /// How sure it is that they belong together.
    pub grade: Grade,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// What.
    pub what: String,
    /// What it is.
    pub observed: String,
    /// What it should be.
    pub wanted: String,
    /// Where that was found, for people.
    pub origin: Option<String>,
    /// The file of it.
    #[serde(default)]
    pub file: Option<String>,
    /// The line in it, from 1 on.
    #[serde(default)]
    pub line: Option<usize>,
    /// Whether it is as it should be.
    pub met: bool,
}

/// A setting of which frameworks exclude each other's values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// As `area/key`.
    pub setting: String,
    /// Who asks, and for what.
    pub asked: Vec<(String, String)>,
}

/// The score of a framework.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scored {
    /// What it is called on the command line.
    pub id: String,
    /// Its own name.
    pub title: String,
    /// Which edition.
    pub version: String,
    /// What its score says and does not say.
    #[serde(default)]
    pub about: String,
    /// Where the mapping comes from.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Passed requirements of those that were decided; nothing when none was.
    pub ratio_of_decided: Option<f64>,
    /// How many requirements have which status.
    #[serde(default)]
    pub counts: BTreeMap<String, usize>,
    /// What is known of each requirement.
    #[serde(default)]
    pub requirements: Vec<Known>,
}

/// What is known of a requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Its number in the framework.
    pub id: String,
    /// What is known.
    pub status: Status,
    /// The weakest grade of the checks that say so.
    pub grade: Option<Grade>,
}

impl Record {
    /// Puts together what was judged.
    pub fn new(
        about: About,
        judged: &[(&Check, Judgement)],
        conflicts: &[Solution],
        scores: &[(&Framework, Score)],
    ) -> Record {
        let frameworks: Vec<&Framework> = scores.iter().map(|(own, _)| *own).collect();
        let asked = asked(&frameworks);
        let about = About { host: clean(&about.host), ..about };
        Record {
            about,
            checks: judged.iter().map(|(check, own)| checked(check, own, &asked)).collect(),
            conflicts: conflicts
                .iter()
                .map(|own| Conflict { setting: own.setting.clone(), asked: own.asked.clone() })
                .collect(),
            frameworks: scores.iter().map(|(framework, score)| scored(framework, score)).collect(),
        }
    }

    /// How many checks say this.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.checks.iter().filter(|own| own.verdict == verdict).count()
    }

    /// Checks that say this, the worst first.
    pub fn of(&self, verdict: Verdict) -> Vec<&Checked> {
        let mut of: Vec<_> = self.checks.iter().filter(|own| own.verdict == verdict).collect();
        of.sort_by_key(|own| std::cmp::Reverse(own.severity));
        of
    }
}

impl Checked {
    /// What is not as it should be.
    pub fn flaws(&self) -> impl Iterator<Item = &Seen> {
        self.observations.iter().filter(|own| !own.met)
    }

    /// The part of the id before the dot.
    pub fn area(&self) -> &str {
        self.id.split('.').next().unwrap_or("")
    }
}

impl Seen {
    /// In one sentence, without where.
    pub fn said(&self) -> String {
        format!("{}: {}; wanted {}", self.what, self.observed, self.wanted)
    }
}

/// By check.
fn asked<'f>(frameworks: &[&'f Framework]) -> BTreeMap<&'f str, Vec<Asking>> {
    let mut asked: BTreeMap<&str, Vec<Asking>> = BTreeMap::new();
    for framework in frameworks {
        for (id, requirement) in &framework.requirements {
            for (check, grade) in requirement.checks() {
                let asking = Asking { framework: framework.id.clone(), requirement: id.clone(), grade };
                asked.entry(check).or_default().push(asking);
            }
        }
    }
    asked
}

fn checked(check: &Check, own: &Judgement, asked: &BTreeMap<&str, Vec<Asking>>) -> Checked {
    Checked {
        id: check.id.clone(),
        title: check.title.clone(),
        severity: check.severity,
        verdict: own.verdict,
        reason: clean(&own.reason),
        rationale: check.rationale.clone(),
        risks: check.risks.clone(),
        asked_by: asked.get(check.id.as_str()).cloned().unwrap_or_default(),
        observations: own.observations.iter().map(seen).collect(),
    }
}

fn seen(own: &Observation) -> Seen {
    let (file, line) = match &own.origin {
        Some(Origin::File(file, line)) => (Some(clean(file)), Some(*line).filter(|line| *line > 0)),
        _ => (None, None),
    };
    Seen {
        what: clean(&own.what),
        observed: clean(&own.observed),
        wanted: clean(&own.wanted),
        origin: own.origin.as_ref().map(|origin| clean(&origin.to_string())),
        file,
        line,
        met: own.met,
    }
}

fn scored(framework: &Framework, score: &Score) -> Scored {
    let known = |(id, (status, grade)): (&String, &(Status, Option<Grade>))| Known {
        id: id.clone(),
        status: *status,
        grade: *grade,
    };
    Scored {
        id: framework.id.clone(),
        title: framework.title.clone(),
        version: framework.version.clone(),
        about: framework.about.clone(),
        sources: framework.sources.clone(),
        ratio_of_decided: score.ratio(),
        counts: Status::ALL.iter().map(|own| (own.as_str().to_owned(), score.count(*own))).collect(),
        requirements: score.requirements.iter().map(known).collect(),
    }
}

/// Text of the host: one line, nothing that steers a terminal, not endless.
fn clean(value: &str) -> String {
    text::line(value, VALUE_CHARS_MAX)
}

#[cfg(test)]
mod tests {
    use super::super::testing::record;
    use super::*;

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let record = record();
        let text = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<Record>(&text).unwrap(), record);
        assert!(text.contains("\"not-applicable\"") && text.contains("\"passed as far as a host can tell\""));
    }

    #[test]
    fn text_of_the_host_is_harmless_and_bounded() {
        let flaw = record().checks[0].observations[0].clone();
        assert_eq!(flaw.observed, "\\u{1b}[2Jyes <b>&\"'");
        assert_eq!((flaw.file.as_deref(), flaw.line), (Some("/etc/ssh/a \"b\".conf"), Some(2)));
        assert_eq!(clean(&"x".repeat(3_000)).len(), VALUE_CHARS_MAX + 4);
    }

    #[test]
    fn a_check_knows_who_asks_for_it() {
        let asked = &record().checks[0].asked_by;
        assert_eq!((asked[0].framework.as_str(), asked[0].requirement.as_str()), ("cis", "5.1.20"));
    }
}
