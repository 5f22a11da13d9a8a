//! A counter as what it counts in a second.

use super::Point;
use crate::rate::Rate;

/// Makes the values of a counter into rates, one after the other.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rates {
    first_ms: Option<i64>,
    rate: Rate,
}

impl Rates {
    /// The rate per second since the value before; none for the first one, after a gap, or without passed time.
    pub fn next(&mut self, at_ms: i64, value: f64) -> Option<f64> {
        let first_ms = *self.first_ms.get_or_insert(at_ms);
        let since_ms = u64::try_from(at_ms.saturating_sub(first_ms)).ok()?;
        // Counted from 1 because 0 means to a rate that there was nothing before.
        self.rate.observe(value, since_ms + 1)
    }
}

/// Rates between neighbouring points; none after a gap. What has no rate is missing.
pub fn rates(points: &[Point]) -> Vec<Point> {
    let mut rates = Rates::default();
    let mut next = |point: &Point| rates.next(point.at_ms, point.value?);
    let all = points.iter().map(|point| Point { at_ms: point.at_ms, value: next(point) });
    // The first one cannot have a rate; it is not missing.
    all.skip(1).collect()
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
