//! A counter as what it counts in a second.

use super::Point;
use crate::rate::Rate;

/// Rates between neighbouring points; none after a gap. What has no rate is missing.
pub fn rates(points: &[Point]) -> Vec<Point> {
    let Some(first_ms) = points.first().map(|point| point.at_ms) else { return Vec::new() };
    let mut rate = Rate::default();
    // Counted from 1 because 0 means to a rate that there was nothing before.
    let mut next = |point: &Point| {
        let since_ms = u64::try_from(point.at_ms.saturating_sub(first_ms)).ok()?;
        rate.observe(point.value?, since_ms + 1)
    };
    let mut all: Vec<Point> =
        points.iter().map(|point| Point { at_ms: point.at_ms, value: next(point) }).collect();
    // The first one cannot have a rate; it is not missing.
    all.remove(0);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_become_rates_and_resets_are_known() {
        let points = [(1000, 5.0), (2000, 15.0), (3000, 4.0), (4000, 4.0)]
            .map(|(at_ms, value)| Point { at_ms, value: Some(value) });
        let found: Vec<_> = rates(&points).iter().map(|point| point.value).collect();
        assert_eq!(found, [Some(10.0), Some(4.0), Some(0.0)]);
        assert_eq!(rates(&[]), []);
    }
}
