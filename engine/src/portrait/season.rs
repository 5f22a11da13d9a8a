//! What repeats: by the day, by the week, or after whatever time the series itself shows.

use super::Grid;
use super::grid::{detrended, variance};
use super::outliers::robust;
use super::trend;
use hostward_model::time::DAY_MS;

/// Periods that are always looked for.
const CALENDAR: [(&str, i64); 2] = [("daily", DAY_MS), ("weekly", 7 * DAY_MS)];
/// A season is believed after so many periods.
const PERIODS_MIN: usize = 2;
/// Steps that a period must have.
const STEPS_MIN: usize = 4;
/// Longest period that is searched for, in steps.
const LAG_MAX: usize = 2048;
/// Strength and correlation below which nothing repeats.
const STRENGTH_MIN: f64 = 0.3;
/// Values farther than so many robust deviations from the median are moved to there.
const CLIP: f64 = 6.0;
/// How close a found period may be to one of the calendar before it is the same.
const SAME: f64 = 0.1;

/// Something that repeats.
#[derive(Clone, Debug, PartialEq)]
pub struct Season {
    /// `daily`, `weekly`, or `found`: by correlation with itself.
    pub name: &'static str,
    /// After so long.
    pub period_ms: f64,
    /// Share of the variance that it explains of what the trend and shorter seasons leave, corrected for the number of its
    /// steps: from 0 to 1.
    pub strength: f64,
}

/// The seasons, the shortest first: each is taken out before the next is looked at, so that a week of equal days does not
/// count as a weekly season, too.
pub(super) fn seasons(grid: &Grid) -> Vec<Season> {
    let slope = trend::trend(grid).map_or(0.0, |trend| trend.per_day * grid.step_ms / DAY_MS as f64);
    let mut values = clipped(&detrended(&grid.values, slope));
    let mut seasons = Vec::new();
    for (name, lag) in candidates(grid, &values) {
        let rest = without(&values, lag);
        let strength = strength(&values, &rest, lag);
        if strength >= STRENGTH_MIN {
            seasons.push(Season { name, period_ms: lag as f64 * grid.step_ms, strength });
            values = rest;
        }
    }
    seasons
}

/// Without its extremes: one burst has more variance than a month of ordinary days.
fn clipped(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match robust(&sorted).map(|(centre, scale)| (centre, CLIP * scale)) {
        // Numbers at the ends of the range of f64 have no finite deviation.
        Some((centre, reach)) if (centre + reach).is_finite() => {
            values.iter().map(|value| value.clamp(centre - reach, centre + reach)).collect()
        }
        _ => values.to_vec(),
    }
}

/// Names and periods in steps that could be seasons, the shortest first.
fn candidates(grid: &Grid, values: &[f64]) -> Vec<(&'static str, usize)> {
    let calendar = CALENDAR.map(|(name, period_ms)| (name, grid.steps(period_ms)));
    let is_new = |lag: &usize| calendar.iter().all(|(_, own)| (*lag as f64 / *own as f64 - 1.0).abs() > SAME);
    let found = correlated(values).filter(is_new).map(|lag| ("found", lag));
    let is_long_enough = |lag: usize| lag >= STEPS_MIN && values.len() >= PERIODS_MIN * lag;
    let mut all: Vec<_> = calendar.into_iter().chain(found).filter(|(_, lag)| is_long_enough(*lag)).collect();
    all.sort_by_key(|(_, lag)| *lag);
    all
}

/// The values without the mean of their phase.
fn without(values: &[f64], lag: usize) -> Vec<f64> {
    let mut sums = vec![(0.0, 0u32); lag];
    for (step, value) in values.iter().enumerate() {
        let (sum, count) = &mut sums[step % lag];
        (*sum, *count) = (*sum + value, *count + 1);
    }
    let of_phase = |step: usize| sums[step % lag].0 / f64::from(sums[step % lag].1);
    values.iter().enumerate().map(|(step, value)| value - of_phase(step)).collect()
}

