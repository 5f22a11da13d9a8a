//! Weeks of a host in seconds, from a seed.
//!
//! `lives` runs a small host with gaps, counter resets, reboots, planted faults and a wall clock that is set, under
//! rules; `kinds` runs ten kinds of hosts with habits and faults. Two engines live through each: one undisturbed, one
//! that is saved and restored at random steps. Their effects must be the same, and what must always hold is checked
//! at every step. A failing seed is printed; `SEED=n cargo test -p hostward-engine --test sim` runs it alone.

// The seed to run alone is an argument of the test, and the test runner leaves nothing but the environment for it.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod kinds;
mod law;
mod small;
mod world;

use hostward_engine::rules::RuleSet;
use hostward_engine::{Effect, Engine, Input, Scope, Settings, State};
use hostward_model::{Batch, Now};
use law::Law;
use small::Host;
use std::collections::BTreeMap;
use std::sync::Arc;
use world::random::Random;

const DAYS: u64 = 30;
const STEP_MS: u64 = 60_000;
const SEEDS: u64 = 10;

const RULES: &str = r#"
groups:
  - name: sim
    interval: 1m
    rules:
      - alert: Busy
        expr: rate(sim_busy_seconds_total[5m]) > 0.9
        for: 5m
        labels: { severity: warning }
      - alert: Full
        expr: sim_free_bytes / sim_size_bytes < 0.1
        keep_firing_for: 10m
        annotations: { summary: "{{ $labels.mount }} has {{ $value }} left" }
      - alert: Filling
        expr: predict_linear(sim_free_bytes[2h], 4 * 3600) < 0
        for: 10m
      - alert: Gone
        expr: absent(sim_load)
        for: 3m
      - alert: Unusual
        expr: hostward_anomaly_confidence{metric="sim_requests_total"} > 0.9999
"#;

/// What happened over one seed, for a look at the whole.
#[derive(Default)]
struct Tally {
    steps: u64,
    restores: u64,
    jumps: u64,
    fired: BTreeMap<String, u64>,
}

#[test]
fn ten_hosts_for_thirty_days() {
    let seeds: Vec<u64> = match std::env::var("SEED") {
        Ok(seed) => vec![seed.parse().unwrap()],
        Err(_) => (1..=SEEDS).collect(),
    };
    let (mut steps, mut hogs_seen) = (0, 0);
    for seed in &seeds {
        let result = std::panic::catch_unwind(|| live(*seed));
        let Tally { steps: lived, restores, jumps, fired } = result.unwrap_or_else(|_| panic!("seed {seed}"));
        println!("seed {seed:2}: {restores} restores, {jumps} clock jumps, fired {fired:?}");
        let seen = ["Filling", "Full"].iter().any(|alert| fired.contains_key(*alert));
        assert!(seen, "seed {seed}: a disk filled for five hours unseen");
        hogs_seen += u64::from(fired.contains_key("Busy"));
        steps += lived;
    }
    println!("{steps} steps, {hogs_seen} of {} CPU hogs seen", seeds.len());
    // Sampling may be silent during a whole hour's hog, in few lives.
    assert!(hogs_seen * 10 >= seeds.len() as u64 * 9 || seeds.len() == 1);
}

fn live(seed: u64) -> Tally {
    let mut random = Random::new(seed);
    let mut host = Host::new(&mut random, DAYS * 1440);
    let (rules, errors) = RuleSet::parse(&[("sim.yml".to_owned(), RULES.to_owned())]);
    assert!(errors.is_empty(), "{errors:?}");
    let rules = Arc::new(rules);
    let settings = Settings { history_bytes_max: 256 << 10, evaluation_ms: STEP_MS, ..Settings::default() };
    let mut calm = Engine::new(settings.clone());
    let mut shaken = Engine::new(settings.clone());
    let mut law = Law::default();
    let mut tally = Tally::default();
    let mut now = Now::new(1_767_225_600_000, 1 << 50);
    let mut batch = Batch::new();
    for engine in [&mut calm, &mut shaken] {
        engine.handle(now, Input::Rules(rules.clone()));
    }
    for _ in 0..DAYS * 1440 {
        now.mono_ms += STEP_MS;
        now.wall_ms += STEP_MS as i64 + random.range(-3, 3);
        if random.one_in(4000) {
            now.wall_ms += random.range(-86_400_000, 86_400_000);
            tally.jumps += 1;
        }
        if random.one_in(8000) {
            let back_ms = random.range(1, 200) * 86_400_000;
            now.mono_ms = now.mono_ms.saturating_add_signed(-back_ms);
            law.reboot(back_ms);
        }
        host.step(&mut random, &mut batch);
        if random.one_in(700) {
            let bytes = shaken.save(Scope::Whole);
            shaken = Engine::restore(settings.clone(), &bytes).unwrap();
            shaken.handle(now, Input::Rules(rules.clone()));
            tally.restores += 1;
        }
        for engine in [&mut calm, &mut shaken] {
            if !host.is_silent() {
                engine.handle(now, Input::Batch { probe: "sim", batch: &batch });
                engine.handle(now, Input::Ticked { next_ms: STEP_MS });
            } else if engine.deadline().is_some_and(|deadline| deadline <= now.mono_ms) {
                engine.handle(now, Input::Wake);
            }
        }
        let effects = drain(&mut calm);
        assert_eq!(effects, drain(&mut shaken), "saving and restoring changed something");
        for alert in effects.iter().filter_map(fired) {
            *tally.fired.entry(alert.to_owned()).or_default() += 1;
        }
        law.check(now, &mut calm, &effects, &settings);
        tally.steps += 1;
    }
    assert_eq!(calm.view().counts, shaken.view().counts);
    tally
}

fn drain(engine: &mut Engine) -> Vec<Effect> {
    std::iter::from_fn(|| engine.poll()).collect()
}

/// The name of the alert that an effect says has begun to fire.
fn fired(effect: &Effect) -> Option<&str> {
    let Effect::Alert(change) = effect else { return None };
    (change.alert.state == State::Firing && change.from != State::Firing).then_some(&change.alert.name)
}
