//! A directory is a mount of its own whose options take away what it does not need.

use super::level::Levels;
use super::outcome::{Observation, Outcome};
use super::test::WhenAbsent;
use hostward_model::{Fact, Facts, Look};
use serde::Deserialize;

/// Parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MountOption {
    point: String,
    /// What it means when the directory is no mount.
    #[serde(default)]
    when_absent: WhenAbsent,
    pub expect: Levels<Vec<String>>,
}

impl MountOption {
    pub fn judge(&self, facts: &Facts, options: &[String]) -> Outcome {
        let mut observed = Vec::new();
        for area in ["mounts", "fstab"] {
            match facts.areas.get(area) {
                Some(Look::Seen(all)) => {
                    // Of several mounts on one directory the last is seen by programs.
                    let last = all.iter().rev().find(|fact| fact.scope == self.point);
                    observed.extend(last.map(|fact| observe(fact, options)));
                }
                Some(Look::Unseen(gap)) => return Outcome::error(&gap.reason),
                Some(Look::Absent(_)) | None => {}
            }
        }
        if observed.is_empty() {
            return self.when_absent.outcome(&format!("a mount at {}", self.point));
        }
        Outcome::of(observed)
    }
}

fn observe(fact: &Fact, options: &[String]) -> Observation {
    let met = options.iter().all(|option| fact.value.split(',').any(|own| own == option));
    Observation::of(fact, &format!("with {}", options.join(", ")), met)
}
