//! The level from which an incident alerts, so that false alarms stay within a budget.
//!
//! Most incidents are noise: things that happen together by chance, or that nobody needs to hear of. Their scores are
//! this host's own measure of what is ordinary. Scores mean the same on all hosts, so on a calm one the level is where few
//! ordinary incidents come anywhere. A restless host has a higher one: beyond the score from which incidents are counted,
//! scores are taken to fall exponentially, and the level that is exceeded once in so many weeks follows from their rate and
//! their mean excess. Only the upper end of scores falls like that: on a host with many series most incidents are in the
//! middle, and what they are like says nothing of the rare ones.
//!
//! A fit can be wrong, and hosts change. So each alert raises the level and time lowers it, the more the nearer
//! the alert was to the level: what is far above it was hardly a false alarm. There is an end to that, because a bad
//! week of a host must not make its worst hour unheard.

use serde::{Deserialize, Serialize};

const WEEK_MS: f64 = 7.0 * 86_400_000.0;
/// How long an incident counts: after so long it weighs half.
const HALF_LIFE_WEEKS: f64 = 4.0;
/// What anomalies must come to together to be an incident.
const FLOOR: f64 = 4.0;
/// Score from which incidents are counted.
const COUNTED: f64 = 7.0;
/// Beyond this excess an incident teaches no more: a real fault must not make the next one look ordinary.
const EXCESS_MAX: f64 = 2.0;
/// The level of a calm host with a budget of one alert a week. Over simulated weeks of eleven kinds of hosts one ordinary
/// incident in four weeks is above it.
const CALM: f64 = 10.0;
/// What a fresh host is taken for: incidents a week that count, their mean excess, and how much that weighs. A guess that keeps
/// simulated ordinary weeks within the budget; no real hosts stand behind it.
const RATE: f64 = 6.0;
const EXCESS: f64 = 1.4;
const PRIOR_WEEKS: f64 = 1.0;
/// An alert so far above the level is less likely a false one than one at the level, by a factor of 2.7.
const DOUBT: f64 = 1.5;
/// No host's mean excess is taken for more: scores end at about 14.
const MEAN_MAX: f64 = 3.0;
/// The share of the budget that the fit aims at: an alert comes with the level where it just was, not where it settles.
const AIM: f64 = 0.75;
/// An incident that begins raises the gate by so much, and time lowers it at the pace of so many a day.
const GATE_STEP: f64 = 0.1;
const BEGIN_PER_DAY: f64 = 24.0;
const GATE_MAX: f64 = 4.0;
/// How far an alert that just came raises the level, which asks the next to be three quarters as rare again, and how many of
/// them do.
const STEP: f64 = 0.8;
const DEBT_MAX: f64 = 3.0;
/// What begins before somebody has watched the host for so long never alerts: all of it is new.
const STRANGE_MS: f64 = 600_000.0;
/// From one day on series know what they never did, and after another that alone counts.
const YOUNG_WEEKS: f64 = 1.0 / 7.0;

/// What has been seen of incidents, and what was spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Budget {
    /// Incidents, the sum of their excesses, and weeks watched; old ones fade.
    count: f64,
    excess: f64,
    weeks: f64,
    /// Alerts that are not paid off by time yet.
    debt: f64,
    /// How far above the floor incidents begin.
    gate: f64,
}

impl Budget {
    /// Time has passed; while nobody watched it pays debts off, but says nothing of how often incidents come.
    pub fn pass(&mut self, passed_ms: u64, watched: bool, per_week: f64) {
        let weeks = passed_ms as f64 / WEEK_MS;
        self.debt = (self.debt - weeks * per_week).max(0.0);
        self.gate = (self.gate - weeks * 7.0 * BEGIN_PER_DAY * GATE_STEP).max(0.0);
        if watched {
            let fade = 0.5f64.powf(weeks / HALF_LIFE_WEEKS);
            self.count *= fade;
            self.excess *= fade;
            self.weeks = self.weeks * fade + weeks;
        }
    }

    /// What anomalies must come to together to be an incident: a host on which much happens at once keeps them apart.
    pub fn gate(&self) -> f64 {
        FLOOR + self.gate
    }

