//! What a detector says of series that people know: values in, a sentence out.

use expect_test::{Expect, expect};
use hostward_engine::anomaly::{Channel, Detector, Judgement, Stage};
use hostward_engine::baseline::{Day, Week};
use proptest::prelude::*;

const MINUTE: i64 = 60_000;
const DAY: i64 = 1440;
const START: i64 = 1_750_000_000_000 / (DAY * MINUTE) * DAY * MINUTE;

/// Noise from -1 to 1 that is the same each time.
fn noise(step: i64) -> f64 {
    let mixed =
        (step as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// A detector that saw `minutes` values, one a minute, and what it says of the next.
fn after(minutes: i64, series: impl Fn(i64) -> f64) -> Detector {
    let mut detector = Detector::default();
    for minute in 0..minutes {
        detector.observe(START + minute * MINUTE, series(minute));
    }
    detector
}

fn check(mut detector: Detector, minute: i64, value: f64, expect: Expect) {
    let said = detector.observe(START + minute * MINUTE, value);
    expect.assert_eq(&said.map_or("nothing".to_owned(), sentence));
}

fn sentence(said: Judgement) -> String {
    format!(
        "{:.0} where {:.0} to {:.0} is usual: {}, score {:.2}, confidence {:.4}",
        said.value,
        said.band.0,
        said.band.1,
        said.channel.as_str(),
        said.score,
        said.confidence
    )
}

#[test]
fn failed_logins_after_fifteen_values() {
    let usual = [6.0, 5.0, 7.0, 6.0, 6.0, 8.0, 5.0, 6.0, 7.0, 5.0, 6.0, 6.0, 4.0, 7.0, 6.0];
    let detector = || after(15, |minute| usual[minute as usize]);
    check(
        detector(),
        15,
        150.0,
        expect!["150 where 1 to 11 is usual: level shift, score 0.24, confidence 0.9995"],
    );
    check(
        detector(),
        15,
        7.0,
        expect!["7 where 1 to 11 is usual: level shift, score 0.00, confidence 0.8010"],
    );
}

#[test]
fn too_little_to_say_anything() {
    check(after(5, |_| 6.0), 5, 150.0, expect!["nothing"]);
}

#[test]
fn the_same_value_at_another_time_of_day() {
    let busy = |minute: i64| if minute / 60 % 24 < 8 { 100.0 } else { 10.0 };
    let detector = || after(4 * DAY, |minute| busy(minute) + 3.0 * noise(minute));
    check(
        detector(),
        4 * DAY,
        100.0,
        expect!["100 where 83 to 117 is usual: restlessness, score 0.11, confidence 0.9955"],
    );
    check(
        after(4 * DAY + 720, |minute| busy(minute) + 3.0 * noise(minute)),
        4 * DAY + 720,
        100.0,
        expect!["100 where 0 to 28 is usual: time of day, score 0.35, confidence 1.0000"],
    );
}

/// Busy by day, and not at all on Saturday and Sunday.
fn office(minute: i64) -> f64 {
    let weekday = (START / (DAY * MINUTE) + minute / DAY + 4) % 7;
    let hours = (minute % DAY) as f64 / 60.0;
    let busy = if matches!(weekday, 0 | 6) { 0.0 } else { (1.0 - (hours - 13.0).abs() / 5.0).max(0.0) };
    20.0 + 80.0 * busy + 2.0 * noise(minute)
}

const WEEK: i64 = 7 * DAY;

/// What is said loudest on a Saturday, the last day of a week here, that is as `minute` says.
fn loudest_of_saturday(week: i64, at: impl Fn(i64) -> f64) -> String {
    let saturday = week * WEEK + 6 * DAY;
    let mut detector = after(saturday, office);
    let said =
        (saturday..saturday + DAY).filter_map(|minute| detector.observe(START + minute * MINUTE, at(minute)));
    said.max_by(|a, b| a.score.total_cmp(&b.score)).map(sentence).unwrap_or_default()
}

#[test]
fn a_saturday_that_is_as_busy_as_a_friday() {
    let friday = |minute: i64| office(minute - DAY);
    expect!["21 where 0 to 84 is usual: rate of change, score 0.00, confidence 0.2248"]
        .assert_eq(&loudest_of_saturday(1, friday));
    expect!["86 where 0 to 50 is usual: time of the week, score 0.18, confidence 0.9971"]
        .assert_eq(&loudest_of_saturday(4, friday));
    expect!["18 where 0 to 80 is usual: time of day, score 0.07, confidence 0.9749"]
        .assert_eq(&loudest_of_saturday(1, office));
    expect!["22 where 8 to 32 is usual: restlessness, score 0.00, confidence 0.4315"]
        .assert_eq(&loudest_of_saturday(4, office));
}

#[test]
fn a_weekend_is_no_news_once_weeks_are_known() {
    let mut detector = Detector::default();
    let mut loudest = [0.0_f64; 6];
    for minute in 0..6 * WEEK {
        let said = detector.observe(START + minute * MINUTE, office(minute));
        let week = (minute / WEEK) as usize;
        loudest[week] = said.map_or(0.0, |said| said.score).max(loudest[week]);
    }
    let loudest: Vec<_> = loudest.iter().map(|score| format!("{score:.2}")).collect();
    expect!["0.64 0.07 0.01 0.01 0.11 0.02"].assert_eq(&loudest.join(" "));
    let middle = |day: i64| {
        let (low, high) = detector.expected_at(START + (6 * WEEK + day * DAY + 13 * 60) * MINUTE).unwrap();
        0.5 * (low + high)
    };
    let week: Vec<_> = (0..7).map(|day| format!("{:.0}", middle(day))).collect();
    expect!["20 92 92 92 92 93 21"].assert_eq(&week.join(" "));
    assert_eq!(detector.maturity().stage, Stage::Week);
}

#[test]
fn a_constant_that_moves() {
    check(
        after(2 * DAY, |_| 4.0),
        2 * DAY,
        5.0,
        expect!["5 where 4 to 4 is usual: level, score 0.37, confidence 1.0000"],
    );
}

#[test]
fn a_series_that_should_move_is_stuck() {
    let detector =
        after(2 * DAY + 60, |minute| if minute < 2 * DAY { 50.0 + 5.0 * noise(minute) } else { 51.0 });
    check(
        detector,
        2 * DAY + 60,
        51.0,
        expect!["51 where 44 to 57 is usual: standstill, score 0.57, confidence 1.0000"],
    );
}

#[test]
fn a_tenth_backup_is_no_news() {
    let backup = |minute: i64| if minute % DAY < 10 { 900.0 } else { 20.0 + 2.0 * noise(minute) };
    let first = after(9 * DAY, |minute| 20.0 + 2.0 * noise(minute));
    check(
        first,
        9 * DAY,
        900.0,
        expect!["900 where 17 to 23 is usual: time of day, score 0.45, confidence 1.0000"],
    );
    check(
        after(9 * DAY, backup),
        9 * DAY,
        900.0,
        expect!["900 where 0 to 56 is usual: rate of change, score 0.16, confidence 0.9997"],
    );
}

#[test]
fn a_leak_is_new_before_it_is_far() {
    let leak = |minute: i64| 1000.0 + 10.0 * noise(minute) + f64::max(0.0, 0.1 * (minute - 3 * DAY) as f64);
    let mut detector = Detector::default();
    let said = (0..5 * DAY).find_map(|minute| {
        let said = detector.observe(START + minute * MINUTE, leak(minute));
        said.filter(|said| said.score > 0.5)
            .map(|said| format!("after {} minutes: {}", minute - 3 * DAY, sentence(said)))
    });
    expect![
        "after 40 minutes: 1003 where 986 to 1015 is usual: never seen before, score 0.69, confidence 0.9992"
    ]
    .assert_eq(&said.unwrap_or_default());
}

#[test]
fn a_level_that_lasts_a_day_is_said_once() {
    let level = |minute: i64| if minute < 3 * DAY { 20.0 } else { 80.0 } + 2.0 * noise(minute);
    let mut detector = Detector::default();
    let settled: Vec<i64> = (0..6 * DAY)
        .filter(|minute| {
            let said = detector.observe(START + minute * MINUTE, level(*minute));
            said.is_some_and(|said| said.channel == Channel::NewLevel)
        })
        .collect();
    expect![[r#"
        [
            5760,
        ]
    "#]]
    .assert_debug_eq(&settled);
}

#[test]
fn what_is_accepted_is_usual() {
    let level = |minute: i64| if minute < 3 * DAY { 20.0 } else { 80.0 } + 2.0 * noise(minute);
    let mut detector = after(3 * DAY + 20, level);
    detector.accept(START + (3 * DAY + 20) * MINUTE);
    check(
        detector,
        3 * DAY + 21,
        81.0,
        expect!["81 where 73 to 79 is usual: level, score 0.00, confidence 0.9947"],
    );
}

#[test]
fn a_clock_that_was_years_ahead() {
    let mut detector = after(5, |minute| 6.0 + noise(minute));
    let early = START - 4 * 365 * DAY * MINUTE;
    for minute in 0..DAY {
        detector.observe(early + minute * MINUTE, 6.0 + noise(minute));
    }
    let said = detector.observe(early + DAY * MINUTE, 150.0).unwrap();
    expect!["150 where 4 to 7 is usual: level, score 0.43, confidence 1.0000"].assert_eq(&sentence(said));
}

#[test]
fn how_far_it_has_come() {
    let stages = [5, 100, 3 * DAY].map(|minutes| after(minutes, noise).maturity());
    assert_eq!(stages.map(|maturity| maturity.stage), [Stage::Learning, Stage::Level, Stage::Day]);
    assert!(stages[0].surest < stages[1].surest && stages[1].surest < stages[2].surest, "{stages:?}");
}

#[test]
fn a_band_can_be_asked_for_ahead() {
    let busy = |minute: i64| if minute / 60 % 24 < 8 { 100.0 } else { 10.0 };
    let detector = after(4 * DAY, |minute| busy(minute) + 3.0 * noise(minute));
    let at = |hour: i64| detector.expected_at(START + (5 * DAY + hour * 60) * MINUTE).unwrap();
    assert!(
        at(3).0 > 15.0 && at(3).1 > 100.0 && at(20).0 < 10.0 && at(20).1 < 90.0,
        "{:?} {:?}",
        at(3),
        at(20)
    );
}

/// Any time and any value, most of them near each other.
fn samples() -> impl Strategy<Value = Vec<(i64, f64)>> {
    let passed = prop_oneof![8 => 1i64..20_000, 2 => -100_000i64..100_000, 1 => any::<i64>()];
    let value = prop_oneof![6 => (0i32..4).prop_map(f64::from), 3 => -1e3f64..1e3, 1 => any::<f64>()];
    prop::collection::vec((passed, value, 1usize..100), 0..60).prop_map(|runs| {
        let mut at = START;
        let mut samples = Vec::new();
        for (passed, value, times) in runs {
            for _ in 0..times {
                at = at.saturating_add(passed);
                samples.push((at, value));
            }
        }
        samples
    })
}

proptest! {
    #[test]
    fn whatever_comes_is_judged_within_bounds(samples in samples()) {
        let mut detector = Detector::default();
        for (at_ms, value) in samples {
            if let Some(said) = detector.observe(at_ms, value) {
                prop_assert!((0.0..=1.0).contains(&said.score), "{said:?}");
                prop_assert!((0.0..=1.0).contains(&said.confidence), "{said:?}");
                prop_assert!(said.expected.is_finite() && said.band.0 <= said.band.1, "{said:?}");
                prop_assert!(said.band.0.is_finite() && said.band.1.is_finite(), "{said:?}");
            }
        }
        prop_assert!(postcard::to_allocvec(&detector).unwrap().len() < BYTES_MAX + WEEK_BYTES_MAX);
    }

    #[test]
    fn saved_and_restored_it_goes_on_as_if_nothing_had_been(samples in samples(), cut in any::<prop::sample::Index>()) {
        let cut = cut.index(samples.len() + 1);
        let mut one = Detector::default();
        for (at_ms, value) in &samples[..cut] {
            one.observe(*at_ms, *value);
        }
        let mut other: Detector = postcard::from_bytes(&postcard::to_allocvec(&one).unwrap()).unwrap();
        for (at_ms, value) in &samples[cut..] {
            prop_assert_eq!(one.observe(*at_ms, *value), other.observe(*at_ms, *value));
        }
        prop_assert_eq!(postcard::to_allocvec(&one).unwrap(), postcard::to_allocvec(&other).unwrap());
    }
}

/// What every series takes, and what a series takes beside it that still moves on its third day.
const BYTES_MAX: usize = 1536;
const WEEK_BYTES_MAX: usize = 768;

#[test]
fn memory_is_bounded() {
    let bytes = [size_of::<Detector>() + size_of::<Day>(), size_of::<Week>()];
    assert!(bytes[0] <= BYTES_MAX && bytes[1] <= WEEK_BYTES_MAX, "{bytes:?}");
}

/// At which second of each fault something is unusual; faults of ten minutes each from these minutes on, a value each ten seconds.
fn seen(faults: &[i64]) -> Vec<Option<i64>> {
    let mut detector = Detector::default();
    let mut seen = vec![None; faults.len()];
    for step in 0..faults.last().map_or(0, |last| 6 * last + 60) {
        let fault = faults.iter().position(|from| (6 * from..6 * from + 60).contains(&step));
        let value = if fault.is_some() { 120.0 } else { 50.0 } + 10.0 * noise(step);
        let said = detector.observe(START + step * 10_000, value);
        if let Some(fault) = fault.filter(|_| said.is_some_and(|said| said.confidence >= 0.999)) {
            seen[fault].get_or_insert(10 * (step - 6 * faults[fault]));
        }
    }
    seen
}

#[test]
fn the_same_fault_is_seen_again_and_what_comes_each_hour_is_a_habit() {
    assert_eq!(seen(&[120, 200, 260]), [Some(0); 3]);
    let hourly: Vec<i64> = (2..12).map(|hour| hour * 60).collect();
    let seen = seen(&hourly);
    let later = seen[5..].iter().flatten().count();
    assert!(seen[..3].iter().all(Option::is_some) && later <= 1, "{seen:?}");
}

/// A program's memory, each second: a page more after five minutes, and twice a leak of 6 MiB/s for three quarters of a minute.
#[test]
fn a_leak_is_seen_beside_a_small_step_that_has_not_come_back_and_so_is_the_next() {
    let (mut detector, leaks) = (Detector::default(), [600, 1500]);
    let mut most = [0.0f64; 2];
    for second in 0..1600 {
        let page = if second < 300 { 0.0 } else { 4096.0 };
        let leaking = leaks.iter().position(|begun| (*begun..begun + 45).contains(&second));
        let leaked = leaking.map_or(0.0, |leak| f64::from(second - leaks[leak] + 1) * 6.0 * 1_048_576.0);
        let said = detector.observe(START + i64::from(second) * 1000, 20_971_520.0 + page + leaked);
        if let Some((leak, said)) = leaking.zip(said) {
            most[leak] = most[leak].max(said.confidence);
        }
    }
    assert!(most.iter().all(|most| *most > 0.999), "{most:?}");
}

#[test]
fn a_fault_leaves_no_trace_in_the_band() {
    let mut detector = after(3 * DAY, |minute| 50.0 + 5.0 * noise(minute));
    let width = |detector: &Detector, minute: i64| {
        let (low, high) = detector.expected_at(START + minute * MINUTE).unwrap();
        high - low
    };
    let before = width(&detector, 3 * DAY);
    for minute in 3 * DAY..3 * DAY + 120 {
        let value = if minute < 3 * DAY + 20 { 500.0 } else { 50.0 + 5.0 * noise(minute) };
        detector.observe(START + minute * MINUTE, value);
    }
    assert!(width(&detector, 3 * DAY + 120) < 1.5 * before);
}

#[test]
fn an_outage_is_not_expected_on_the_day_after() {
    let mut detector = after(4 * DAY, |minute| 50.0 + 5.0 * noise(minute));
    let noon = 4 * DAY + 720;
    for minute in 4 * DAY..5 * DAY {
        let is_out = (noon..noon + 40).contains(&minute);
        detector.observe(START + minute * MINUTE, if is_out { 500.0 } else { 50.0 + 5.0 * noise(minute) });
    }
    let (low, high) = detector.expected_at(START + (noon + DAY) * MINUTE).unwrap();
    expect!["43 to 60"].assert_eq(&format!("{low:.0} to {high:.0}"));
}

#[test]
fn rows_older_than_what_was_learnt_are_judged_as_well() {
    let mut detector = after(3 * DAY, |minute| 50.0 + 5.0 * noise(minute));
    let said = (0..30).filter_map(|minute| {
        detector.observe(START - (90 * DAY - minute) * MINUTE, 50.0 + 5.0 * noise(minute))
    });
    assert!(said.last().unwrap().score < 0.1);
    let fault = detector.observe(START - (90 * DAY - 30) * MINUTE, 150.0).unwrap();
    assert!(fault.score > 0.2, "{fault:?}");
}
