//! An alert test is a drawn line and what was said: `_` quiet, `#` the condition holds, `.` no sample, `!`
//! acknowledged, `?` so for 25 s, `R` the process is killed and comes back with what was written down, `Z` the host sleeps an hour.

#![allow(clippy::unwrap_used)]

use expect_test::{Expect, expect};
use hostward_engine::rules::RuleSet;
use hostward_engine::{Acknowledgement, Alert, Effect, Engine, Input, Settings};
use hostward_model::{Batch, Metric, Now};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

static HEAT: Metric = Metric::gauge("heat", "Heat.", &["zone"]);

const STEP_MS: u64 = 10_000;

/// A host whose one rule is told of each step of the line.
struct Bench {
    engine: Engine,
    now: Now,
    rules: Arc<RuleSet>,
    written: BTreeMap<String, Alert>,
    said: String,
}

impl Bench {
    fn new(keys: &str) -> Self {
        let text = format!("groups: [{{name: g, rules: [{{alert: Hot, expr: heat > 50, {keys}}}]}}]");
        let (rules, errors) = RuleSet::parse(&[("hot.yml".to_owned(), text)]);
        assert!(errors.is_empty(), "{errors:?}");
        let mut bench = Bench {
            engine: Engine::new(Settings::default()),
            now: Now::new(0, 1_000_000),
            rules: Arc::new(rules),
            written: BTreeMap::new(),
            said: String::new(),
        };
        bench.tell(|bench| Input::Rules(bench.rules.clone()));
        bench
    }

    fn pass(&mut self, ms: u64) {
        self.now.mono_ms += ms;
        self.now.wall_ms += ms as i64;
    }

    fn tell(&mut self, input: impl FnOnce(&Bench) -> Input<'static>) {
        let input = input(self);
        self.engine.handle(self.now, input);
        self.listen();
    }

    fn sample(&mut self, value: Option<f64>) {
        let mut batch = Batch::new();
        if let Some(value) = value {
            batch.push(&HEAT, &["cpu"], value);
        }
        self.engine.handle(self.now, Input::Batch { probe: "test", batch: &batch });
        self.engine.handle(self.now, Input::Wake);
        self.listen();
    }

    fn listen(&mut self) {
        while let Some(effect) = self.engine.poll() {
            let Effect::Alert(change) = effect else { continue };
            let (from, to) = (change.from.as_str(), change.alert.state.as_str());
            let _ =
                writeln!(self.said, "{} s: {from} → {to}, {}", self.now.mono_ms / 1000 - 1000, change.reason);
            self.written.insert(change.alert.id.clone(), change.alert);
        }
    }

    fn restart(&mut self) {
        self.engine = Engine::new(Settings::default());
        let written = self.written.values().cloned().collect();
        self.tell(|_| Input::Resume(written));
        self.tell(|bench| Input::Rules(bench.rules.clone()));
    }

    fn acknowledge(&mut self, comment: &str, for_ms: Option<i64>) {
        let alert = self.written.keys().next().unwrap().clone();
        let (by, comment) = ("ann".to_owned(), comment.to_owned());
        let at_ms = self.now.wall_ms;
        let until_ms = for_ms.map(|for_ms| at_ms + for_ms);
        self.tell(|_| Input::Acknowledge(Acknowledgement { alert, by, comment, at_ms, until_ms }));
    }
}

fn check(keys: &str, line: &str, expect: Expect) {
    let mut bench = Bench::new(keys);
    for step in line.chars() {
        match step {
            '!' => bench.acknowledge("looking", None),
            '?' => bench.acknowledge("looking", Some(25_000)),
            'R' => bench.restart(),
            'Z' => bench.pass(3_600_000),
            step => {
                bench.pass(STEP_MS);
                bench.sample(match step {
                    '#' => Some(90.0),
                    '_' => Some(20.0),
                    _ => None,
                });
            }
        }
    }
    expect.assert_eq(&bench.said);
}

