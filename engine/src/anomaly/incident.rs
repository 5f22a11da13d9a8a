//! Anomalies that go together in time, and which of them came first.

use super::{Episode, Judgement};
use crate::labels::Labels;
use crate::series::Moved;
use hostward_model::time::DAY_MS;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Series that an incident names; the strongest stay, the rest is counted.
pub const MEMBERS_MAX: usize = 32;
/// A nightly or weekly job does not begin at the same second.
const SAME_TIME_MS: i64 = 1_800_000;
/// Score from which an incident is worth remembering.
const ALARMING: f64 = 5.0;
/// A series that moved so much later than the first is half as likely to be the cause.
const LAG_MS: f64 = 30_000.0;

/// What the weights of a young host's probes count for beside its scores, and how many probes: on a host that is busy
/// everything moves.
const YOUNG_SHARE: f64 = 0.8;
const YOUNG_PROBES_MAX: usize = 4;
/// There, what lasts so long counts whole and what is shorter in proportion: in a burst of a second everything moves.
const BURST_MS: f64 = 30_000.0;

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
    /// Series that moved shortly before it began, and are no anomalies; it does not outlive the process.
    #[serde(skip)]
    pub moved: Vec<Moved>,
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
            moved: Vec::new(),
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

    /// Whether it is worth remembering.
    pub(super) fn is_alarming(&self) -> bool {
        self.score >= ALARMING
    }

    /// Whether another one is the same, some days or weeks later: at the same time of the day, a quarter of it in series of this
    /// one, and not much more alarming.
    pub(super) fn is_again(&self, later: &Incident, score: f64) -> bool {
        let apart_ms = (later.since_ms - self.since_ms).max(0);
        let off_ms = (apart_ms + SAME_TIME_MS).rem_euclid(DAY_MS);
        let has = |member: &&Member| self.members.iter().any(|own| own.series == member.series);
        apart_ms > DAY_MS / 2
            && off_ms <= 2 * SAME_TIME_MS
            && 2.0 * self.score >= score
            && 4 * later.members.iter().filter(has).count() >= later.members.len()
    }

    /// What the strongest of its series adds.
    pub(super) fn strongest(&self) -> f64 {
        self.members.iter().map(Member::weight).fold(0.0, f64::max)
    }

    /// How alarming it is: as its most alarming series, for a fault that shows in one place is no less of one. While no series
    /// knows what it never did, how many probes see it now, and for how long, must do; what began before the host was known, as
    /// `was_known` says of a time, is how it is.
    pub(super) fn judge(&self, youth: f64, was_known: impl Fn(i64) -> bool) -> f64 {
        let most = self.members.iter().map(Member::alarm).fold(0.0, f64::max);
        if youth <= 0.0 {
            return most;
        }
        let now = self.members.iter().filter(|own| own.open && was_known(own.since_ms));
        let weights = now.map(|own| (&*own.probe, own.weight() * endured(own.lasted_ms))).collect();
        most.max(YOUNG_SHARE * youth * together(weights, YOUNG_PROBES_MAX))
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

    /// How alarming it is by itself.
    fn alarm(&self) -> f64 {
        alarm(&self.peak, self.lasted_ms)
    }

    /// How likely it is the cause: strong, early, and not often seen before.
    fn blame(&self, first_ms: i64) -> f64 {
        let lag = (self.onset_ms - first_ms).max(0) as f64 / LAG_MS;
        self.weight() / (1.0 + lag) / (1.0 + f64::from(self.before).ln_1p())
    }
}

/// What one series adds when it is asked what goes together and what came first: its strength, or how alarming it is.
pub(super) fn weight(peak: &Judgement, lasted_ms: i64) -> f64 {
    (peak.strength() * persistence(lasted_ms)).max(alarm(peak, lasted_ms))
}

/// How alarming one series is: tenths of its score, for scores mean the same for all series.
fn alarm(peak: &Judgement, lasted_ms: i64) -> f64 {
    10.0 * peak.score * persistence(lasted_ms)
}

/// Half for a single value, all for a minute and a half, and a third more for half an hour.
fn persistence(lasted_ms: i64) -> f64 {
    let seconds = lasted_ms.max(0) as f64 / 1000.0;
    0.5 + 0.25 * (1.0 + seconds).log10()
}

/// What share of a burst's length it has lasted.
fn endured(lasted_ms: i64) -> f64 {
    (lasted_ms.max(0) as f64 / BURST_MS).min(1.0)
}

