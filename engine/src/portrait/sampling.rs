//! How often a series was sampled, and how regularly.

use super::{Ordered, Point, quantile};

/// A distance of more than so many usual ones is a gap.
const GAP_STEPS: f64 = 1.5;

/// How a series was sampled.
#[derive(Clone, Debug, PartialEq)]
pub struct Sampling {
    /// Rows, with or without a value.
    pub count: usize,
    /// Rows without a value.
    pub missing: usize,
    /// Rows with the time of another one.
    pub duplicates: usize,
    /// Rows that are older than the one before them.
    pub late: usize,
    /// First and last time, in milliseconds since the epoch; none without rows.
    pub span_ms: Option<(i64, i64)>,
    /// Distance of the rows; none with fewer than two times.
    pub interval: Option<Interval>,
}

/// Distance between neighbouring times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The median.
    pub median_ms: f64,
    /// Median of how far distances are from the median: 0 for a series like clockwork.
    pub jitter_ms: f64,
    /// Stretches in which at least one row should have come and did not.
    pub gaps: usize,
    /// The longest of them.
    pub longest_gap_ms: i64,
    /// Rows that would have filled them.
    pub absent: u64,
}

/// The figures, and the values in the order of time. Of rows with the same time the last one counts.
pub(super) fn sampling(points: &[Point]) -> (Sampling, Ordered) {
    let late = points.windows(2).filter(|two| two[1].at_ms < two[0].at_ms).count();
    let mut rows = points.to_vec();
    rows.sort_by_key(|point| point.at_ms);
    let mut times: Vec<i64> = rows.iter().map(|point| point.at_ms).collect();
    times.dedup();
    let mut ordered: Ordered = Vec::with_capacity(rows.len());
    for (at_ms, value) in rows.iter().filter_map(|point| Some((point.at_ms, point.value?))) {
        match ordered.last_mut() {
            Some(last) if last.0 == at_ms => last.1 = value,
            _ => ordered.push((at_ms, value)),
        }
    }
    let sampling = Sampling {
        count: points.len(),
        missing: points.iter().filter(|point| point.value.is_none()).count(),
        duplicates: points.len() - times.len(),
        late,
        span_ms: times.first().zip(times.last()).map(|(first, last)| (*first, *last)),
        interval: interval(&times),
    };
    (sampling, ordered)
}

fn interval(times: &[i64]) -> Option<Interval> {
    let steps: Vec<i64> = times.windows(2).map(|two| two[1].saturating_sub(two[0])).collect();
    let median_ms = median(steps.iter().map(|step| *step as f64))?;
    let gaps = steps.iter().filter(|step| **step as f64 > GAP_STEPS * median_ms);
    Some(Interval {
        median_ms,
        jitter_ms: median(steps.iter().map(|step| (*step as f64 - median_ms).abs()))?,
        gaps: gaps.clone().count(),
        longest_gap_ms: gaps.clone().copied().max().unwrap_or(0),
        absent: gaps.map(|step| (*step as f64 / median_ms).round() as u64 - 1).sum(),
    })
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    quantile(&values, 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(times: &[i64]) -> Sampling {
        let points: Vec<Point> =
            times.iter().map(|at_ms| Point { at_ms: *at_ms, value: Some(0.0) }).collect();
        sampling(&points).0
    }

    #[test]
    fn gaps_and_jitter_are_counted() {
        let interval = of(&[0, 10, 20, 50, 61, 70]).interval.unwrap();
        assert_eq!(
            interval,
            Interval { median_ms: 10.0, jitter_ms: 1.0, gaps: 1, longest_gap_ms: 30, absent: 2 }
        );
        let interval = of(&[0, 8, 20, 29, 41]).interval.unwrap();
        assert_eq!((interval.median_ms, interval.jitter_ms, interval.gaps), (10.5, 1.5, 0));
    }

    #[test]
    fn order_and_repetition_are_seen_and_mended() {
        let points = [(5, 1.0), (3, 2.0), (3, 3.0), (9, f64::NAN)]
            .map(|(at_ms, value)| Point { at_ms, value: (!value.is_nan()).then_some(value) });
        let (sampling, ordered) = sampling(&points);
        assert_eq!(
            (sampling.late, sampling.duplicates, sampling.missing, sampling.span_ms),
            (1, 1, 1, Some((3, 9)))
        );
        assert_eq!(ordered, [(3, 3.0), (5, 1.0)]);
    }

    #[test]
    fn few_rows_have_no_interval() {
        assert_eq!((of(&[]).interval, of(&[7]).interval, of(&[7, 7]).interval), (None, None, None));
        assert_eq!(of(&[i64::MIN, i64::MAX]).interval.unwrap().gaps, 0);
    }
}
