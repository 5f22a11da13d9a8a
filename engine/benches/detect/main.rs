//! What judging costs, beside two-means as in Netdata: `cargo bench -p hostward-engine --bench detect`.
//!
//! Both see the same values in the same run, one series after the other, so that with many series none finds its
//! state in a cache. Training is divided among the values between two trainings.

// A benchmark is the one place here that looks at a clock.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod two_means;

use hostward_engine::anomaly::Detector;
use hostward_engine::{Engine, Input, Scope, Settings};
use hostward_model::{Batch, Metric, Now};
use std::hint::black_box;
use std::time::Instant;
use two_means::{Dimension, MODELS, Model, TRAIN_EVERY, VALUES, WINDOW};

static GAUGE: Metric = Metric::gauge("bench_level", "Gauge.", &["n"]);

/// Two days in large steps, so that all of a model is in use, then the usual interval; the last rounds are measured.
const LEARNING: u64 = 300;
const LEARNING_STEP_MS: i64 = 600_000;
const STEP_MS: i64 = 10_000;
const ROUNDS: u64 = LEARNING + 200;
const MEASURED: u64 = 20;
/// Series whose two-means models are trained; the others get copies.
const TRAINED: u64 = 32;

fn main() {
    let (models, training_ns) = trained();
    println!(
        "| series | ns per value | two-means: judging | + training | ratio | bytes per series | two-means | ratio |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for series in [1_000, 10_000, 100_000] {
        row(series, &models, training_ns);
    }
    snapshot(5_000);
}

fn row(series: u64, models: &[[Model; MODELS]], training_ns: f64) {
    let mut detectors = Vec::new();
    let grown = allocation_counter::measure(|| {
        detectors = vec![Detector::default(); series as usize];
        rounds(0..ROUNDS - MEASURED, series, |at_ms, index, value| {
            black_box(detectors[index].observe(at_ms, value));
        });
    });
    let own = rounds(ROUNDS - MEASURED..ROUNDS, series, |at_ms, index, value| {
        black_box(detectors[index].observe(at_ms, value));
    });
    drop(detectors);
    let of = |index: usize| models[index % models.len()];
    let mut dimensions: Vec<Dimension> =
        (0..series as usize).map(|index| Dimension::new(of(index))).collect();
    let mut theirs = |range| {
        rounds(range, series, |_, index, value| {
            black_box(dimensions[index].observe(value));
        })
    };
    theirs(0..VALUES as u64);
    let judging = theirs(ROUNDS - MEASURED..ROUNDS);
    let (bytes, their_bytes) = (grown.bytes_current as f64 / series as f64, size_of::<Dimension>() as f64);
    let training = training_ns / TRAIN_EVERY as f64;
    println!(
        "| {series} | {own:.0} | {judging:.0} | {:.0} | {:.2} | {bytes:.0} | {their_bytes:.0} | {:.2} |",
        judging + training,
        own / (judging + training),
        bytes / their_bytes,
    );
}

/// Takes all series through some rounds; gives the nanoseconds of one value, without those of making it.
fn rounds(range: std::ops::Range<u64>, series: u64, mut take: impl FnMut(i64, usize, f64)) -> f64 {
    let count = ((range.end - range.start) * series) as f64;
    let pass = |take: &mut dyn FnMut(i64, usize, f64)| {
        let start = Instant::now();
        for round in range.clone() {
            let at_ms = time_ms(round);
            (0..series).for_each(|index| take(at_ms, index as usize, value(round, index)));
        }
        start.elapsed().as_nanos() as f64
    };
    let floor = pass(&mut |_, _, value| {
        black_box(value);
    });
    (pass(&mut take) - floor) / count
}

fn time_ms(round: u64) -> i64 {
    let (learning, usual) = (round.min(LEARNING) as i64, round.saturating_sub(LEARNING) as i64);
    1_767_571_200_000 + learning * LEARNING_STEP_MS + usual * STEP_MS
}

/// A third each: noise on a level, noise on a day's rhythm, small counts.
fn value(round: u64, index: u64) -> f64 {
    let mut noise = (round << 32 ^ index).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    noise = (noise ^ (noise >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let share = (noise >> 11) as f64 / (1_u64 << 53) as f64;
    match index % 3 {
        0 => 50.0 + share,
        1 => ((round % 144) as f64 / 144.0 * std::f64::consts::TAU).sin() * 10.0 + share,
        _ => (share * 4.0).floor(),
    }
}

/// Models of some series, and what one training takes.
fn trained() -> (Vec<[Model; MODELS]>, f64) {
    let windows: Vec<Vec<f64>> =
        (0..TRAINED).map(|index| (0..WINDOW as u64).map(|round| value(round, index)).collect()).collect();
    let start = Instant::now();
    let models: Vec<_> = windows.iter().map(|window| Model::train(window)).collect();
    let training_ns = start.elapsed().as_nanos() as f64 / TRAINED as f64;
    (models.into_iter().map(|model| [model; MODELS]).collect(), training_ns)
}

fn snapshot(series: usize) {
    let settings = Settings { series_max: series, ..Settings::default() };
    let mut engine = Engine::new(settings.clone());
    let mut batch = Batch::new();
    let names: Vec<String> = (0..series).map(|index| index.to_string()).collect();
    for round in 0..ROUNDS {
        batch.clear();
        for (index, name) in names.iter().enumerate() {
            batch.push(&GAUGE, &[name], value(round, index as u64));
        }
        let now = Now::new(time_ms(round), time_ms(round) as u64);
        engine.handle(now, Input::Batch { probe: "bench", batch: &batch });
    }
    let start = Instant::now();
    let bytes = engine.save(Scope::Learning);
    let saved = start.elapsed();
    let restored = Engine::restore(settings, &bytes);
    let restored_in = start.elapsed() - saved;
    assert!(restored.is_ok(), "a snapshot that cannot be restored was timed");
    println!(
        "\n{series} series: snapshot in {:.1} ms, restored in {:.1} ms, {} bytes per series",
        saved.as_secs_f64() * 1000.0,
        restored_in.as_secs_f64() * 1000.0,
        bytes.len() / series
    );
}
