//! Whatever floats and times come in: no panic, confidence from 0 to 1, bounded memory, and the same after a restore.

#![allow(clippy::unwrap_used)]

use hostward_engine::anomaly::{Detector, Judgement};
use hostward_engine::{Effect, Engine, Input, Scope, Settings};
use hostward_model::{Batch, Metric, Now};
use proptest::prelude::*;

static GAUGE: Metric = Metric::gauge("any_level", "Any float.", &["n"]);
static COUNTER: Metric = Metric::counter("any_total", "Any float.", &["n"]);

const HISTORY_BYTES_MAX: usize = 64 << 10;

/// What can happen between two samples.
#[derive(Clone, Debug)]
struct Step {
    wall_ms: i64,
    mono_ms: u64,
    values: [f64; 3],
    restored: bool,
}

fn any_value() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -100.0..100.0,
        1 => any::<f64>(),
        1 => prop::sample::select(vec![0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, f64::MIN_POSITIVE, 5e-324]),
    ]
}

/// Mostly a minute, sometimes a clock that is set, another boot, the same instant again, or months away.
fn any_step() -> impl Strategy<Value = Step> {
    let wall = prop_oneof![6 => Just(60_000), 1 => Just(0), 1 => -100_000_000_000_i64..100_000_000_000];
    let mono = prop_oneof![6 => Just(60_000), 1 => Just(0), 1 => 0..100_000_000_000_u64];
    (wall, mono, [any_value(), any_value(), any_value()], prop::bool::weighted(0.05))
        .prop_map(|(wall_ms, mono_ms, values, restored)| Step { wall_ms, mono_ms, values, restored })
}

fn check(judgement: &Judgement) {
    let Judgement { confidence, score, band: (low, high), expected, .. } = *judgement;
    assert!((0.0..=1.0).contains(&confidence), "{judgement:?}");
    assert!((0.0..=1.0).contains(&score), "{judgement:?}");
    assert!(!expected.is_nan() && low <= high, "{judgement:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_detector_bears_any_floats_and_times(
        steps in prop::collection::vec((any_value(), prop_oneof![3 => 0..120_000_i64, 1 => any::<i64>()]), 1..400),
    ) {
        let (mut detector, mut at_ms) = (Detector::default(), 1_767_571_200_000_i64);
        for (value, passed_ms) in steps {
            at_ms = at_ms.saturating_add(passed_ms);
            detector.look(at_ms, value).iter().for_each(check);
            detector.observe(at_ms, value).iter().for_each(check);
        }
    }

    #[test]
    fn the_engine_bears_any_floats_and_times(steps in prop::collection::vec(any_step(), 1..200)) {
        let settings = Settings { history_bytes_max: HISTORY_BYTES_MAX, ..Settings::default() };
        let (mut calm, mut shaken) = (Engine::new(settings.clone()), Engine::new(settings.clone()));
        let (mut now, mut batch) = (Now::new(1_767_571_200_000, 1 << 40), Batch::new());
        for step in steps {
            now.wall_ms += step.wall_ms;
            now.mono_ms = if step.mono_ms > 1 << 35 { step.mono_ms } else { now.mono_ms + step.mono_ms };
            if step.restored {
                shaken = Engine::restore(settings.clone(), &shaken.save(Scope::Whole)).unwrap();
            }
            fill(&mut batch, &step.values);
            let told = [&mut calm, &mut shaken].map(|engine| live(engine, now, &batch));
            prop_assert_eq!(&told[0], &told[1]);
            let view = calm.view();
            let mut sure = view.anomalies.iter().filter_map(|anomaly| anomaly.evidence.confidence);
            prop_assert!(sure.all(|confidence| (0.0..=1.0).contains(&confidence)));
            prop_assert!(view.anomalies.len() <= settings.anomalies_max);
            prop_assert!(view.counts.history_bytes <= HISTORY_BYTES_MAX as u64);
        }
    }
}

fn fill(batch: &mut Batch, values: &[f64; 3]) {
    batch.clear();
    batch.push(&GAUGE, &["0"], values[0]);
    batch.push(&GAUGE, &["1"], values[1]);
    batch.push(&COUNTER, &["0"], values[2]);
}

fn live(engine: &mut Engine, now: Now, batch: &Batch) -> Vec<Effect> {
    engine.handle(now, Input::Batch { probe: "any", batch });
    engine.handle(now, Input::Wake);
    std::iter::from_fn(|| engine.poll()).collect()
}

/// Weeks of values after a first one cost no memory: what a detector needs it has from then on.
#[test]
fn a_detector_does_not_grow() {
    let mut detector = Detector::default();
    let mut weeks = |range: std::ops::Range<i64>| {
        for minute in range {
            let value = (minute * minute % 97) as f64 + if minute % 501 == 0 { 1e6 } else { 0.0 };
            detector.observe(1_767_571_200_000 + minute * 60_000, value);
        }
    };
    weeks(0..10_080);
    let later = allocation_counter::measure(|| weeks(10_080..5 * 10_080));
    assert_eq!((later.bytes_current, later.count_total), (0, 0));
}
