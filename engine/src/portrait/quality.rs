//! How far a series can be relied upon: a score, and what took from it.

use super::{Distribution, Outliers, Sampling, Shape};

/// Fewer values say little.
const VALUES_WANTED: usize = 100;

/// The score and its reasons.
#[derive(Clone, Debug, PartialEq)]
pub struct Quality {
    /// From 0 (useless) to 100 (nothing to complain of).
    pub score: u32,
    /// What took from it, in the order of weight.
    pub reasons: Vec<Reason>,
}

/// One thing that took from the score.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// Points that it cost.
    pub cost: u32,
    /// What it is, in words.
    pub text: String,
}

pub(super) fn quality(
    sampling: &Sampling,
    distribution: Option<&Distribution>,
    outliers: &Outliers,
) -> Quality {
    let values = distribution.map_or(0, |own| own.count);
    if values == 0 {
        return Quality {
            score: 0,
            reasons: vec![Reason { cost: 100, text: "there are no values".to_owned() }],
        };
    }
    let rows = sampling.count as f64;
    let mut reasons = Vec::new();
    let mut take = |cost: f64, text: String| {
        reasons.extend((cost >= 0.5).then(|| Reason { cost: cost.round() as u32, text }))
    };
    let few = 1.0 - values as f64 / VALUES_WANTED as f64;
    take(40.0 * few.max(0.0), format!("only {values} values; {VALUES_WANTED} say more"));
    take(60.0 * sampling.missing as f64 / rows, format!("{} rows have no value", sampling.missing));
    if let Some(interval) = sampling.interval {
        let absent = interval.absent as f64;
        take(
            60.0 * absent / (rows + absent),
            format!("{} rows are absent in {} gaps", interval.absent, interval.gaps),
        );
        take(
            20.0 * (interval.jitter_ms / interval.median_ms).min(1.0),
            format!("rows come {} ms off their pace", interval.jitter_ms),
        );
    }
    take(
        rounded_up(sampling.duplicates, rows),
        format!("{} rows have the time of another", sampling.duplicates),
    );
    take(rounded_up(sampling.late, rows), format!("{} rows are older than the one before", sampling.late));
    take(100.0 * (outliers.share - 0.01).clamp(0.0, 0.1), format!("{} values are outliers", outliers.count));
    let is_still = distribution.is_some_and(|own| own.shape == Shape::Constant);
    take(if is_still { 20.0 } else { 0.0 }, "it never moves".to_owned());
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.cost));
    let cost: u32 = reasons.iter().map(|reason| reason.cost).sum();
    Quality { score: 100u32.saturating_sub(cost), reasons }
}

/// Up to 20 points by share; a single row costs one.
fn rounded_up(count: usize, rows: f64) -> f64 {
    (100.0 * count as f64 / rows).min(20.0).max(f64::from(u8::from(count > 0)))
}

#[cfg(test)]
mod tests {
    use super::super::{Point, portrait};

    fn of(rows: impl IntoIterator<Item = (i64, Option<f64>)>) -> (u32, Vec<String>) {
        let points: Vec<Point> = rows.into_iter().map(|(at_ms, value)| Point { at_ms, value }).collect();
        let quality = portrait(&points).quality;
        (quality.score, quality.reasons.into_iter().map(|reason| reason.text).collect())
    }

    #[test]
    fn a_good_series_has_nothing_to_complain_of() {
        assert_eq!(of((0..200).map(|step| (step * 1000, Some((step % 7) as f64)))), (100, vec![]));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let holes = (0..200)
            .filter(|step| step % 40 != 0)
            .map(|step| (step * 1000, (step % 5 != 1).then_some((step % 7) as f64)));
        let (score, reasons) = of(holes);
        assert!((80..90).contains(&score), "{score}");
        assert_eq!(reasons, ["40 rows have no value", "4 rows are absent in 4 gaps"]);
        assert_eq!(of([]), (0, vec!["there are no values".to_owned()]));
        assert_eq!(of((0..200).map(|step| (step, Some(1.0)))).1, ["it never moves"]);
    }
}
