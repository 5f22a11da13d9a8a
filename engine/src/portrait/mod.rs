//! What a series is like, as far as numbers can say: how it was sampled, how its values are spread, what changes with time,
//! and how far all of that can be trusted.
//!
//! One file for each statistic. Everything here looks at a whole series at once; what is learnt as samples come is in
//! [`crate::baseline`].

mod distribution;
mod grid;
mod moments;
mod outliers;
mod quality;
mod quantile;
mod rates;
mod sampling;
mod season;
mod stationarity;
mod trend;

pub use distribution::{Distribution, Shape};
pub use moments::Moments;
pub use outliers::{Outlier, Outliers};
pub use quality::{Quality, Reason};
pub use quantile::quantile;
pub use rates::{Rates, rates};
pub use sampling::{Interval, Sampling};
pub use season::Season;
pub use stationarity::Stationarity;
pub use trend::Trend;

use grid::Grid;

/// One row of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// When, in milliseconds since the epoch.
    pub at_ms: i64,
    /// The value; none where it is missing.
    pub value: Option<f64>,
}

/// What is said of one series.
#[derive(Clone, Debug, PartialEq)]
pub struct Portrait {
    /// How it was sampled.
    pub sampling: Sampling,
    /// How its values are spread; none without any.
    pub distribution: Option<Distribution>,
    /// Whether it rises or falls.
    pub trend: Option<Trend>,
    /// What repeats, the strongest first.
    pub seasons: Vec<Season>,
    /// Whether its level stays.
    pub stationarity: Option<Stationarity>,
    /// Values far from all others.
    pub outliers: Outliers,
    /// How much of this can be relied upon.
    pub quality: Quality,
}

/// Looks at the points in whatever order they are.
pub fn portrait(points: &[Point]) -> Portrait {
    let (sampling, ordered) = sampling::sampling(points);
    let mut sorted: Vec<f64> = ordered.iter().map(|(_, value)| *value).collect();
    sorted.sort_by(f64::total_cmp);
    let distribution = distribution::distribution(&ordered, &sorted);
    let grid = Grid::of(&ordered, &sampling);
    let outliers = outliers::outliers(&ordered, &sorted);
    Portrait {
        trend: grid.as_ref().and_then(trend::trend),
        seasons: grid.as_ref().map(season::seasons).unwrap_or_default(),
        stationarity: grid.as_ref().and_then(stationarity::stationarity),
        quality: quality::quality(&sampling, distribution.as_ref(), &outliers),
        sampling,
        distribution,
        outliers,
    }
}

/// Finite values with their times, in the order of time, one for each time.
type Ordered = Vec<(i64, f64)>;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_points_have_a_portrait(
            points in prop::collection::vec((prop_oneof![any::<i64>(), 0..100_000_000i64], prop::option::of(any::<f64>())), 0..60),
        ) {
            let finite = |value: f64| Some(value).filter(|value| value.is_finite());
            let points: Vec<Point> = points.into_iter().map(|(at_ms, value)| Point { at_ms, value: value.and_then(finite) }).collect();
            let found = portrait(&points);
            prop_assert!(found.quality.score <= 100 && found.seasons.iter().all(|own| (0.0..=1.0).contains(&own.strength)));
            prop_assert!(portrait(&rates(&points)).sampling.count <= points.len());
        }
    }
}
