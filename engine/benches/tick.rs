//! What a tick costs: `cargo bench -p hostward-engine`.
//!
//! Each row takes the same batches through the engine (history, baseline, anomaly) and, in the same run, through
//! the least that anybody could do with them: copying each value into a plain array. The ratio is the price of
//! remembering and judging.

// A benchmark is the one place here that looks at a clock.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

use hostward_engine::{Engine, Input, Scope, Settings};
use hostward_model::{Batch, Metric, Now};
use std::hint::black_box;
use std::time::Instant;

static COUNTER: Metric = Metric::counter("bench_total", "Counter.", &["n"]);
static GAUGE: Metric = Metric::gauge("bench_level", "Gauge.", &["n"]);
static STILL: Metric = Metric::gauge("bench_size_bytes", "Does not move.", &["n"]);

const TICKS: u64 = 300;

fn main() {
    println!(
        "| series | engine ns/sample | floor ns/sample | ratio | history bytes/sample | snapshot bytes/series |"
    );
    println!("|---|---|---|---|---|---|");
    [1_000, 10_000].into_iter().for_each(row);
}

fn row(series: usize) {
    let settings = Settings { series_max: series * 2, history_bytes_max: 1 << 30, ..Settings::default() };
    let mut engine = Engine::new(settings);
    let (mut plain, mut engine_ns, mut floor_ns) = (vec![0.0; series], 0, 0);
    let mut batch = Batch::new();
    for tick in 0..TICKS {
        fill(&mut batch, series, tick);
        let now = Now::new(1_700_000_000_000 + tick as i64 * 1000, 1000 + tick * 1000);
        let start = Instant::now();
        engine.handle(now, Input::Batch { probe: "bench", batch: &batch });
        // The first tick interns the series; it is paid once.
        engine_ns += if tick == 0 { 0 } else { start.elapsed().as_nanos() };
        let start = Instant::now();
        plain.iter_mut().zip(batch.samples()).for_each(|(slot, sample)| *slot = sample.value);
        floor_ns += start.elapsed().as_nanos();
        black_box(&plain);
    }
    let samples = (TICKS as f64 - 1.0) * series as f64;
    let (engine_ns, floor_ns) = (engine_ns as f64 / samples, floor_ns as f64 / samples);
    let history = engine.view().counts.history_bytes as f64 / samples;
    let snapshot = engine.save(Scope::Learning).len() / series;
    println!(
        "| {series} | {engine_ns:.0} | {floor_ns:.1} | {:.0} | {history:.2} | {snapshot} |",
        engine_ns / floor_ns
    );
}

/// A third of each: counters that grow unevenly, gauges that wander, values that stay.
fn fill(batch: &mut Batch, series: usize, tick: u64) {
    batch.clear();
    for index in 0..series as u64 {
        let name = index.to_string();
        let noise = (index.wrapping_mul(2_654_435_761) ^ tick.wrapping_mul(40_503)) % 1000;
        match index % 3 {
            0 => batch.push(&COUNTER, &[&name], (tick * 1000 + noise) as f64),
            1 => batch.push(&GAUGE, &[&name], 50.0 + noise as f64 / 100.0),
            _ => batch.push(&STILL, &[&name], 1e9),
        }
    }
}
