//! Whether the level of a series stays: the test of Kwiatkowski, Phillips, Schmidt and Shin.

use super::Grid;
use super::grid::{mean, variance};

/// The statistic is exceeded by one stationary series in twenty.
const CRITICAL: f64 = 0.463;
/// Lags for the long-run variance, as Schwert proposes: 4 (n/100)^(1/4).
const LAGS: f64 = 4.0;

/// What the test says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stationarity {
    /// The statistic: small when the level stays.
    pub statistic: f64,
    /// Whether it is below what one stationary series in twenty exceeds.
    pub is_stationary: bool,
}

pub(super) fn stationarity(grid: &Grid) -> Option<Stationarity> {
    let mean = mean(&grid.values);
    if variance(&grid.values) == 0.0 {
        return Some(Stationarity { statistic: 0.0, is_stationary: true });
    }
    let residuals: Vec<f64> = grid.values.iter().map(|value| value - mean).collect();
    let count = residuals.len() as f64;
    let mut sum = 0.0;
    let walked: f64 = residuals
        .iter()
        .map(|residual| {
            sum += residual;
            sum * sum
        })
        .sum();
    let statistic = walked / (count * count) / long_run(&residuals);
    statistic.is_finite().then_some(Stationarity { statistic, is_stationary: statistic < CRITICAL })
}

/// Variance with what neighbours have in common, weighted as Newey and West do.
fn long_run(residuals: &[f64]) -> f64 {
    let count = residuals.len() as f64;
    let lags = (LAGS * (count / 100.0).powf(0.25)).floor() as usize;
    let shared = |lag: usize| {
        residuals[lag..].iter().zip(residuals).map(|(one, other)| one * other).sum::<f64>() / count
    };
    let weighted = |lag: usize| 2.0 * (1.0 - lag as f64 / (lags + 1) as f64) * shared(lag);
    shared(0) + (1..=lags).map(weighted).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl IntoIterator<Item = f64>) -> Stationarity {
        stationarity(&Grid { from_ms: 0, step_ms: 60_000.0, values: values.into_iter().collect() }).unwrap()
    }

    fn noise(step: u32) -> f64 {
        let mixed = (step ^ 0x5bd1_e995).wrapping_mul(0x9e37_79b9);
        let mixed = (mixed ^ mixed >> 16).wrapping_mul(0x85eb_ca6b);
        f64::from(mixed ^ mixed >> 13) / f64::from(u32::MAX)
    }

    #[test]
    fn noise_stays_and_steps_and_slopes_do_not() {
        assert!(of((0..500).map(noise)).is_stationary);
        assert!(!of((0..500).map(|step| noise(step) + if step > 250 { 1.0 } else { 0.0 })).is_stationary);
        assert!(!of((0..500).map(|step| noise(step) + f64::from(step) * 0.01)).is_stationary);
        assert!(of([3.3; 40]).is_stationary);
    }
}
