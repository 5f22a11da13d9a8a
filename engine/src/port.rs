//! What goes into the engine and what comes out.

use crate::alert::{Acknowledgement, Alert, Transition};
use crate::rules::RuleSet;
use crate::series::{Amend, NewLevel};
use hostward_model::Batch;
use std::sync::Arc;

/// What the engine is set to. Everything that can grow has its bound here.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How often samples come unless a probe has an interval of its own.
    pub interval_ms: u64,
    /// How often rule groups without an interval of their own are evaluated.
    pub evaluation_ms: u64,
    /// The rules of a group that come after the one that uses this up are skipped in this evaluation; counted in samples.
    pub group_ms: u64,
    /// Bound of the history in memory; the oldest samples go first.
    pub history_bytes_max: usize,
    /// Bound of the series table; a new series beyond it is refused and counted.
    pub series_max: usize,
    /// How many anomalies are exported at once; the strongest stay.
    pub anomalies_max: usize,
    /// How many false alarms a week the anomalies of all series together may raise.
    pub false_alarms_per_week: f64,
    /// How often [`Effect::Save`] is asked for.
    pub save_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            interval_ms: 10_000,
            evaluation_ms: 10_000,
            group_ms: 200,
            history_bytes_max: 8 << 20,
            series_max: 20_000,
            anomalies_max: 50,
            false_alarms_per_week: 1.0,
            save_ms: 5 * 60_000,
        }
    }
}

/// Everything that can happen to the engine.
#[derive(Debug)]
pub enum Input<'a> {
    /// One run of a probe. Series of this probe that are not in it have ended.
    Batch {
        /// Name of the probe.
        probe: &'a str,
        /// Its samples; empty when it failed.
        batch: &'a Batch,
    },
    /// Rules to judge by from now on; alerts of rules that are gone resolve.
    Rules(Arc<RuleSet>),
    /// Somebody saw an alert.
    Acknowledge(Acknowledgement),
    /// Somebody says that a series is usual as it is, or is to be learnt anew; one that is not there is left alone.
    Amend {
        /// Its name and labels, as a selector that only it matches.
        series: &'a str,
        /// What to do.
        amend: Amend,
    },
    /// Alerts that were open when the last process ended, as they were last written.
    Resume(Vec<Alert>),
    /// All batches of a tick are in, and the next tick is expected after so long. Rules are judged when a tick brings
    /// something new, each in the tick that is nearest to its time; [`Input::Wake`] is for ticks that do not come.
    Ticked {
        /// Until the next tick.
        next_ms: u64,
    },
    /// Time has passed: the deadline came.
    Wake,
}

/// Everything that the engine asks its shell to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Write this down durably, *then* publish the view.
    Alert(Box<Transition>),
    /// Write this down, too: a series settled at a new level.
    Settled(NewLevel),
    /// Take [`crate::Engine::save`] and keep it.
    Save,
}

/// How much of the engine a snapshot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Baselines and alerts: what took long to learn.
    Learning,
    /// The history of samples too: nothing changes by saving and restoring.
    Whole,
}
