//! Numbers about receivers and silences. The sampler turns them into samples of the probe `hostward`, so that rules can
//! speak of them: who is told when nobody can be told?

use crate::silence::Silence;
use crate::state::Fate;
use hostward_model::{Batch, Metric};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

static TOLD: Metric = Metric::counter(
    "hostward_notifications_total",
    "Notices by receiver and what became of them; failed ones are tried again.",
    &["receiver", "outcome"],
);
static WAITING: Metric =
    Metric::gauge("hostward_notifications_waiting", "Notices that wait for a receiver.", &["receiver"]);
static AWAY: Metric = Metric::gauge(
    "hostward_receiver_away",
    "Whether a receiver has failed so often that it is tried at long distances only.",
    &["receiver"],
);
static SUCCESS: Metric = Metric::gauge(
    "hostward_receiver_last_success_timestamp_seconds",
    "When a receiver last took something; absent until it does.",
    &["receiver"],
);
static SILENCES: Metric =
    Metric::gauge("hostward_silences", "Silences that hold now (active) or will hold (waiting).", &["state"]);
static SILENCED_SINCE: Metric = Metric::gauge(
    "hostward_silence_created_timestamp_seconds",
    "When a silence that holds or will hold was asked for.",
    &["silence"],
);
static MATCHED: Metric = Metric::gauge(
    "hostward_silence_last_match_timestamp_seconds",
    "When an alert that fired last matched a silence; absent until one does.",
    &["silence"],
);

/// All of these.
pub const METRICS: [&Metric; 7] = [&TOLD, &WAITING, &AWAY, &SUCCESS, &SILENCES, &SILENCED_SINCE, &MATCHED];

/// The numbers, shared by the receivers' thread and the sampler.
#[derive(Debug, Default)]
pub struct Tally(Mutex<Numbers>);

#[derive(Debug, Default)]
struct Numbers {
    receivers: BTreeMap<String, One>,
    silences: Vec<(String, &'static str, i64, Option<i64>)>,
}

/// One receiver.
#[derive(Debug, Default)]
struct One {
    fates: BTreeMap<Fate, u64>,
    waiting: u64,
    is_away: bool,
    success_ms: Option<i64>,
}

impl Tally {
    /// Keeps the numbers of these receivers only, and begins those of new ones.
    pub fn keep(&self, receivers: &[&str]) {
        let mut numbers = self.locked();
        numbers.receivers.retain(|name, _| receivers.contains(&name.as_str()));
        for name in receivers {
            numbers.receivers.entry((*name).to_owned()).or_default();
        }
    }

    /// So many notices had that fate.
    pub fn count(&self, receiver: &str, fate: Fate, notices: u64) {
        if let Some(own) = self.locked().receivers.get_mut(receiver) {
            *own.fates.entry(fate).or_default() += notices;
        }
    }

    /// The receiver took something, or whether it counts as away.
    pub fn fared(&self, receiver: &str, success_ms: Option<i64>, is_away: bool) {
        if let Some(own) = self.locked().receivers.get_mut(receiver) {
            own.is_away = is_away;
            own.success_ms = success_ms.or(own.success_ms);
        }
    }

    /// So many notices wait for each.
    pub fn set_waiting(&self, waiting: &BTreeMap<String, u64>) {
        let mut numbers = self.locked();
        numbers
            .receivers
            .iter_mut()
            .for_each(|(name, own)| own.waiting = waiting.get(name).copied().unwrap_or(0));
    }

    /// The silences that are not over.
    pub fn set_silences(&self, all: &[Silence], now_ms: i64) {
        let open = all.iter().filter(|own| !own.is_over(now_ms));
        let one = |own: &Silence| (own.id.clone(), own.state(now_ms), own.created_ms, own.matched_ms);
        self.locked().silences = open.map(one).collect();
    }

    /// Appends the samples.
    pub fn fill(&self, out: &mut Batch) {
        let numbers = self.locked();
        for (name, own) in &numbers.receivers {
            for fate in Fate::ALL {
                let count = own.fates.get(&fate).copied().unwrap_or(0);
                out.push(&TOLD, &[name, fate.as_str()], count as f64);
            }
            out.push(&WAITING, &[name], own.waiting as f64);
            out.push(&AWAY, &[name], f64::from(u8::from(own.is_away)));
            if let Some(at_ms) = own.success_ms {
                out.push(&SUCCESS, &[name], at_ms as f64 / 1000.0);
            }
        }
        for state in ["active", "waiting"] {
            let count = numbers.silences.iter().filter(|own| own.1 == state).count();
            out.push(&SILENCES, &[state], count as f64);
        }
        for (id, _, created_ms, matched_ms) in &numbers.silences {
            out.push(&SILENCED_SINCE, &[id], *created_ms as f64 / 1000.0);
            if let Some(at_ms) = matched_ms {
                out.push(&MATCHED, &[id], *at_ms as f64 / 1000.0);
            }
        }
    }

    /// A panic while something was counted is no reason to count no more.
    fn locked(&self) -> MutexGuard<'_, Numbers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
