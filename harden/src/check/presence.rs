//! Files are there, or are not.

use super::level::Levels;
use super::outcome::{Observation, Outcome};
use hostward_model::{Facts, Look};
use serde::Deserialize;

/// Parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Presence {
    /// Paths, or patterns of them.
    pub paths: Vec<String>,
    pub expect: Levels<State>,
}

/// What is expected of each path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Present,
    Absent,
}

impl Presence {
    pub fn judge(&self, facts: &Facts, state: State) -> Outcome {
        let mut observed = Vec::new();
        for path in &self.paths {
            let present = match facts.files.get(path) {
                Some(Look::Seen(_)) => true,
                Some(Look::Unseen(gap)) => return Outcome::error(&gap.reason),
                Some(Look::Absent(_)) | None => false,
            };
            let word = |present| if present { "present" } else { "absent" };
            let wanted = state == State::Present;
            observed.push(Observation::without(path, word(present), word(wanted), present == wanted));
        }
        Outcome::of(observed)
    }
}
