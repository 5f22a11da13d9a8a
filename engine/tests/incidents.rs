//! Anomalies become incidents, incidents become alerts, and neither more often than the budget allows.

#![allow(clippy::unwrap_used)]

use hostward_engine::anomaly::Incident;
use hostward_engine::promql::{Expr, Value};
use hostward_engine::{Amend, Engine, Input, Scope, Settings};
use hostward_model::text::Format;
use hostward_model::{Batch, Metric, Now};

static BUSY: Metric = Metric::counter("busy_seconds_total", "Time.", &["cpu"]);
static LOAD: Metric = Metric::gauge("load", "Load.", &[]);
static RUNNING: Metric = Metric::gauge("running", "Running.", &[]);
static WAITING: Metric = Metric::counter("waiting_seconds_total", "Waiting.", &[]);
static HEAT: Metric = Metric::gauge("heat", "Temperature.", &["core"]);
static QUEUE: Metric = Metric::gauge("queue", "Waiting.", &[]);
static FREE: Metric = Metric::gauge("free_bytes", "Free.", &["disk"]);

/// Metric, label, value.
type Drawn<'a> = (&'static Metric, &'a str, f64);

const STEP_MS: u64 = 10_000;

/// A host of some probes whose numbers wander, and on which a fault can be planted.
struct Host {
    engine: Engine,
    now: Now,
    state: u64,
    busy: [f64; 2],
    waiting: f64,
    free: f64,
    /// How far the queue is from its level, where there is one.
    queue: Option<f64>,
}

impl Host {
    fn new() -> Self {
        let engine = Engine::new(Settings::default());
        let now = Now::new(1_767_225_600_000, 1 << 50);
        Host { engine, now, state: 7, busy: [0.0; 2], waiting: 0.0, free: 5e10, queue: None }
    }

