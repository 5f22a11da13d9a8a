//! Checks: things that should hold on a hardened host. Each is a file of data that names kinds of test and gives their
//! parameters; a kind of test is a file here. Checks never mention frameworks.

mod account;
mod applies;
mod audit_rule;
mod case;
mod expect;
mod file_mode;
mod kernel_module;
mod level;
mod mount_option;
mod one_of;
mod open_ports;
mod outcome;
mod package;
mod pam_module;
mod pattern;
mod presence;
mod setting;
mod sysctl;
mod test;
mod unit;

use crate::content::{self, ContentError};
use applies::Applies;
pub use case::Case;
pub use expect::{Expect, Unit};
use hostward_model::{Facts, Wanted};
pub use level::{Level, Profile};
use outcome::Outcome;
pub use outcome::{Judgement, Observation, Verdict};
pub(crate) use pattern::fits;
use serde::{Deserialize, Serialize};
use test::Test;

/// Something that should hold on a hardened host.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// `area.name`, which is also where its file is.
    pub id: String,
    /// What holds when it passes, in one sentence.
    pub title: String,
    /// What can happen when it does not hold.
    pub rationale: String,
    /// How much it matters.
    pub severity: Severity,
    /// What may stop working when it is made to hold.
    #[serde(default)]
    pub risks: Vec<String>,
    /// Name of the template that makes it hold, where there is one.
    pub template: Option<String>,
    /// Where the expected values come from.
    #[serde(default)]
    pub sources: Vec<String>,
    /// A purpose that a profile can declare; the check does not apply to a host that serves it.
    pub unless: Option<String>,
    #[serde(default)]
    applies: Applies,
    /// Every one of these must hold,
    #[serde(default)]
    all: Vec<Test>,
    /// and at least one of these, if there are any.
    #[serde(default)]
    any: Vec<Test>,
    /// Scraps of hosts with the verdict that they must get.
    #[serde(default, rename = "case")]
    pub cases: Vec<Case>,
}

/// How much a check matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good practice.
    Low,
    /// Makes an attack easier, or harder to find out about.
    Medium,
    /// Lets somebody in, or lets them become root.
    High,
}

impl Severity {
    /// The word in content.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
        }
    }
}

impl Check {
    /// Reads one check; `file` is the name that errors give.
    pub fn parse(file: &str, text: &str) -> Result<Check, ContentError> {
        let check: Check = content::parse(file, text)?;
        if check.all.is_empty() && check.any.is_empty() {
            return Err(ContentError::whole(file, "no test: give it [[all]] or [[any]]"));
        }
        if !check.id.split_once('.').is_some_and(|(area, name)| is_word(area) && is_word(name)) {
            let message = format!("id {:?}: expected area.name of a-z, 0-9, - and _", check.id);
            return Err(ContentError::whole(file, message));
        }
        let flaw = check.tests().find_map(Test::flaw);
        flaw.map_or(Ok(check), |message| Err(ContentError::whole(file, message)))
    }

    /// The part of the id before the dot.
    pub fn area(&self) -> &str {
        self.id.split('.').next().unwrap_or("")
    }

    /// The facts that it judges.
    pub fn wants(&self) -> Wanted {
        let mut wanted = self.applies.wants();
        self.tests().for_each(|test| wanted.extend(test.wants()));
        wanted
    }

    /// The settings of which it expects something at a level: as `area/key`, what, and how their numbers are written.
    pub fn settings(&self, level: Level) -> impl Iterator<Item = (String, &Expect, Unit)> {
        self.tests().filter_map(move |test| test.setting(level))
    }

    /// Judges a host by what is known of it.
    pub fn judge(&self, facts: &Facts, profile: &Profile) -> Judgement {
        let outcome = match self.exempt(facts, profile) {
            Some(outcome) => outcome,
            None => self.outcome(facts, profile),
        };
        Judgement::new(&self.id, outcome)
    }

    fn exempt(&self, facts: &Facts, profile: &Profile) -> Option<Outcome> {
        let declared = self.unless.as_ref().filter(|purpose| profile.declared.contains(*purpose));
        if let Some(purpose) = declared {
            return Some(Outcome::not_applicable(&format!("the profile declares this host a {purpose}")));
        }
        self.applies.exempt(facts)
    }

    fn outcome(&self, facts: &Facts, profile: &Profile) -> Outcome {
        let judged = |tests: &[Test]| -> Vec<Outcome> {
            tests.iter().filter_map(|test| test.judge(facts, profile)).collect()
        };
        let (mut all, any) = (judged(&self.all), judged(&self.any));
        all.extend(Outcome::any(any));
        Outcome::all(all)
    }

    fn tests(&self) -> impl Iterator<Item = &Test> {
        self.all.iter().chain(&self.any)
    }
}

fn is_word(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    !text.is_empty() && text.chars().all(plain)
}