/// Share of the variance that taking the phases out has removed, as adjusted R².
fn strength(values: &[f64], rest: &[f64], lag: usize) -> f64 {
    let (all, count) = (variance(values), values.len() as f64);
    if all <= 0.0 {
        return 0.0;
    }
    (1.0 - variance(rest) / all * (count - 1.0) / (count - lag as f64)).clamp(0.0, 1.0)
}

/// The lag at which the series is most like itself: the first high peak of its autocorrelation.
fn correlated(values: &[f64]) -> Option<usize> {
    let longest = (values.len() / PERIODS_MIN).min(LAG_MAX);
    let correlation: Vec<f64> = autocorrelation(values, longest)?;
    // Near 0 every smooth series is like itself; a period begins after it was unlike itself once.
    let from = correlation.iter().position(|own| *own < 0.0)?;
    let is_peak = |lag: &usize| {
        correlation[*lag] >= correlation[lag - 1]
            && correlation.get(lag + 1).is_none_or(|next| correlation[*lag] > *next)
    };
    let peaks: Vec<usize> = (from.max(STEPS_MIN)..correlation.len()).filter(is_peak).collect();
    let highest = peaks.iter().map(|lag| correlation[*lag]).fold(STRENGTH_MIN, f64::max);
    // Multiples of a period are as high; the first one is it.
    peaks.into_iter().find(|lag| correlation[*lag] > STRENGTH_MIN && correlation[*lag] >= 0.9 * highest)
}

/// Correlation with itself at lags up to `longest`; none of a constant.
fn autocorrelation(values: &[f64], longest: usize) -> Option<Vec<f64>> {
    let (mean, variance) = (super::grid::mean(values), variance(values));
    let centred: Vec<f64> = values.iter().map(|value| value - mean).collect();
    let of_lag = |lag: usize| {
        let count = values.len() - lag;
        centred[lag..].iter().zip(&centred).map(|(one, other)| one * other).sum::<f64>()
            / count as f64
            / variance
    };
    (variance > 0.0).then(|| (0..=longest).map(of_lag).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    fn noise(step: u32) -> f64 {
        let mixed = (step ^ 0x5bd1_e995).wrapping_mul(0x9e37_79b9);
        let mixed = (mixed ^ mixed >> 16).wrapping_mul(0x85eb_ca6b);
        f64::from(mixed ^ mixed >> 13) / f64::from(u32::MAX) - 0.5
    }

    /// Hourly values.
    fn of(hours: u32, value: impl Fn(u32) -> f64) -> Vec<(&'static str, f64, f64)> {
        let grid = Grid { from_ms: 0, step_ms: 3_600_000.0, values: (0..hours).map(value).collect() };
        seasons(&grid)
            .iter()
            .map(|own| (own.name, own.period_ms / 3.6e6, (own.strength * 10.0).round() / 10.0))
            .collect()
    }

    fn wave(hour: u32, period: f64) -> f64 {
        (f64::from(hour) * TAU / period).sin()
    }

    #[test]
    fn days_and_weeks_are_found() {
        assert_eq!(of(24 * 10, |hour| wave(hour, 24.0) + 0.2 * noise(hour)), [("daily", 24.0, 1.0)]);
        let office = |hour: u32| f64::from(u8::from(hour / 24 % 7 < 5 && (8..18).contains(&(hour % 24))));
        let found = of(24 * 7 * 4, |hour| office(hour) + 0.1 * noise(hour));
        assert_eq!(found.iter().map(|own| own.0).collect::<Vec<_>>(), ["daily", "weekly"]);
    }

    #[test]
    fn other_periods_are_found_by_themselves() {
        assert_eq!(of(400, |hour| wave(hour, 17.0) + 0.2 * noise(hour)), [("found", 17.0, 1.0)]);
        let spikes = |hour: u32| if hour.is_multiple_of(30) { 10.0 } else { noise(hour) };
        assert_eq!(of(600, spikes)[0].1, 30.0);
    }

    #[test]
    fn noise_slopes_and_constants_do_not_repeat() {
        assert_eq!(of(500, noise), []);
        assert_eq!(of(500, |hour| f64::from(hour) + noise(hour)), []);
        assert_eq!(of(500, |_| 1.0), []);
        assert_eq!(of(30, |hour| wave(hour, 24.0)), []);
    }
}
