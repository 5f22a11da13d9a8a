//! The history on disk, as something to play rules over.

use super::Span;
use crate::cli::{Common, Failure};
use crate::clock;
use crate::config::{self, Config};
use crate::dataset::date;
use crate::history::{Archive, Budget};
use crate::state::Place;
use crate::telemetry::HistoryNumbers;
use hostward_engine::promql::{Expr, RangeSeries};
use hostward_engine::rules::RuleSet;
use hostward_engine::rules::backtest::{self, Outcome, Replay};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// Nobody else waits for this program, and it ends.
const BUDGET: Budget = Budget { samples_max: usize::MAX, time_max: Duration::from_secs(24 * 3600) };

/// A time as people write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At that time.
    At(i64),
    /// So long before now.
    Ago(i64),
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let ago = || Some(When::Ago(i64::try_from(text.parse::<config::Span>().ok()?.ms()).ok()?));
        let wrong = || {
            format!("{text:?} is neither a date such as 2026-11-01 or 2026-11-01T10:30 nor a time such as 7d")
        };
        date(text).map(When::At).or_else(ago).ok_or_else(wrong)
    }
}

impl When {
    fn ms(self, now_ms: i64) -> i64 {
        match self {
            When::At(at_ms) => at_ms,
            When::Ago(ago_ms) => now_ms.saturating_sub(ago_ms),
        }
    }
}

/// What is on disk.
pub struct Past {
    archive: Archive,
    /// What is played.
    pub replay: Replay,
}

impl Past {
    /// Looks what there is; nothing at all is an error.
    pub fn open(common: &Common, span: &Span) -> Result<Self, Failure> {
        let place =
            Place::choose(common.state_dir.as_deref()).map_err(|error| Failure::Usage(error.to_string()))?;
        let config = Config::load(&config::paths(common.config.as_deref()));
        let config = config.map_err(|error| Failure::Usage(error.to_string()))?.config;
        let numbers = HistoryNumbers::untold().map_err(|error| Failure::Failed(error.to_string()))?;
        let archive = Archive::new(&place.dir, numbers);
        let look = archive.look(BUDGET);
        let spans = look.spans();
        look.fault().map_or(Ok(()), |fault| Err(Failure::Failed(fault.to_string())))?;
        drop(look);
        let (Some((first_ms, _)), Some(last_ms)) =
            (spans.first(), spans.iter().map(|(_, to_ms)| *to_ms).max())
        else {
            let dir = place.dir.display();
            return Err(Failure::Usage(format!(
                "there is no history below {dir}; the daemon writes it each 10 min"
            )));
        };
        let now_ms = clock::now().wall_ms;
        let from_ms = span.from.map_or(*first_ms, |from| from.ms(now_ms)).max(*first_ms);
        let to_ms = span.to.map_or(last_ms, |to| to.ms(now_ms)).min(last_ms);
        if to_ms < from_ms {
            return Err(Failure::Usage("nothing was recorded in that time".to_owned()));
        }
        let replay = Replay { from_ms, to_ms, evaluation_ms: config.rules.evaluation.ms(), spans };
        Ok(Past { archive, replay })
    }

    /// Plays rules.
    pub fn play(&self, rules: Arc<RuleSet>) -> Result<Outcome, Failure> {
        let look = self.archive.look(BUDGET);
        let outcome = backtest::backtest(rules, &look, &self.replay);
        look.fault().map_or(Ok(outcome), |fault| Err(Failure::Failed(fault.to_string())))
    }

    /// The values of an expression all along, one each `step_ms`, as far as they were recorded.
    pub fn values(&self, expr: &Expr, step_ms: i64) -> Result<Vec<f64>, Failure> {
        let look = self.archive.look(BUDGET);
        let mut values = Vec::new();
        for from_ms in (self.replay.from_ms..=self.replay.to_ms).step_by(6 * 3_600_000) {
            let to_ms = self.replay.to_ms.min(from_ms + 6 * 3_600_000 - 1);
            let series = expr.eval_range(&look, from_ms, to_ms, step_ms);
            let series: Vec<RangeSeries> = series.map_err(|error| Failure::Usage(error.to_string()))?;
            values.extend(series.iter().flat_map(|own| own.points.iter().map(|point| point.value)));
        }
        look.fault().map_or(Ok(values), |fault| Err(Failure::Failed(fault.to_string())))
    }

    /// How much of the time was recorded.
    pub fn recorded_hours(&self) -> f64 {
        (self.replay.recorded_ms() as f64 / 3_600_000.0 * 100.0).round() / 100.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        assert_eq!("7d".parse(), Ok(When::Ago(7 * 86_400_000)));
        assert_eq!("1970-01-02T00:00".parse(), Ok(When::At(86_400_000)));
        for text in ["", "yesterday", "7", "-1d"] {
            assert!(text.parse::<When>().is_err(), "{text}");
        }
    }
}
