//! Two-means as in Netdata, to compare with: what its documentation and its published notebook say, written anew.
//!
//! A series' last nine values give one vector: first differences, their moving mean over three, and the latest of
//! those with its five lags. Each three hours a model is trained on a fifth of the vectors of the last six hours:
//! two centres by k-means, and the least and greatest mean distance of a training vector to them. A value is
//! anomalous when all of the last 18 models place it beyond 99 % of that range; the first that does not ends the
//! question. What is trained on comes from the database, so it is not counted as memory here.

const LAGS: usize = 6;
const SMOOTH: usize = 3;
/// Values that a vector needs.
pub const VALUES: usize = 1 + SMOOTH + LAGS - 1;
pub const MODELS: usize = 18;
/// Values that a model is trained on, and how many pass between two trainings.
pub const WINDOW: usize = 21_600;
pub const TRAIN_EVERY: usize = 10_800;
const SAMPLED: usize = 5;
const ITERATIONS_MAX: usize = 1000;
const THRESHOLD: f64 = 0.99;

type Features = [f64; LAGS];

/// One trained model.
#[derive(Clone, Copy)]
pub struct Model {
    centres: [Features; 2],
    least: f64,
    most: f64,
}

/// One series with its models.
#[derive(Clone)]
pub struct Dimension {
    last: [f64; VALUES],
    models: [Model; MODELS],
}

impl Dimension {
    pub fn new(models: [Model; MODELS]) -> Self {
        Dimension { last: [0.0; VALUES], models }
    }

    /// Takes a value and says whether it is anomalous.
    pub fn observe(&mut self, value: f64) -> bool {
        self.last.rotate_left(1);
        self.last[VALUES - 1] = value;
        let features = features(&self.last);
        self.models.iter().all(|model| model.score(&features) >= THRESHOLD)
    }
}

impl Model {
    /// Trains on the values of a window.
    pub fn train(values: &[f64]) -> Self {
        let vectors: Vec<Features> = values.windows(VALUES).map(features).step_by(SAMPLED).collect();
        let centres = k_means(&vectors);
        let distances = vectors.iter().map(|vector| mean_distance(&centres, vector));
        let (least, most) = distances.fold((f64::INFINITY, 0.0), |(least, most): (f64, f64), distance| {
            (least.min(distance), most.max(distance))
        });
        Model { centres, least, most }
    }

    fn score(&self, features: &Features) -> f64 {
        if self.most == self.least {
            return 0.0;
        }
        ((mean_distance(&self.centres, features) - self.least) / (self.most - self.least)).abs().min(1.0)
    }
}

/// The vector of the last values.
fn features(values: &[f64]) -> Features {
    let difference = |index: usize| values[index + 1] - values[index];
    std::array::from_fn(|lag| {
        let smoothed = (0..SMOOTH).map(|step| difference(lag + step)).sum::<f64>();
        smoothed / SMOOTH as f64
    })
}

fn mean_distance(centres: &[Features; 2], vector: &Features) -> f64 {
    (squared(&centres[0], vector).sqrt() + squared(&centres[1], vector).sqrt()) / 2.0
}

fn squared(a: &Features, b: &Features) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// Lloyd's algorithm, from the first vector and the one farthest from it.
fn k_means(vectors: &[Features]) -> [Features; 2] {
    let first = vectors[0];
    let far = vectors.iter().max_by(|a, b| squared(a, &first).total_cmp(&squared(b, &first)));
    let mut centres = [first, *far.unwrap_or(&first)];
    for _ in 0..ITERATIONS_MAX {
        let (mut sums, mut counts) = ([[0.0; LAGS]; 2], [0_u32; 2]);
        for vector in vectors {
            let nearest = usize::from(squared(vector, &centres[1]) < squared(vector, &centres[0]));
            counts[nearest] += 1;
            sums[nearest].iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
        }
        let mut moved = centres;
        for (centre, (sum, count)) in
            moved.iter_mut().zip(sums.iter().zip(counts)).filter(|(_, (_, n))| *n > 0)
        {
            *centre = sum.map(|sum| sum / f64::from(count));
        }
        if moved == centres {
            break;
        }
        centres = moved;
    }
    centres
}
