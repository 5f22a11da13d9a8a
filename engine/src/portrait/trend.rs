//! Whether a series rises or falls: the slope of Theil and Sen, and the test of Mann and Kendall.

use super::Grid;

/// The series is averaged to so many values, because every pair of them is looked at.
const VALUES_MAX: usize = 400;
/// Beyond this the test is sure at the level of 1 %.
const SURE_FROM: f64 = 2.576;

/// How a series changes in the long run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// Change in a day: the median slope of all pairs of values.
    pub per_day: f64,
    /// From -1 (always falling) to 1 (always rising): Kendall's tau.
    pub tau: f64,
    /// Whether a series without a trend would hardly look like this. It is easily taken in by a slow wave.
    pub is_sure: bool,
}

pub(super) fn trend(grid: &Grid) -> Option<Trend> {
    let chunk = grid.values.len().div_ceil(VALUES_MAX);
    let means: Vec<f64> = grid.values.chunks_exact(chunk).map(super::grid::mean).collect();
    let mut slopes = Vec::with_capacity(means.len() * means.len() / 2);
    let mut signs = 0.0;
    for (place, value) in means.iter().enumerate() {
        for (later, other) in means.iter().enumerate().skip(place + 1) {
            slopes.push((other - value) / (later - place) as f64);
            signs += sign(other - value);
        }
    }
    if slopes.is_empty() {
        return None;
    }
    let (middle, pairs, count) = (slopes.len() / 2, slopes.len() as f64, means.len() as f64);
    let slope = *slopes.select_nth_unstable_by(middle, f64::total_cmp).1;
    let deviation = (count * (count - 1.0) * (2.0 * count + 5.0) / 18.0).sqrt();
    let per_day = slope / chunk as f64 / grid.step_ms * hostward_model::time::DAY_MS as f64;
    Some(Trend { per_day, tau: signs / pairs, is_sure: signs.abs() / deviation >= SURE_FROM })
}

fn sign(difference: f64) -> f64 {
    if difference == 0.0 { 0.0 } else { difference.signum() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl IntoIterator<Item = f64>) -> Trend {
        trend(&Grid { from_ms: 0, step_ms: 3_600_000.0, values: values.into_iter().collect() }).unwrap()
    }

    #[test]
    fn a_line_has_its_slope_and_one_outlier_does_not_turn_it() {
        let found = of((0..1000).map(|hour| f64::from(hour) * 0.5 + if hour == 30 { 1e6 } else { 0.0 }));
        assert!((found.per_day - 12.0).abs() < 0.1 && found.tau > 0.95 && found.is_sure, "{found:?}");
    }

    #[test]
    fn noise_and_constants_have_none() {
        let noise = of((0..300u32).map(|step| f64::from(step.wrapping_mul(2_654_435_761) >> 16)));
        assert!(!noise.is_sure && noise.tau.abs() < 0.1, "{noise:?}");
        assert_eq!(of([7.0; 50]), Trend { per_day: 0.0, tau: 0.0, is_sure: false });
    }
}
