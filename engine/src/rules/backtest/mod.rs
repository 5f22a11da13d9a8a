//! What rules would have said: their whole life is played again over what is remembered.
//!
//! The evaluator and the lifecycle are those of the daemon. Where nothing was recorded, nothing is judged, as in a daemon
//! that did not run.

mod memo;

use super::RuleSet;
use crate::alert::{State, Transition};
use crate::labels::Labels;
use crate::lifecycle::Lifecycle;
use crate::promql::source::Source;
use hostward_model::Now;
use memo::Memo;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Added to times that count from the epoch, so that those before it can be told on a clock without a sign.
const ORIGIN_MS: i64 = 1 << 50;

/// Over which time, and how often.
#[derive(Clone, Debug)]
pub struct Replay {
    /// Begin.
    pub from_ms: i64,
    /// End.
    pub to_ms: i64,
    /// Between two evaluations of groups without an interval of their own.
    pub evaluation_ms: u64,
    /// The stretches of it that were recorded, in order.
    pub spans: Vec<(i64, i64)>,
}

/// One time that the condition of a rule held.
#[derive(Clone, Debug, PartialEq)]
pub struct Episode {
    /// Name of the rule.
    pub rule: String,
    /// Of the alert.
    pub labels: Labels,
    /// The value when it fired, or when it began.
    pub value: f64,
    /// Since when the condition held.
    pub began_ms: i64,
    /// When the alert fired, if it did.
    pub fired_ms: Option<i64>,
    /// When it ended; not within the time that was looked at if there is none.
    pub ended_ms: Option<i64>,
}

/// What became of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// In the order of their beginnings.
    pub episodes: Vec<Episode>,
    /// The first error of each rule that had one.
    pub errors: BTreeMap<String, String>,
    /// How long was recorded of the time that was looked at.
    pub recorded_ms: i64,
}

/// Plays rules over a source.
pub fn backtest(rules: Arc<RuleSet>, source: &dyn Source, replay: &Replay) -> Outcome {
    let step_ms =
        rules.groups.iter().filter_map(|group| group.interval_ms).fold(replay.evaluation_ms, u64::min);
    let step_ms = i64::try_from(step_ms.max(1)).unwrap_or(i64::MAX);
    let (memo, mut lifecycle, mut told) = (Memo::new(source), Lifecycle::default(), Told::default());
    let mut at_ms = replay.from_ms.div_euclid(step_ms) * step_ms;
    lifecycle.set_rules(now(at_ms), rules, replay.evaluation_ms);
    let mut was_recorded = false;
    while at_ms <= replay.to_ms {
        let now = now(at_ms);
        if replay.is_recorded(at_ms) {
            if !std::mem::replace(&mut was_recorded, true) {
                lifecycle.pardon(now);
            }
            lifecycle.play(now, &memo);
            for (name, error) in lifecycle.failures() {
                told.outcome.errors.entry(name.to_owned()).or_insert_with(|| error.to_owned());
            }
        } else {
            was_recorded = false;
            lifecycle.skip(now.mono_ms);
        }
        lifecycle.take_transitions().for_each(|transition| told.hear(transition));
        at_ms = at_ms.saturating_add(step_ms);
    }
    told.end(replay)
}

fn now(at_ms: i64) -> Now {
    Now::new(at_ms, u64::try_from(at_ms.saturating_add(ORIGIN_MS)).unwrap_or(0))
}

impl Replay {
    fn is_recorded(&self, at_ms: i64) -> bool {
        let after = self.spans.partition_point(|(from_ms, _)| *from_ms <= at_ms);
        self.spans[..after].iter().rev().take(2).any(|(_, to_ms)| at_ms < *to_ms)
    }

    /// How much of it was recorded.
    pub fn recorded_ms(&self) -> i64 {
        let within = |(from_ms, to_ms): &(i64, i64)| (*to_ms).min(self.to_ms) - (*from_ms).max(self.from_ms);
        self.spans.iter().map(within).filter(|length| *length > 0).sum()
    }
}

/// Episodes as they come about.
#[derive(Default)]
struct Told {
    outcome: Outcome,
    open: BTreeMap<String, usize>,
}

impl Told {
    fn hear(&mut self, transition: Transition) {
        let (alert, at_ms) = (transition.alert, transition.at_ms);
        let episodes = &mut self.outcome.episodes;
        let place = *self.open.entry(alert.id).or_insert_with(|| {
            let (rule, began_ms) = (alert.name, alert.active_ms);
            let (fired_ms, ended_ms) = (None, None);
            episodes.push(Episode {
                rule,
                labels: alert.labels,
                value: alert.value,
                began_ms,
                fired_ms,
                ended_ms,
            });
            episodes.len() - 1
        });
        let episode = &mut episodes[place];
        match alert.state {
            State::Pending => {}
            State::Firing => (episode.fired_ms, episode.value) = (Some(at_ms), alert.value),
            State::Inactive | State::Resolved => {
                episode.ended_ms = Some(at_ms);
                self.open.retain(|_, own| *own != place);
            }
        }
    }

    fn end(mut self, replay: &Replay) -> Outcome {
        self.outcome.recorded_ms = replay.recorded_ms();
        self.outcome
    }
}