#[test]
fn fires_when_held_and_resolves() {
    check(
        "for: 30s",
        "__#####__",
        expect![[r#"
             30 s: inactive → pending, condition holds
             60 s: pending → firing, held for 30 s
             80 s: firing → resolved, condition ended
        "#]],
    );
}

#[test]
fn a_short_spell_is_only_pending() {
    check(
        "for: 30s",
        "_##__##_",
        expect![[r#"
         20 s: inactive → pending, condition holds
         40 s: pending → inactive, condition ended
         60 s: inactive → pending, condition holds
         80 s: pending → inactive, condition ended
    "#]],
    );
}

#[test]
fn without_for_it_fires_at_once_and_may_be_kept() {
    check(
        "keep_firing_for: 30s",
        "_#_#_____#",
        expect![[r#"
            20 s: inactive → firing, held for 0 s
            80 s: firing → resolved, condition ended
            100 s: inactive → firing, held for 0 s
        "#]],
    );
}

#[test]
fn a_series_that_ends_resolves() {
    check(
        "for: 10s",
        "##...",
        expect![[r#"
         10 s: inactive → pending, condition holds
         20 s: pending → firing, held for 10 s
         30 s: firing → resolved, condition ended
    "#]],
    );
}

#[test]
fn an_acknowledgement_lasts_until_it_resolves() {
    check(
        "for: 10s",
        "##!#__##",
        expect![[r#"
         10 s: inactive → pending, condition holds
         20 s: pending → firing, held for 10 s
         20 s: firing → firing, acknowledged by ann
         40 s: firing → resolved, condition ended
         60 s: inactive → pending, condition holds
         70 s: pending → firing, held for 10 s
    "#]],
    );
}

#[test]
fn a_restart_forgets_nothing_and_repeats_nothing() {
    check(
        "for: 30s",
        "_##R###R##_R_",
        expect![[r#"
         20 s: inactive → pending, condition holds
         50 s: pending → firing, held for 30 s
         90 s: firing → resolved, condition ended
    "#]],
    );
}

#[test]
fn a_restart_does_not_resolve_before_the_window_can_speak() {
    check(
        "for: 10s",
        "###R...",
        expect![[r#"
         10 s: inactive → pending, condition holds
         20 s: pending → firing, held for 10 s
    "#]],
    );
}

#[test]
fn what_ended_during_a_restart_resolves_once_its_series_is_heard_of() {
    check(
        "for: 10s",
        "###R._",
        expect![[r#"
         10 s: inactive → pending, condition holds
         20 s: pending → firing, held for 10 s
         50 s: firing → resolved, condition ended
    "#]],
    );
}

#[test]
fn a_host_that_slept_keeps_its_alerts() {
    check(
        "for: 10s",
        "##!#Z.#_",
        expect![[r#"
        10 s: inactive → pending, condition holds
        20 s: pending → firing, held for 10 s
        20 s: firing → firing, acknowledged by ann
        3660 s: firing → resolved, condition ended
    "#]],
    );
}

#[test]
fn nothing_is_said_of_absence_before_the_first_sample() {
    let mut bench = Bench::new("for: 0s");
    let text = "groups: [{name: g, rules: [{alert: Gone, expr: absent(heat)}]}]".to_owned();
    let (rules, _) = RuleSet::parse(&[("gone.yml".to_owned(), text)]);
    bench.rules = Arc::new(rules);
    bench.tell(|bench| Input::Rules(bench.rules.clone()));
    bench.tell(|_| Input::Wake);
    bench.pass(STEP_MS);
    bench.sample(Some(1.0));
    assert_eq!(bench.said, "");
}

#[test]
fn rules_that_go_take_their_alerts_along() {
    let mut bench = Bench::new("for: 0s");
    bench.now.mono_ms += STEP_MS;
    bench.sample(Some(90.0));
    bench.tell(|_| Input::Rules(Arc::default()));
    expect![[r#"
         10 s: inactive → firing, held for 0 s
         10 s: firing → resolved, rule removed
    "#]]
    .assert_eq(&bench.said);
}

#[test]
fn an_acknowledgement_with_an_end_is_over_then() {
    check(
        "for: 10s",
        "_##?R###_",
        expect![[r#"
             20 s: inactive → pending, condition holds
             30 s: pending → firing, held for 10 s
             30 s: firing → firing, acknowledged by ann
             60 s: firing → firing, acknowledgement by ann ended
             70 s: firing → resolved, condition ended
        "#]],
    );
}

#[test]
fn a_second_acknowledgement_without_words_keeps_the_first_ones() {
    let mut bench = Bench::new("for: 0s");
    bench.pass(STEP_MS);
    bench.sample(Some(90.0));
    bench.acknowledge("looking", None);
    bench.acknowledge("", None);
    let alert = bench.written.values().next().unwrap();
    assert_eq!(alert.acknowledged.as_ref().unwrap().comment, "looking");
}

#[test]
fn rules_are_judged_with_the_nearest_tick_and_by_themselves_when_none_comes() {
    let mut bench = Bench::new("for: 0s");
    let judged = |bench: &mut Bench| bench.engine.view().counts.evaluations;
    let mut seen = Vec::new();
    // Rules each 10 s, ticks each 15 s that come a little late or early: once in each tick, and never between.
    for passed_ms in [15_000, 15_040, 14_970, 15_000] {
        bench.pass(passed_ms);
        let batch = Batch::new();
        bench.engine.handle(bench.now, Input::Batch { probe: "test", batch: &batch });
        bench.tell(|_| Input::Ticked { next_ms: 15_000 });
        assert!(bench.engine.deadline().unwrap() > bench.now.mono_ms + 15_500);
        seen.push(judged(&mut bench));
    }
    assert_eq!(seen, [1, 2, 3, 4]);
    for _ in 0..3 {
        let deadline_ms = bench.engine.deadline().unwrap();
        bench.pass(deadline_ms - bench.now.mono_ms);
        bench.tell(|_| Input::Wake);
    }
    assert_eq!(judged(&mut bench), 7, "the sampler hangs, and the rules go on");
}

#[test]
fn a_tick_that_is_a_little_late_costs_no_interval() {
    let mut bench = Bench::new("for: 20s, keep_firing_for: 20s");
    // The second tick is late, so that two intervals after it are over a little early.
    for (passed_ms, value) in [
        (10_000, 20.0),
        (10_004, 90.0),
        (9_996, 90.0),
        (10_001, 90.0),
        (10_005, 20.0),
        (9_994, 20.0),
        (10_000, 20.0),
    ] {
        bench.pass(passed_ms);
        let mut batch = Batch::new();
        batch.push(&HEAT, &["cpu"], value);
        bench.engine.handle(bench.now, Input::Batch { probe: "test", batch: &batch });
        bench.tell(|_| Input::Ticked { next_ms: 10_000 });
    }
    expect![[r#"
        20 s: inactive → pending, condition holds
        40 s: pending → firing, held for 20 s
        70 s: firing → resolved, condition ended
    "#]]
    .assert_eq(&bench.said);
}