    /// An incident begins.
    pub fn begin(&mut self) {
        self.gate = (self.gate + GATE_STEP).min(GATE_MAX);
    }

    /// Whether the host had been watched for long enough, so long ago, to say that something is wrong with it.
    pub fn was_acquainted(&self, ago_ms: i64) -> bool {
        self.weeks * WEEK_MS - ago_ms as f64 >= STRANGE_MS
    }

    /// From 1 on the first day to 0 after the second.
    pub fn youth(&self) -> f64 {
        (2.0 - self.weeks / YOUNG_WEEKS).clamp(0.0, 1.0)
    }

    /// An incident is over that did not alert.
    pub fn learn(&mut self, score: f64) {
        if score >= COUNTED {
            self.count += 1.0;
            self.excess += (score - COUNTED).min(EXCESS_MAX);
        }
    }

    /// Forgets which scores were ordinary, but not for how long the host was watched.
    pub fn forget(&mut self) {
        (self.count, self.excess) = (0.0, 0.0);
    }

    /// An incident alerts.
    pub fn spend(&mut self, score: f64, per_week: f64) {
        self.debt = (self.debt + self.cost(score, per_week)).min(DEBT_MAX);
    }

    /// An incident that alerted is more alarming than it was.
    pub fn refund(&mut self, from: f64, to: f64, per_week: f64) {
        self.debt = (self.debt - self.cost(from, per_week) + self.cost(to, per_week)).max(0.0);
    }

    /// What an alert costs: one, down from a score that half of the ordinary incidents over the level exceed.
    fn cost(&self, score: f64, per_week: f64) -> f64 {
        let excess = score - self.settled(per_week);
        (2.0 * (-excess / DOUBT).exp()).min(1.0)
    }

    /// The score from which an incident alerts; beyond every score when the budget is zero.
    pub fn level(&self, per_week: f64) -> f64 {
        self.settled(per_week) + STEP * self.debt
    }

    /// The level without debts.
    fn settled(&self, per_week: f64) -> f64 {
        let rate = (RATE * PRIOR_WEEKS + self.count) / (PRIOR_WEEKS + self.weeks);
        let mean = self.mean();
        let weekly = (COUNTED + mean * (rate / AIM).ln()).max(CALM);
        (weekly - mean * per_week.ln()).max(COUNTED)
    }

    /// The mean excess of ordinary incidents, from excesses of which none counts for more than [`EXCESS_MAX`].
    fn mean(&self) -> f64 {
        let prior = RATE * PRIOR_WEEKS;
        let counted = (prior * capped(EXCESS) + self.excess) / (prior + self.count);
        let (mut low, mut high) = (0.0, MEAN_MAX);
        for _ in 0..20 {
            let middle = 0.5 * (low + high);
            if capped(middle) < counted { low = middle } else { high = middle }
        }
        high
    }

    /// How many alerts are left before the level is higher than the fit asks for.
    pub fn left(&self, per_week: f64) -> f64 {
        (per_week - self.debt).max(0.0)
    }
}

