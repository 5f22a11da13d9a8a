//! The engine's doors: bounds, ends of series, clocks that are set, snapshots that are broken.

#![allow(clippy::unwrap_used)]

use hostward_engine::own::OWN;
use hostward_engine::promql::{Expr, Value};
use hostward_engine::{Effect, Engine, Input, Scope, Settings};
use hostward_model::text::Format;
use hostward_model::{Batch, Metric, Now};
use proptest::prelude::*;

static ITEMS: Metric = Metric::gauge("items", "Items.", &["name"]);
static TOTAL: Metric = Metric::counter("items_total", "Items ever.", &["name"]);

static STATISTIC: Metric = Metric::untyped("stat_*", "A statistic.", &[]).growing_but(&["level"]);

static TRIFLE: Metric = Metric::gauge("trifle", "A wait.", &["name"]).matters_from(0.1);

fn batch(samples: &[(&'static Metric, &str, f64)]) -> Batch {
    let mut batch = Batch::new();
    samples.iter().for_each(|(metric, name, value)| batch.push(metric, &[name], *value));
    batch
}

fn exposition(engine: &mut Engine) -> String {
    let mut out = String::new();
    engine.view().write(&mut out, Format::Text);
    out
}

fn query(engine: &Engine, expr: &str, at_ms: i64) -> Vec<f64> {
    match engine.query(&Expr::parse(expr).unwrap(), at_ms).unwrap() {
        Value::Vector(results) => results.into_iter().map(|(_, value)| value).collect(),
        Value::Scalar(value) => vec![value],
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_view_prints_families_in_order_and_without_what_ended() {
    let mut engine = Engine::new(Settings::default());
    let both = batch(&[(&TOTAL, "b", 2.0), (&ITEMS, "b", 1.5), (&ITEMS, "a\"", 1.0)]);
    engine.handle(Now::new(10_000, 10_000), Input::Batch { probe: "p", batch: &both });
    assert_eq!(
        exposition(&mut engine),
        "# HELP items Items.\n# TYPE items gauge\nitems{name=\"a\\\"\"} 1\nitems{name=\"b\"} 1.5\n\
         # HELP items_total Items ever.\n# TYPE items_total counter\nitems_total{name=\"b\"} 2\n"
    );
    let one = batch(&[(&ITEMS, "b", 3.0)]);
    engine.handle(Now::new(20_000, 20_000), Input::Batch { probe: "p", batch: &one });
    let text = exposition(&mut engine);
    assert!(text.contains("items{name=\"b\"} 3") && !text.contains("items_total{"), "{text}");
    assert_eq!(engine.view().counts.series, 1);
}

#[test]
fn what_counts_is_judged_by_its_rate_whatever_its_type() {
    let mut engine = Engine::new(Settings::default());
    for tick in 1..=40_i64 {
        let (now, mut both) = (Now::new(tick * 10_000, tick.unsigned_abs() * 10_000), Batch::new());
        both.push_named(&STATISTIC, "packets", &[], 50.0 * tick as f64);
        both.push_named(&STATISTIC, "level", &[], 50.0 * tick as f64);
        engine.handle(now, Input::Batch { probe: "p", batch: &both });
    }
    let judged = |name: &str| engine.learnt().find(|own| own.series.name() == name)?.now.map(|now| now.value);
    assert_eq!((judged("stat_packets"), judged("stat_level")), (Some(5.0), Some(2000.0)));
}

#[test]
fn a_series_that_turns_out_to_count_is_learnt_anew() {
    static LEVEL: Metric = Metric::untyped("turns", "A statistic.", &["name"]);
    static COUNT: Metric = Metric::untyped("turns", "A statistic.", &["name"]).growing_but(&[]);
    let mut engine = Engine::new(Settings::default());
    let mut tell = |tick: i64, metric: &'static Metric, value: f64| {
        let now = Now::new(tick * 10_000, tick.unsigned_abs() * 10_000);
        engine.handle(now, Input::Batch { probe: "p", batch: &batch(&[(metric, "a", value)]) });
        let is_judged = engine.learnt().next().unwrap().now.is_some();
        (is_judged, engine.view().anomalies.len())
    };
    for tick in 1..=2000 {
        tell(tick, &LEVEL, 7.0);
    }
    assert_eq!(tell(2001, &LEVEL, 900.0), (true, 1));
    assert_eq!(tell(2002, &COUNT, 901.0), (false, 0));
}

#[test]
fn a_trifle_is_not_unusual() {
    let mut engine = Engine::new(Settings::default());
    let mut tell = |tick: i64, value: f64| {
        let both = batch(&[(&TRIFLE, "a", value), (&ITEMS, "a", value)]);
        let now = Now::new(tick * 10_000, tick.unsigned_abs() * 10_000);
        engine.handle(now, Input::Batch { probe: "p", batch: &both });
        engine.view().anomalies.iter().map(|own| own.metric.clone()).collect::<Vec<_>>()
    };
    (1..=2000).for_each(|tick| drop(tell(tick, 0.001)));
    assert_eq!(tell(2001, 0.002), ["items"]);
    assert_eq!(tell(2002, 0.2), ["items", "trifle"]);
}

#[test]
fn a_full_table_refuses_and_counts() {
    let mut engine = Engine::new(Settings { series_max: 2, ..Settings::default() });
    let three = batch(&[(&ITEMS, "a", 1.0), (&ITEMS, "b", 2.0), (&ITEMS, "c", 3.0)]);
    engine.handle(Now::new(10_000, 10_000), Input::Batch { probe: "p", batch: &three });
    let counts = engine.view().counts;
    assert_eq!((counts.series, counts.series_refused), (2, 1));
    let own = batch(&[(&ITEMS, "own", 1.0)]);
    engine.handle(Now::new(11_000, 11_000), Input::Batch { probe: OWN, batch: &own });
    assert_eq!(engine.view().counts.series, 3, "what tells of it is not refused");
}

#[test]
fn five_minutes_ago_is_five_minutes_ago_whatever_the_clock_was_set_to() {
    let mut engine = Engine::new(Settings::default());
    let mut now = Now::new(1_000_000_000, 50_000);
    for step in 0..60 {
        now.mono_ms += 10_000;
        now.wall_ms += 10_000;
        if step == 40 {
            now.wall_ms += 86_400_000;
        }
        if step == 50 {
            now.wall_ms -= 2 * 86_400_000;
        }
        let growing = batch(&[(&TOTAL, "a", f64::from(step) * 20.0)]);
        engine.handle(now, Input::Batch { probe: "p", batch: &growing });
    }
    let rate = query(&engine, "rate(items_total[5m])", now.wall_ms);
    assert!((rate[0] - 2.0).abs() < 1e-9, "{rate:?}");
}

#[test]
fn a_reboot_does_not_stop_the_house_keeping() {
    let settings = Settings { save_ms: 60_000, ..Settings::default() };
    let mut engine = Engine::new(settings.clone());
    let (origin, uptime) = (1_000_000_000_000, 200 * 86_400_000);
    let some = batch(&[(&ITEMS, "a", 1.0)]);
    engine.handle(Now::new(50_000, origin + uptime), Input::Batch { probe: "p", batch: &some });
    let mut engine = Engine::restore(settings, &engine.save(Scope::Learning)).unwrap();
    for second in [30, 60, 90, 120] {
        let now = Now::new(100_000 + second * 1000, origin + second as u64 * 1000);
        engine.handle(now, Input::Batch { probe: "p", batch: &some });
    }
    assert!(std::iter::from_fn(|| engine.poll()).any(|effect| effect == Effect::Save));
}

#[test]
fn made_up_names_are_forgotten_soon_and_real_ones_late() {
    let mut engine = Engine::new(Settings::default());
    let mut tell = |minute: u64, names: &[&str]| {
        let samples: Vec<_> = names.iter().map(|name| (&ITEMS, *name, 1.0)).collect();
        let now = Now::new(minute as i64 * 60_000, 1_000_000 + minute * 60_000);
        engine.handle(now, Input::Batch { probe: "p", batch: &batch(&samples) });
        engine.view().catalog.families.iter().map(|family| family.rows.len()).sum::<usize>()
    };
    assert_eq!(tell(0, &["long"]), 1);
    assert_eq!(tell(60, &["long", "short"]), 2);
    assert_eq!(tell(61, &[]), 2);
    assert_eq!(tell(100, &[]), 1, "the one that lived a minute is gone");
    assert_eq!(tell(200, &[]), 0, "twice an hour after it ended the other is gone, too");
}

#[test]
fn a_query_over_hours_sees_one_density() {
    let mut engine = Engine::new(Settings::default());
    let start = 1_000_000_000;
    for second in 0..2 * 3600i64 {
        let flat = batch(&[(&ITEMS, "a", if second < 3600 { 10.0 } else { 20.0 })]);
        engine.handle(
            Now::new(start + second * 1000, 1000 + second as u64 * 1000),
            Input::Batch { probe: "p", batch: &flat },
        );
    }
    let mean = query(&engine, "avg_over_time(items[2h])", start + 7_199_000);
    assert!((mean[0] - 15.0).abs() < 0.2, "{mean:?}");
}

#[test]
fn a_day_is_remembered_by_the_minute() {
    let mut engine = Engine::new(Settings::default());
    let start = 1_000_000_000;
    for step in 0..6 * 360i64 {
        let falling = batch(&[(&ITEMS, "a", (20_000 - step) as f64)]);
        let now = Now::new(start + step * 10_000, step as u64 * 10_000);
        engine.handle(now, Input::Batch { probe: "p", batch: &falling });
    }
    let end = start + (6 * 360 - 1) * 10_000;
    let slope = query(&engine, "deriv(items[6h]) * 10", end);
    assert!((slope[0] + 1.0).abs() < 1e-6, "{slope:?}");
    let count = query(&engine, "count_over_time(items[10m])", end);
    assert_eq!(count, [60.0]);
}

#[test]
fn a_broken_snapshot_is_refused() {
    let mut engine = Engine::new(Settings::default());
    let some = batch(&[(&ITEMS, "a", 1.0)]);
    engine.handle(Now::new(10_000, 10_000), Input::Batch { probe: "p", batch: &some });
    let good = engine.save(Scope::Whole);
    assert!(Engine::restore(Settings::default(), &good).is_ok());
    for length in 0..good.len() {
        assert!(Engine::restore(Settings::default(), &good[..length]).is_err(), "truncated at {length}");
    }
    for bit in 0..good.len() * 8 {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        assert!(Engine::restore(Settings::default(), &bad).is_err(), "bit {bit} flipped");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any values at any times: no panic, no confidence that is none, no growth beyond the bound.
    #[test]
    fn whatever_comes_is_survived(
        steps in prop::collection::vec((any::<i32>(), 0u64..5_000_000, any::<u64>(), 0usize..4), 1..200)
    ) {
        let settings = Settings { history_bytes_max: 64 << 10, ..Settings::default() };
        let mut engine = Engine::new(settings);
        let mut mono_ms = 0;
        for (wall, passed, bits, series) in steps {
            mono_ms += passed;
            let name = ["a", "b", "c", "d"][series];
            let some = batch(&[(&TOTAL, name, f64::from_bits(bits)), (&ITEMS, name, f64::from_bits(!bits))]);
            engine.handle(Now::new(i64::from(wall) * 1000, mono_ms), Input::Batch { probe: "p", batch: &some });
            let view = engine.view();
            for anomaly in &view.anomalies {
                let confidence = anomaly.evidence.confidence.unwrap();
                prop_assert!((0.0..=1.0).contains(&confidence));
            }
            prop_assert!(view.counts.history_bytes <= 64 << 10);
            exposition(&mut engine);
        }
    }
}

/// `data/snapshot-v4.bin` was written by the version before weeks: four days of one series.
#[test]
fn what_was_learnt_before_weeks_were_known_is_kept() {
    let old = include_bytes!("data/snapshot-v4.bin");
    let engine = Engine::restore(Settings::default(), old).unwrap();
    assert!(!engine.is_learning_anew());
    let course = engine.course("load", 0).unwrap();
    assert_eq!((course.learnt.maturity.seen, course.learnt.maturity.day), (1152, 1.0));
    let band = |index: usize| course.day[index].1.map(|(low, high)| (low.round(), high.round()));
    assert_eq!((band(12), band(60)), (Some((75.0, 92.0)), Some((12.0, 29.0))));
    let again = Engine::restore(Settings::default(), &engine.save(Scope::Whole)).unwrap();
    assert_eq!(again.course("load", 0).unwrap().day, course.day);
}

/// `data/snapshot-v1.bin` was written by the version before incidents: thirty samples of three series, an alert that
/// fires and was acknowledged.
#[test]
fn a_snapshot_of_format_1_keeps_alerts_and_history() {
    let old = include_bytes!("data/snapshot-v1.bin");
    let mut engine = Engine::restore(Settings::default(), old).unwrap();
    assert!(engine.is_learning_anew());
    let at_ms = 1_767_225_600_000 + 300_000;
    let view = engine.view();
    let alert = &view.alerts[0];
    assert_eq!((alert.name.as_str(), alert.acknowledged.as_ref().unwrap().by.as_str()), ("Many", "ann"));
    assert_eq!(query(&engine, "count_over_time(items[10m])", at_ms), [30.0, 30.0]);
    assert_eq!(query(&engine, "rate(items_total[1m])", at_ms), [2.0]);
    let more = batch(&[(&ITEMS, "a", 2.0), (&ITEMS, "b", 1.0), (&TOTAL, "a", 600.0)]);
    engine.handle(Now::new(at_ms + 10_000, (1 << 50) + 310_000), Input::Batch { probe: "p", batch: &more });
    assert_eq!(query(&engine, "count_over_time(items[10m])", at_ms + 10_000), [31.0, 31.0]);
    let again = Engine::restore(Settings::default(), &engine.save(Scope::Whole)).unwrap();
    assert!(!again.is_learning_anew());
}

/// A level that was unusual when the series went there, and within a day is the usual one.
#[test]
fn a_lasting_level_is_told_once() {
    let mut engine = Engine::new(Settings::default());
    let mut settled = Vec::new();
    for minute in 1..=2 * 1440_i64 {
        let level = if minute < 600 { 20.0 } else { 80.0 };
        let now = Now::new(minute * 60_000, minute.unsigned_abs() * 60_000);
        let both = batch(&[
            (&ITEMS, "moved", level + (minute * 7 % 5) as f64),
            (&ITEMS, "still", (minute * 7 % 5) as f64),
        ]);
        engine.handle(now, Input::Batch { probe: "p", batch: &both });
        settled.extend(std::iter::from_fn(|| engine.poll()).filter_map(|effect| match effect {
            Effect::Settled(own) => Some((minute, own)),
            _ => None,
        }));
    }
    let [(minute, own)] = settled.as_slice() else { panic!("{settled:?}") };
    assert_eq!(own.series.to_string(), "items{name=\"moved\"}");
    assert!((600..600 + 1500).contains(minute), "{minute}");
    assert!((own.settled.was - 22.0).abs() < 3.0 && (own.settled.is - 82.0).abs() < 3.0, "{own:?}");
    let learnt =
        |name: &str| engine.learnt().find(|own| own.series.to_string().contains(name)).unwrap().settled;
    assert_eq!((learnt("moved"), learnt("still")), (Some(own.settled), None));
}
