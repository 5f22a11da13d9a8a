//! Anomalies that go together in time, and which of them came first.

use super::{Episode, Judgement};
use crate::labels::Labels;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Series that an incident names; the strongest stay, the rest is counted.
pub const MEMBERS_MAX: usize = 32;
/// A series that moved so much later than the first is half as likely to be the cause.
const LAG_MS: f64 = 30_000.0;

/// Anomalies that go together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Counts up on this host.
    pub id: u64,
    /// When the first of its series moved, wall clock.
    pub since_ms: i64,
    /// When the last unusual value came.
    pub last_ms: i64,
    /// Whether it goes on.
    pub open: bool,
    /// How alarming it was at its worst.
    pub score: f64,
    /// The level that alerts at that time.
    pub level: f64,
    /// Since when it alerts, if it ever did.
    pub alerted: Option<Alarm>,
    /// Its series, the likeliest cause first; at most [`MEMBERS_MAX`].
    pub members: Vec<Member>,
    /// Series beyond that.
    pub left_out: u32,
    /// When the last of its strong series began to be unusual.
    pub(super) front_ms: i64,
}

/// That an incident alerts, and what was taken for its cause then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    /// Since when, wall clock.
    pub at_ms: i64,
    /// The series.
    pub series: Arc<Labels>,
    /// Its probe.
    pub probe: Arc<str>,
}

/// One series of an incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// Name and labels.
    pub series: Arc<Labels>,
    /// The probe that yields it.
    pub probe: Arc<str>,
    /// When it left its band, wall clock: at or before its first unusual value.
    pub onset_ms: i64,
    /// First and last unusual value.
    pub since_ms: i64,
    /// See `since_ms`.
    pub last_ms: i64,
    /// The most unusual value.
    pub peak: Judgement,
    /// For how long it was unusual.
    pub lasted_ms: i64,
    /// How often it was about as unusual before.
    pub before: u32,
    /// Whether it is still unusual.
    pub open: bool,
    pub(super) slot: u32,
}

impl Incident {
    pub(super) fn new(id: u64, at_ms: i64) -> Self {
        Incident {
            id,
            since_ms: at_ms,
            last_ms: at_ms,
            open: true,
            score: 0.0,
            level: 0.0,
            alerted: None,
            members: Vec::new(),
            left_out: 0,
            front_ms: i64::MIN,
        }
    }

    /// Whether it alerted.
    pub fn alerted(&self) -> bool {
        self.alerted.is_some()
    }

    /// The likeliest cause.
    pub fn first(&self) -> Option<&Member> {
        self.members.first()
    }

    /// What the strongest of its series adds.
    pub(super) fn strongest(&self) -> f64 {
        self.members.iter().map(Member::weight).fold(0.0, f64::max)
    }

    /// Sorts the members by how likely each is the cause, and drops the weakest beyond the bound.
    pub(super) fn rank(&mut self) {
        if self.members.len() > MEMBERS_MAX {
            self.members.sort_by(|a, b| b.weight().total_cmp(&a.weight()));
            self.left_out += (self.members.len() - MEMBERS_MAX) as u32;
            self.members.truncate(MEMBERS_MAX);
        }
        let onset_ms = self.members.iter().map(|member| member.onset_ms).min().unwrap_or(self.since_ms);
        self.since_ms = self.since_ms.min(onset_ms);
        self.members.sort_by(|a, b| b.blame(onset_ms).total_cmp(&a.blame(onset_ms)));
    }
}

impl Alarm {
    pub(super) fn new(at_ms: i64, first: &Member) -> Self {
        Alarm { at_ms, series: first.series.clone(), probe: first.probe.clone() }
    }
}

impl Member {
    /// Takes over what its episode shows now.
    pub(super) fn follow(&mut self, episode: &Episode) {
        (self.last_ms, self.peak) = (episode.last_ms, episode.peak);
        self.lasted_ms = episode.lasted_ms();
    }

    /// What it adds to an incident.
    pub fn weight(&self) -> f64 {
        weight(&self.peak, self.lasted_ms)
    }

    /// How likely it is the cause: strong, early, and not often seen before.
    fn blame(&self, first_ms: i64) -> f64 {
        let lag = (self.onset_ms - first_ms).max(0) as f64 / LAG_MS;
        self.weight() / (1.0 + lag) / (1.0 + f64::from(self.before).ln_1p())
    }
}

/// What one series adds: its strength, half of it for a single value and all of it for a minute and a half.
pub(super) fn weight(peak: &Judgement, lasted_ms: i64) -> f64 {
    let seconds = lasted_ms.max(0) as f64 / 1000.0;
    peak.strength() * (0.5 + 0.25 * (1.0 + seconds).log10())
}

/// How alarming weights of probes are together: the strongest counts whole, the second half, the third a third.
///
/// Series of one probe say nearly the same and count once, as the strongest of them.
pub(super) fn score(mut weights: Vec<(&str, f64)>) -> f64 {
    weights.sort_by(|a, b| a.0.cmp(b.0).then(b.1.total_cmp(&a.1)));
    weights.dedup_by_key(|(probe, _)| *probe);
    weights.sort_by(|a, b| b.1.total_cmp(&a.1));
    weights.iter().zip(1u32..).map(|((_, weight), rank)| weight / f64::from(rank)).sum()
}
