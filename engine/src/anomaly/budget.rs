//! The level from which an incident alerts, so that false alarms stay within a budget.
//!
//! Most incidents are noise: things that happen together by chance, or that nobody needs to hear of. Their scores
//! are this host's own measure of what is ordinary. Beyond the score from which incidents are kept, scores fall about
//! exponentially (they are sums of logarithms), so the level that is exceeded once in so many weeks follows from
//! their rate and their mean excess. Both begin with a guess.
//!
//! A fit can be wrong, and hosts change. So each alert raises the level and time lowers it, at the pace that the
//! budget allows: whatever the fit says, alerts cannot keep coming more often than that.

use serde::{Deserialize, Serialize};

const WEEK_MS: f64 = 7.0 * 86_400_000.0;
/// How long an incident counts: after so long it weighs half.
const HALF_LIFE_WEEKS: f64 = 4.0;
/// Score from which incidents are kept and counted.
pub const FLOOR: f64 = 4.0;
/// What a fresh host is taken for: incidents a week, their mean score above the floor, and how much that weighs. A guess
/// that keeps simulated ordinary weeks within the budget; no real hosts stand behind it.
const RATE: f64 = 20.0;
const EXCESS: f64 = 2.2;
const PRIOR_WEEKS: f64 = 0.5;
/// An incident that begins raises the gate by so much, and time lowers it at the pace of so many a day.
const GATE_STEP: f64 = 0.1;
const BEGIN_PER_DAY: f64 = 24.0;
const GATE_MAX: f64 = 4.0;
/// By what factor the next alert must be rarer after one that just came.
const RARER: f64 = 8.0;

/// What has been seen of incidents, and what was spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Budget {
    /// Incidents, the sum of their scores above the floor, and weeks watched; old ones fade.
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

    /// The score from which anomalies are an incident: a host on which much happens at once keeps them apart.
    pub fn gate(&self) -> f64 {
        FLOOR + self.gate
    }

    /// An incident begins.
    pub fn begin(&mut self) {
        self.gate = (self.gate + GATE_STEP).min(GATE_MAX);
    }

    /// An incident is over. One above the level teaches no more than one at it: a real fault must not make the next
    /// one look ordinary.
    pub fn learn(&mut self, score: f64, per_week: f64) {
        self.count += 1.0;
        self.excess += (score.min(FLOOR + self.above(per_week, 0.0)) - FLOOR).max(0.0);
    }

    /// An incident alerts.
    pub fn spend(&mut self) {
        self.debt += 1.0;
    }

    /// The score from which an incident alerts; beyond every score when the budget is zero.
    pub fn level(&self, per_week: f64) -> f64 {
        FLOOR + self.above(per_week, self.debt)
    }

    /// How far above the floor the level is with so much debt.
    fn above(&self, per_week: f64, debt: f64) -> f64 {
        let rate = (RATE * PRIOR_WEEKS + self.count) / (PRIOR_WEEKS + self.weeks);
        let prior = RATE * PRIOR_WEEKS;
        let mean = (EXCESS * prior + self.excess) / (prior + self.count);
        mean * ((rate / per_week).ln().max(0.0) + debt * RARER.ln())
    }

    /// How many alerts are left before the level is higher than the fit asks for.
    pub fn left(&self, per_week: f64) -> f64 {
        (per_week - self.debt).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Runs weeks of incidents with exponential scores; gives how many alerted.
    fn weeks(weeks: u32, per_day: u32, mean: f64, seed: u64) -> u32 {
        let (mut budget, mut alerts, mut state) = (Budget::default(), 0, seed);
        for _ in 0..weeks * 7 * per_day {
            budget.pass(86_400_000 / u64::from(per_day), true, 1.0);
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let share = ((state >> 11) as f64 + 0.5) / (1u64 << 53) as f64;
            let score = FLOOR - mean * share.ln();
            if score >= budget.level(1.0) {
                budget.spend();
                alerts += 1;
            }
            budget.learn(score, 1.0);
        }
        alerts
    }

    #[test]
    fn it_holds_whatever_the_host_is_like() {
        for (per_day, mean) in [(1, 0.5), (5, 1.0), (24, 1.0), (24, 3.0), (100, 2.0), (100, 0.3)] {
            let all: Vec<u32> = (1..=20).map(|seed| weeks(26, per_day, mean, seed)).collect();
            let (sum, most) = (all.iter().sum::<u32>(), all.iter().max().unwrap());
            assert!(sum <= 20 * 26 && *most <= 30, "{per_day} a day, mean {mean}: {all:?}");
            let first: Vec<u32> = (1..=20).map(|seed| weeks(1, per_day, mean, seed)).collect();
            assert!(first.iter().sum::<u32>() <= 40, "{per_day} a day, mean {mean}, first week: {first:?}");
        }
    }

    #[test]
    fn an_alert_raises_the_level_and_time_lowers_it() {
        let mut budget = Budget::default();
        let fresh = budget.level(1.0);
        budget.spend();
        let spent = budget.level(1.0);
        assert!(spent > fresh + 1.0 && budget.left(1.0) == 0.0);
        budget.pass(WEEK_MS as u64, false, 1.0);
        assert_eq!((budget.level(1.0), budget.left(1.0)), (fresh, 1.0));
    }

    #[test]
    fn a_larger_budget_has_a_lower_level_and_none_has_no_end() {
        let budget = Budget::default();
        assert!(budget.level(7.0) < budget.level(1.0));
        assert_eq!(budget.level(0.0), f64::INFINITY);
        let mut none = Budget::default();
        none.spend();
        none.learn(9.0, 0.0);
        assert_eq!(none.level(0.0), f64::INFINITY);
    }

    #[test]
    fn a_great_fault_teaches_no_more_than_one_at_the_level() {
        let (mut one, mut other) = (Budget::default(), Budget::default());
        let level = one.level(1.0);
        one.learn(1000.0, 1.0);
        other.learn(level, 1.0);
        assert_eq!(one, other);
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
                budget.learn(score, per_week);
                if alerts { budget.spend() }
                prop_assert!((FLOOR..1e6).contains(&budget.level(per_week)), "{budget:?}");
            }
        }
    }
}
