//! What rules cost: `cargo bench -p hostward-engine --bench rules`.
//!
//! 100 rules over 2,000 series with half an hour of samples, evaluated together as the daemon does each 10 s.

// A benchmark is the one place here that looks at a clock.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

use hostward_engine::rules::RuleSet;
use hostward_engine::{Engine, Input, Settings};
use hostward_model::{Batch, Metric, Now};
use std::sync::Arc;
use std::time::Instant;

static COUNTER: Metric = Metric::counter("bench_total", "Counter.", &["device", "mode"]);
static LEVEL: Metric = Metric::gauge("bench_level", "Gauge.", &["device", "mode"]);
static SIZE: Metric = Metric::gauge("bench_size_bytes", "Does not move.", &["device", "mode"]);

const SERIES: u64 = 2_000;
const TICKS: u64 = 180;
const STEP_MS: u64 = 10_000;
const EVALUATIONS: u32 = 50;

/// What the rules of hosts look like, one a line; `#` is a number. `cargo xtask bench rules` takes them, too.
const SHAPES: &str = include_str!("shapes.txt");

fn main() {
    let mut engine = Engine::new(Settings { history_bytes_max: 1 << 30, ..Settings::default() });
    let mut batch = Batch::new();
    let mut now = Now::default();
    for tick in 0..TICKS {
        fill(&mut batch, tick);
        now = Now::new(1_700_000_000_000 + (tick * STEP_MS) as i64, 1000 + tick * STEP_MS);
        engine.handle(now, Input::Batch { probe: "bench", batch: &batch });
    }
    engine.handle(now, Input::Rules(Arc::new(rules())));
    engine.handle(now, Input::Wake);
    let mut took_ms = Vec::new();
    for step in 0..EVALUATIONS {
        fill(&mut batch, TICKS + u64::from(step));
        now = Now::new(now.wall_ms + STEP_MS as i64, now.mono_ms + STEP_MS);
        engine.handle(now, Input::Batch { probe: "bench", batch: &batch });
        let start = Instant::now();
        engine.handle(now, Input::Wake);
        took_ms.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    took_ms.sort_by(f64::total_cmp);
    let counts = engine.view().counts;
    assert_eq!((counts.evaluations, counts.evaluation_failures), (u64::from(EVALUATIONS + 1) * 100, 0));
    println!("| rules | series | ms for all rules, median | least |\n|---|---|---|---|");
    println!("| 100 | {SERIES} | {:.2} | {:.2} |", took_ms[took_ms.len() / 2], took_ms[0]);
}

fn rules() -> RuleSet {
    let shapes: Vec<_> = SHAPES.lines().collect();
    let rule = |index: usize| {
        let expr = shapes[index % shapes.len()].replace('#', &(index / shapes.len()).to_string());
        format!("  - alert: A{index}\n    expr: '{expr}'\n    for: 1m\n")
    };
    let text = format!("groups:\n- name: bench\n  rules:\n{}", (0..100).map(rule).collect::<String>());
    let (rules, errors) = RuleSet::parse(&[("bench.yml".to_owned(), text)]);
    assert!(errors.is_empty(), "{errors:?}");
    rules
}

/// Devices with ten modes each, a third of the series of each metric.
fn fill(batch: &mut Batch, tick: u64) {
    batch.clear();
    for index in 0..SERIES / 3 + 1 {
        let (device, mode) = (format!("d{}", index / 10), format!("m{}", index % 10));
        let noise = (index.wrapping_mul(2_654_435_761) ^ tick.wrapping_mul(40_503)) % 1000;
        batch.push(&COUNTER, &[&device, &mode], (tick * 1000 + noise) as f64);
        batch.push(&LEVEL, &[&device, &mode], 50.0 + noise as f64 / 100.0);
        batch.push(&SIZE, &[&device, &mode], 1e9);
    }
}
