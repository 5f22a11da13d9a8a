//! What people should know about an answer that is an answer all the same.

use super::node::Place;
use hostward_model::number;
use std::collections::BTreeSet;

/// An evaluation notes so many different texts of each kind; more say nothing new.
const ANNOTATIONS_MAX: usize = 32;

/// Notes beside an answer, in the words that Prometheus has for them, so that its users know them again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Annotations {
    /// The answer is probably not what was asked for.
    pub warnings: BTreeSet<String>,
    /// The question is unusual.
    pub infos: BTreeSet<String>,
}

impl Annotations {
    /// Notes a warning about the part of the expression at `place`.
    pub fn warn(&mut self, place: Place, text: &str) {
        note(&mut self.warnings, format!("PromQL warning: {text} ({place})"));
    }

    /// Notes something less grave.
    pub fn inform(&mut self, place: Place, text: &str) {
        note(&mut self.infos, format!("PromQL info: {text} ({place})"));
    }

    /// A quantile beyond 0 to 1 is an infinity.
    pub fn check_share(&mut self, place: Place, share: f64) {
        if !(0.0..=1.0).contains(&share) {
            let share = number::to_string(share);
            self.warn(place, &format!("quantile value should be between 0 and 1, got {share}"));
        }
    }
}

fn note(texts: &mut BTreeSet<String>, text: String) {
    if texts.len() < ANNOTATIONS_MAX {
        texts.insert(text);
    }
}