    /// From -1 to 1, most often near 0.
    fn noise(&mut self) -> f64 {
        let mut share = || {
            self.state =
                self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.state >> 11) as f64 / (1u64 << 53) as f64
        };
        share() + share() + share() + share() - 2.0
    }

    /// One tick, in which everything runs `hog` times as hot.
    fn step(&mut self, hog: f64) {
        self.now.wall_ms += STEP_MS as i64;
        self.now.mono_ms += STEP_MS;
        let share = (0.1 + 0.02 * self.noise() + 0.9 * hog).clamp(0.0, 1.0);
        self.busy = [self.busy[0] + 10.0 * share, self.busy[1] + 10.0 * share];
        self.waiting += 0.1 + 0.02 * self.noise() + 8.0 * hog;
        self.free -= 1e6 * self.noise();
        let wave = self.now.wall_ms.rem_euclid(70_000) as f64 / 35_000.0;
        let queue = self.queue.map(|level| (&QUEUE, "", level + wave));
        let samples: [(&str, Vec<Drawn>); 6] = [
            ("queue", queue.into_iter().collect()),
            ("cpu", vec![(&BUSY, "0", self.busy[0]), (&BUSY, "1", self.busy[1])]),
            ("loadavg", vec![(&LOAD, "", 0.3 + 0.05 * self.noise() + 20.0 * hog)]),
            ("stat", vec![(&RUNNING, "", (2.0 + self.noise() + 30.0 * hog).round())]),
            ("pressure", vec![(&WAITING, "", self.waiting)]),
            ("hwmon", vec![(&HEAT, "0", 45.0 + self.noise() + 30.0 * hog), (&FREE, "/", self.free)]),
        ];
        for (probe, samples) in samples.into_iter().filter(|(_, samples)| !samples.is_empty()) {
            let mut batch = Batch::new();
            for (metric, label, value) in samples {
                let labels = [label];
                batch.push(metric, if metric.labels.is_empty() { &[] } else { &labels }, value);
            }
            self.engine.handle(self.now, Input::Batch { probe, batch: &batch });
        }
        self.engine.handle(self.now, Input::Wake);
        while self.engine.poll().is_some() {}
    }

    fn run(&mut self, minutes: u64, hog: f64) {
        (0..minutes * 60_000 / STEP_MS).for_each(|_| self.step(hog));
    }

    fn query(&self, expr: &str) -> Vec<(String, f64)> {
        match self.engine.query(&Expr::parse(expr).unwrap(), self.now.wall_ms).unwrap() {
            Value::Vector(results) => {
                results.into_iter().map(|(labels, value)| (labels.to_string(), value)).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    fn alerted(&self) -> Vec<&Incident> {
        self.engine.incidents().filter(|incident| incident.alerted()).collect()
    }

    fn page(&mut self) -> String {
        let mut out = String::new();
        self.engine.view().write(&mut out, Format::Text);
        out
    }
}

#[test]
fn a_hog_on_a_host_that_runs_for_fifteen_minutes_is_one_incident_and_alerts() {
    let mut host = Host::new();
    host.run(15, 0.0);
    assert_eq!(host.alerted().len(), 0);
    host.run(3, 1.0);
    let incidents: Vec<_> = host.engine.incidents().filter(|own| own.open).collect();
    assert_eq!(incidents.len(), 1, "{incidents:#?}");
    let incident = incidents[0];
    println!("score {} level {}", incident.score, incident.level);
    assert!(incident.alerted(), "score {} level {}", incident.score, incident.level);
    let named: Vec<_> = incident.members.iter().map(|own| own.series.name()).collect();
    assert!(named.len() >= 5 && !named.contains(&"free_bytes"), "{named:?}");
    assert_eq!(host.query("count(hostward_incident_alert)")[0].1, 1.0);
    assert!(host.query("hostward_host_anomaly_ratio")[0].1 > 0.5);
    assert_eq!(host.query("hostward_anomaly_ratio{probe=\"loadavg\"}")[0].1, 1.0);
    assert!(
        host.query("hostward_incident_score")[0].1 >= host.query("hostward_incident_alert_level")[0].1 - 3.0
    );
    let page = host.page();
    for name in ["hostward_incident_alert{", "hostward_incident_score{", "hostward_incidents_open 1"] {
        assert!(page.contains(name), "{name} is not in\n{page}");
    }
}

#[test]
fn what_begins_on_a_host_that_nobody_knows_does_not_alert_later_either() {
    let mut host = Host::new();
    host.run(5, 0.0);
    host.run(20, 1.0);
    assert_eq!((host.engine.incidents().count(), host.alerted().len()), (1, 0));
}

#[test]
fn an_incident_ends_with_its_anomalies_and_stays_known() {
    let mut host = Host::new();
    host.run(60, 0.0);
    host.run(5, 1.0);
    host.run(30, 0.0);
    assert_eq!(host.query("count(hostward_incident_score) or vector(0)")[0].1, 0.0);
    let alerted = host.alerted();
    let [incident] = alerted.as_slice() else { panic!("{alerted:?}") };
    let minutes = (incident.last_ms - incident.since_ms) / 60_000;
    assert!(!incident.open && (4..=8).contains(&minutes), "{minutes} minutes");
    assert!(incident.members.iter().all(|member| !member.open));
}

#[test]
fn what_moved_first_is_named_first() {
    let mut host = Host::new();
    host.run(60, 0.0);
    host.step(0.0);
    let mut batch = Batch::new();
    batch.push(&FREE, &["/data"], 1.0);
    for step in 0..30 {
        // A series of its own goes up a minute before the rest.
        let hog = if step >= 6 { 1.0 } else { 0.0 };
        host.step(hog);
    }
    let incident = host.engine.incidents().last().unwrap();
    let onset = incident.members.iter().map(|own| own.onset_ms).min().unwrap();
    assert_eq!(incident.members[0].onset_ms, onset, "{incident:#?}");
    assert!(incident.members.iter().all(|own| own.onset_ms <= own.since_ms));
}

/// A queue that grows for some minutes before the rest, too little to be an anomaly by itself.
#[test]
fn what_moved_before_without_being_an_anomaly_is_named_too() {
    let mut host = Host::new();
    host.queue = Some(10.0);
    host.run(60, 0.0);
    for step in 1..=60 {
        host.queue = Some(10.0 + 0.03 * f64::from(step));
        host.step(0.0);
    }
    assert_eq!(host.engine.incidents().count(), 0);
    host.run(2, 1.0);
    let incident = host.engine.incidents().last().unwrap();
    let moved: Vec<_> = incident.moved.iter().map(|own| own.series.name()).collect();
    assert_eq!(moved, ["queue"], "{incident:#?}");
    let lead_ms = incident.since_ms - incident.moved[0].onset_ms;
    assert!((4 * 60_000..=7 * 60_000).contains(&lead_ms), "{lead_ms}");
}

#[test]
fn a_quiet_day_raises_no_alert() {
    let mut host = Host::new();
    host.run(24 * 60, 0.0);
    let alerted = host.alerted();
    assert!(alerted.is_empty(), "{alerted:#?}");
}

#[test]
fn no_budget_means_no_alert() {
    let mut host = Host::new();
    host.engine.set_settings(Settings { false_alarms_per_week: 0.0, ..Settings::default() });
    host.run(20, 0.0);
    host.run(10, 1.0);
    assert!(host.engine.incidents().count() > 0 && host.alerted().is_empty());
}

#[test]
fn an_incident_goes_on_after_a_restart() {
    let mut host = Host::new();
    host.run(30, 0.0);
    host.run(4, 1.0);
    for scope in [Scope::Whole, Scope::Learning] {
        let before: Vec<Incident> = host.engine.incidents().cloned().collect();
        assert!(before.iter().any(|own| own.alerted()));
        let bytes = host.engine.save(scope);
        let engine = Engine::restore(Settings::default(), &bytes).unwrap();
        assert_eq!(engine.incidents().cloned().collect::<Vec<_>>(), before);
        host.engine = engine;
        host.run(2, 1.0);
        let after: Vec<_> = host.engine.incidents().filter(|own| own.alerted()).collect();
        assert_eq!(after.len(), 1, "{scope:?}: not told twice");
    }
}

/// The confidence that `load` is unusual, if it is.
fn load_is_unusual(host: &Host) -> bool {
    !host.query("hostward_anomaly_confidence{metric=\"load\"}").is_empty()
}

#[test]
fn a_fault_of_half_an_hour_does_not_become_usual_and_what_is_accepted_does() {
    let mut host = Host::new();
    host.run(3 * 60, 0.0);
    host.run(30, 1.0);
    assert!(load_is_unusual(&host), "still a fault at its end");
    for series in ["load", "running", "waiting_seconds_total", "heat", "busy_seconds_total{cpu=\"0\"}"] {
        host.engine.handle(host.now, Input::Amend { series, amend: Amend::Accept });
    }
    assert!(!load_is_unusual(&host));
    host.run(10, 1.0);
    assert!(!load_is_unusual(&host), "it was accepted");
}

#[test]
fn what_is_reset_is_learnt_anew() {
    let mut host = Host::new();
    host.run(60, 0.0);
    let seen = |host: &Host| host.engine.course("load", 0).unwrap().learnt.maturity.seen;
    assert!(seen(&host) > 300);
    host.engine.handle(host.now, Input::Amend { series: "load", amend: Amend::Reset });
    host.engine.handle(host.now, Input::Amend { series: "nothing", amend: Amend::Reset });
    assert_eq!(seen(&host), 0);
    assert!(host.engine.course("busy_seconds_total", 0).unwrap_err().contains("are 2 series"));
}

#[test]
fn hours_without_a_look_are_bridged() {
    let mut host = Host::new();
    host.run(120, 0.0);
    let bytes = host.engine.save(Scope::Learning);
    host.engine = Engine::restore(Settings::default(), &bytes).unwrap();
    host.now.wall_ms += 5 * 3_600_000;
    host.now.mono_ms += 5 * 3_600_000;
    host.run(10, 0.0);
    assert!(host.alerted().is_empty());
    host.run(3, 1.0);
    assert_eq!(host.alerted().len(), 1, "what was learnt before still holds");
}

#[test]
fn what_is_known_is_counted() {
    let mut host = Host::new();
    host.run(30, 0.0);
    let states = host.query("hostward_baseline_state");
    let all: f64 = states.iter().map(|(_, count)| count).sum();
    assert!(states.len() == 4 && all >= 7.0, "{states:?}");
    assert_eq!(host.query("hostward_baseline_state{state=\"learning\"}")[0].1, 0.0);
}