/// How much weights of probes are together: the strongest counts whole, the second half, the third a third, so many of them.
///
/// Series of one probe say nearly the same and count once, as the strongest of them.
pub(super) fn together(mut weights: Vec<(&str, f64)>, probes_max: usize) -> f64 {
    weights.sort_by(|a, b| a.0.cmp(b.0).then(b.1.total_cmp(&a.1)));
    weights.dedup_by_key(|(probe, _)| *probe);
    weights.sort_by(|a, b| b.1.total_cmp(&a.1));
    weights.iter().take(probes_max).zip(1u32..).map(|((_, weight), rank)| weight / f64::from(rank)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anomaly::Budget;

    const SUNDAY_MS: i64 = 1_767_571_200_000 + 6 * DAY_MS;

    fn incident(at_ms: i64, score: f64, series: &str) -> Incident {
        let labels = Arc::new(Labels::new([("__name__", series)]));
        let peak = Judgement {
            value: 9.0,
            expected: 1.0,
            band: (0.0, 2.0),
            score: 0.9,
            confidence: 0.9999,
            channel: Default::default(),
        };
        let member = Member {
            series: labels,
            probe: "cpu".into(),
            onset_ms: at_ms,
            since_ms: at_ms,
            last_ms: at_ms,
            peak,
            lasted_ms: 0,
            before: 0,
            open: true,
            slot: 0,
        };
        Incident { score, members: vec![member], ..Incident::new(1, at_ms) }
    }

    #[test]
    fn the_same_at_the_same_time_of_another_day_is_the_same_again() {
        let job = incident(SUNDAY_MS, 9.0, "load");
        let is_again = |days: f64, series, score| {
            job.is_again(&incident(SUNDAY_MS + (days * DAY_MS as f64) as i64, score, series), score)
        };
        assert!(is_again(1.0, "load", 9.0) && is_again(21.02, "load", 9.0) && is_again(6.99, "load", 9.0));
        assert!(!is_again(7.0, "heat", 9.0), "another series");
        assert!(!is_again(1.1, "load", 9.0), "another time");
        assert!(!is_again(0.02, "load", 9.0), "the same day");
        assert!(!is_again(7.0, "load", 20.0), "far worse");
    }

    /// What the guide says of it: how far from usual a value is makes no more than half a score.
    #[test]
    fn from_the_third_day_on_only_what_a_series_never_did_alerts() {
        let mut budget = Budget::default();
        (0..50).for_each(|_| budget.pass(3_600_000, true, 1.0));
        assert_eq!(budget.youth(), 0.0);
        let alarm = |score: f64, lasted_ms: i64| {
            let mut own = incident(SUNDAY_MS, 0.0, "load");
            (own.members[0].peak.score, own.members[0].lasted_ms) = (score, lasted_ms);
            own.judge(budget.youth(), |_| true) >= budget.level(1.0)
        };
        assert!(!alarm(0.5, DAY_MS));
        assert!(!alarm(0.8, 90_000) && alarm(0.8, 30 * 60_000) && alarm(0.75, 3_600_000));
    }

    #[test]
    fn a_fault_in_one_place_is_as_alarming_as_its_series_and_a_young_host_asks_how_many_see_it() {
        let one = incident(SUNDAY_MS, 0.0, "load");
        assert_eq!(one.judge(0.0, |_| true), 4.5);
        let many = |lasted_ms: i64, open: bool| {
            let member = Member { lasted_ms, open, ..one.members[0].clone() };
            let probes = ["cpu", "disk", "network", "memory"];
            let members = probes.map(|probe| Member { probe: probe.into(), ..member.clone() }).to_vec();
            Incident { members, ..one.clone() }
        };
        let (burst, lasting, over) = (many(0, true), many(30_000, true), many(30_000, false));
        let judge = |incident: &Incident, youth| incident.judge(youth, |since_ms| since_ms >= SUNDAY_MS);
        assert_eq!((judge(&burst, 0.0), judge(&burst, 1.0)), (4.5, 4.5), "in a burst everything moves");
        assert!(judge(&lasting, 1.0) > judge(&lasting, 0.5));
        assert_eq!(judge(&over, 1.0), judge(&over, 0.0), "it is no longer unusual in many places");
        let strange = lasting.judge(1.0, |since_ms| since_ms > SUNDAY_MS);
        assert_eq!(strange, judge(&lasting, 0.0), "it was so when nobody knew the host");
    }
}
