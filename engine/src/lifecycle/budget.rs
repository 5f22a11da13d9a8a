//! How much the rules of one group may cost in one evaluation.
//!
//! The engine has no clock, and with one the same inputs would not give the same effects. So a budget of time is
//! counted in samples and series that the rules touch, at a pace that was measured (ADR 22).

use crate::promql::EvalError;

/// What a core of the kind that hosts have gets done in a millisecond.
const SAMPLES_PER_MS: u64 = 25_000;

/// What is left for the group that is being evaluated, and who used it up.
#[derive(Clone, Debug, Default)]
pub struct Budget {
    ms: u64,
    /// Samples.
    pub left: usize,
    spender: Option<String>,
}

impl Budget {
    /// For a group.
    pub fn new(ms: u64) -> Self {
        let left = usize::try_from(ms.saturating_mul(SAMPLES_PER_MS)).unwrap_or(usize::MAX);
        Budget { ms, left, spender: None }
    }

    /// What an error of a rule comes to in words; when the budget was too small for it, the rules after it are skipped.
    pub fn explain(&mut self, rule: &str, error: EvalError) -> String {
        match error {
            EvalError::TooManySamples { .. } if self.left == 0 => {
                self.spender = Some(rule.to_owned());
                format!("the group's budget of {} ms is used up: narrow the selectors or the range", self.ms)
            }
            error => error.to_string(),
        }
    }

    /// Why a rule is not evaluated any more.
    pub fn refusal(&self) -> Option<String> {
        let spender = self.spender.as_ref()?;
        Some(format!("skipped: {spender} used up the group's budget of {} ms", self.ms))
    }
}