/// The mean of excesses whose mean is `mean` when none counts for more than [`EXCESS_MAX`].
fn capped(mean: f64) -> f64 {
    mean * (1.0 - (-EXCESS_MAX / mean).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Runs weeks of incidents with exponential scores up to the highest there are; gives how many alerted.
    fn weeks(weeks: u32, per_day: u32, mean: f64, seed: u64) -> u32 {
        let (mut budget, mut alerts, mut state) = (Budget::default(), 0, seed);
        for _ in 0..weeks * 7 * per_day {
            budget.pass(86_400_000 / u64::from(per_day), true, 1.0);
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let share = ((state >> 11) as f64 + 0.5) / (1u64 << 53) as f64;
            let score = (COUNTED - mean * share.ln()).min(14.0);
            if score >= budget.level(1.0) {
                budget.spend(score, 1.0);
                alerts += 1;
            } else {
                budget.learn(score);
            }
        }
        alerts
    }

    #[test]
    fn it_holds_whatever_the_host_is_like() {
        for (per_day, mean) in [(1, 0.5), (5, 1.0), (24, 1.0), (24, 1.5), (24, 2.0), (100, 1.0), (100, 0.3)] {
            let all: Vec<u32> = (1..=20).map(|seed| weeks(26, per_day, mean, seed)).collect();
            let (sum, most) = (all.iter().sum::<u32>(), all.iter().max().unwrap());
            assert!(sum <= 20 * 26 && *most <= 30, "{per_day} a day, mean {mean}: {all:?}");
            let first: Vec<u32> = (1..=20).map(|seed| weeks(1, per_day, mean, seed)).collect();
            assert!(first.iter().sum::<u32>() <= 60, "{per_day} a day, mean {mean}, first week: {first:?}");
        }
    }

    #[test]
    fn an_alert_raises_the_level_and_time_lowers_it() {
        let mut budget = Budget::default();
        let fresh = budget.level(1.0);
        budget.spend(fresh, 1.0);
        let spent = budget.level(1.0);
        assert!(spent > fresh + 0.5 && budget.left(1.0) == 0.0);
        budget.pass(WEEK_MS as u64, false, 1.0);
        assert_eq!((budget.level(1.0), budget.left(1.0)), (fresh, 1.0));
    }

    #[test]
    fn what_is_far_above_the_level_costs_little_and_a_bad_week_has_an_end() {
        let (mut budget, mut other) = (Budget::default(), Budget::default());
        budget.spend(CALM + 4.0, 1.0);
        assert!(budget.left(1.0) > 0.8, "{budget:?}");
        let mut grown = Budget::default();
        grown.spend(CALM, 1.0);
        grown.refund(CALM, CALM + 4.0, 1.0);
        assert!((grown.left(1.0) - budget.left(1.0)).abs() < 1e-9);
        (0..3).for_each(|_| budget.spend(CALM, 1.0));
        (0..50).for_each(|_| other.spend(CALM, 1.0));
        assert!(other.level(1.0) < CALM + 2.5 && (other.level(1.0) - budget.level(1.0)).abs() < 1e-9);
    }

    #[test]
    fn a_larger_budget_has_a_lower_level_and_none_has_no_end() {
        let budget = Budget::default();
        assert!(budget.level(7.0) < budget.level(1.0));
        assert_eq!(budget.level(0.0), f64::INFINITY);
        let mut none = Budget::default();
        none.spend(9.0, 0.0);
        none.learn(9.0);
        assert_eq!(none.level(0.0), f64::INFINITY);
    }

    /// A thousand series: incidents of the middle are many, and those above it are few.
    #[test]
    fn many_incidents_of_the_middle_do_not_make_the_rare_ones_ordinary() {
        let mut budget = Budget::default();
        for incident in 0..3 * 7 * 24 {
            budget.pass(3_600_000, true, 1.0);
            budget.learn([6.5, 6.5, 6.5, 7.5, 6.5, 6.5, 7.0, 6.5, 8.0, 6.5, 6.5, 8.5][incident % 12]);
        }
        assert!(budget.level(1.0) < CALM + 1.5, "{}", budget.level(1.0));
    }

    #[test]
    fn a_great_fault_teaches_no_more_than_any_other() {
        let (mut one, mut other) = (Budget::default(), Budget::default());
        one.learn(1000.0);
        other.learn(COUNTED + EXCESS_MAX);
        assert_eq!(one, other);
    }

    #[test]
    fn a_restless_host_has_a_higher_level() {
        let mut budget = Budget::default();
        for _ in 0..200 {
            budget.pass(3 * 3_600_000, true, 1.0);
            budget.learn(COUNTED + EXCESS_MAX);
        }
        assert!(budget.level(1.0) > CALM + 4.0, "{}", budget.level(1.0));
    }

    proptest! {
        #[test]
        fn the_level_is_always_a_score(
            steps in prop::collection::vec((0u64..2_000_000_000, 0.0f64..100.0, any::<bool>()), 0..100),
            per_week in 0.01f64..100.0,
        ) {
            let mut budget = Budget::default();
            for (passed_ms, score, alerts) in steps {
                budget.pass(passed_ms, true, per_week);
                budget.learn(score);
                if alerts { budget.spend(score, per_week) }
                prop_assert!((COUNTED..1e3).contains(&budget.level(per_week)), "{budget:?}");
            }
        }
    }
}
