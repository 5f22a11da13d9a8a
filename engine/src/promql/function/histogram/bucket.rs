//! What the buckets of a classic histogram say, on the assumption that values are spread evenly in each.

/// Counts nearer to each other than this share of themselves differ by rounding only.
const SAME_SHARE: f64 = 1e-12;

/// How many values are at most so large.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    pub upper: f64,
    pub count: f64,
}

/// Buckets of one histogram, by their upper bounds, each bound once.
pub struct Buckets(Vec<Bucket>);

impl Buckets {
    /// Buckets with the same bound, written differently, are one.
    pub fn new(mut buckets: Vec<Bucket>) -> Self {
        buckets.sort_by(|a, b| a.upper.total_cmp(&b.upper));
        buckets.dedup_by(|later, kept| {
            let same = later.upper == kept.upper;
            if same {
                kept.count += later.count;
            }
            same
        });
        Buckets(buckets)
    }

    fn is_complete(&self) -> bool {
        self.0.last().is_some_and(|last| last.upper == f64::INFINITY)
    }

    /// The φ-quantile, and whether counts had to be made to grow.
    pub fn quantile(&self, share: f64) -> (f64, bool) {
        if share.is_nan() {
            return (f64::NAN, false);
        }
        if !(0.0..=1.0).contains(&share) {
            return (if share < 0.0 { f64::NEG_INFINITY } else { f64::INFINITY }, false);
        }
        if !self.is_complete() {
            return (f64::NAN, false);
        }
        let mut buckets = self.0.clone();
        let forced = force_growth(&mut buckets);
        (quantile(share, &buckets), forced)
    }

    /// Which share of the values lies between two bounds.
    pub fn fraction(&self, lower: f64, upper: f64) -> f64 {
        let total = self.0.last().map_or(f64::NAN, |last| last.count);
        if !self.is_complete() || total == 0.0 || total.is_nan() || lower.is_nan() || upper.is_nan() {
            return f64::NAN;
        }
        if lower >= upper {
            return 0.0;
        }
        (self.at_most(upper, total) - self.at_most(lower, total)) / total
    }

    /// How many values are at most so large; inside a bucket without an end, nothing is known of them.
    fn at_most(&self, value: f64, total: f64) -> f64 {
        let (mut below, mut start) = (0.0, self.start());
        for bucket in &self.0 {
            if start >= value {
                return below;
            }
            if value < bucket.upper {
                return match (start.is_finite(), bucket.upper.is_finite()) {
                    (false, _) => bucket.count,
                    (_, false) => below,
                    _ => below + (bucket.count - below) * (value - start) / (bucket.upper - start),
                };
            }
            (below, start) = (bucket.count, bucket.upper);
        }
        total
    }

    /// Where the first bucket begins: a histogram of positive values begins at 0.
    fn start(&self) -> f64 {
        if self.0.first().is_some_and(|first| first.upper > 0.0) { 0.0 } else { f64::NEG_INFINITY }
    }
}

/// Counts never fall from one bucket to the next; where they do, the series were not read at one instant.
fn force_growth(buckets: &mut [Bucket]) -> bool {
    let mut forced = false;
    let mut before = buckets.first().map_or(0.0, |first| first.count);
    for bucket in buckets.iter_mut().skip(1) {
        let gap = (bucket.count - before).abs();
        let rounding = gap <= SAME_SHARE * bucket.count.abs().max(before.abs());
        if rounding || bucket.count < before {
            forced |= !rounding;
            bucket.count = before;
        }
        before = bucket.count;
    }
    forced
}

fn quantile(share: f64, buckets: &[Bucket]) -> f64 {
    let [.., before_last, last] = buckets else { return f64::NAN };
    if last.count == 0.0 || last.count.is_nan() {
        return f64::NAN;
    }
    let mut rank = share * last.count;
    let place = buckets[..buckets.len() - 1].partition_point(|bucket| bucket.count < rank);
    let bucket = buckets[place];
    if place == buckets.len() - 1 {
        return before_last.upper;
    }
    if place == 0 && bucket.upper <= 0.0 {
        return bucket.upper;
    }
    let (mut start, mut count) = (0.0, bucket.count);
    if let Some(before) = place.checked_sub(1).map(|before| buckets[before]) {
        (start, count, rank) = (before.upper, count - before.count, rank - before.count);
    }
    start + (bucket.upper - start) * (rank / count)
}
