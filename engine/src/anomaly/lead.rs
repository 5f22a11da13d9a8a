//! When a series began to move: at or before its first unusual value.

use super::Judgement;
use crate::promql::source::Point;

/// The time of the first of the values that lie outside of the band without a break before `since_ms`.
///
/// A value must be rare to be called unusual, while for the question of what moved first it is enough that it left
/// its band and did not come back.
pub fn onset_ms(points: &[Point], counter: bool, peak: &Judgement, since_ms: i64) -> i64 {
    let (low, high) = peak.band;
    let up = peak.value > peak.expected;
    let is_out = |value: f64| if up { value > high } else { value < low };
    let before = points.partition_point(|point| point.at_ms < since_ms);
    let moved = |index: &usize| value(points, *index, counter).is_some_and(is_out);
    let first = (0..before).rev().take_while(moved).last();
    first.map_or(since_ms, |index| points[index].at_ms)
}

/// A point's value: the rate since the point before for a counter, which the first has not, nor one where it began again.
pub fn value(points: &[Point], index: usize, counter: bool) -> Option<f64> {
    let point = points.get(index)?;
    if !counter {
        return Some(point.value);
    }
    let last = points.get(index.checked_sub(1)?)?;
    let rate = (point.value - last.value) * 1000.0 / (point.at_ms - last.at_ms).max(1) as f64;
    (rate >= 0.0).then_some(rate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anomaly::Channel;

    fn onset(values: &[f64], counter: bool, since_ms: i64) -> i64 {
        let points: Vec<_> =
            values.iter().zip(0..).map(|(value, at)| Point { at_ms: at * 1000, value: *value }).collect();
        let (score, confidence, channel) = (1.0, 1.0, Channel::Level);
        let peak = Judgement { value: 9.0, expected: 1.0, band: (0.0, 2.0), score, confidence, channel };
        onset_ms(&points, counter, &peak, since_ms)
    }

    #[test]
    fn a_gauge_began_where_it_left_its_band_for_good() {
        assert_eq!(onset(&[1.0, 3.0, 1.0, 3.0, 4.0, 9.0], false, 5000), 3000);
        assert_eq!(onset(&[1.0, 1.0, 1.0, 1.0, 1.0, 9.0], false, 5000), 5000);
        assert_eq!(onset(&[9.0, 9.0], false, 1000), 0);
        assert_eq!(onset(&[], false, 1000), 1000);
    }

    #[test]
    fn a_counter_is_looked_at_as_a_rate() {
        assert_eq!(onset(&[0.0, 1.0, 2.0, 6.0, 11.0, 20.0], true, 5000), 3000);
        assert_eq!(onset(&[50.0, 1.0, 2.0, 11.0], true, 3000), 3000);
    }
}
