//! One simulated life before the whole engine: which incidents alerted, and which planted faults they were.

use super::fault::Fault;
use super::kinds::Kind;
use super::machine::Size;
use super::moment::BEGIN_MS;
use super::trial::Life;
use super::{Host, Planted, SETTLE_MINUTES};
use hostward_engine::anomaly::Incident;
use hostward_engine::{Engine, Input, Settings};
use hostward_model::{Batch, Now};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::AddAssign;

/// An incident that alerted.
pub struct Alarm {
    pub minute: u64,
    /// What it named as the cause.
    pub named: String,
    members: Vec<String>,
}

/// What became of one planted fault.
pub struct Answer {
    pub fault: Fault,
    /// The first alert while it lasted, and minutes until then.
    pub alarm: Option<(u64, String)>,
    /// Whether a series that tells of the fault is among those of the incident.
    pub fits: bool,
    /// Score and level of the incident that came nearest to an alert.
    pub nearest: (f64, f64),
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (score, level) = self.nearest;
        write!(f, "{}: score {score:.1} of {level:.1}", self.fault.name())?;
        match &self.alarm {
            Some((minutes, named)) => write!(f, ", alert after {minutes} min: {named}"),
            None => f.write_str(", no alert"),
        }
    }
}

/// What a life was told of.
#[derive(Default)]
pub struct Told {
    pub answers: Vec<Answer>,
    /// Alerts while nothing was wrong.
    pub false_alarms: Vec<Alarm>,
    /// Incidents that were kept, those included that did not alert.
    pub incidents: u64,
}

impl AddAssign for Told {
    fn add_assign(&mut self, more: Told) {
        self.answers.extend(more.answers);
        self.false_alarms.extend(more.false_alarms);
        self.incidents += more.incidents;
    }
}

/// Lives it; all of it counts, for the engine's budget begins with it.
pub fn run(kind: &'static Kind, size: Size, life: Life) -> Told {
    let mut host = Host::new(kind, life.seed, size, life.step_s);
    let end = kind.habit_days + life.days;
    if life.faults {
        // A host without habits of its own is still to be known first.
        host.plant(kind.habit_days.max(end / 3), end);
    }
    let settings =
        Settings { history_bytes_max: 16 << 20, interval_ms: 1000 * life.step_s, ..Settings::default() };
    let (mut engine, mut batch, mut probes) = (Engine::new(settings), Batch::new(), BTreeMap::new());
    let (mut alarms, mut incidents) = (BTreeMap::new(), 0);
    let mut nearest = vec![(0.0, 0.0); host.planted.len()];
    for step in 1..=end * 86_400 / life.step_s {
        let now =
            Now::new(BEGIN_MS + (step * life.step_s * 1000) as i64, (1 << 40) + step * life.step_s * 1000);
        if !host.step(&mut batch) {
            continue;
        }
        split(&batch, &mut probes);
        for (probe, batch) in &probes {
            engine.handle(now, Input::Batch { probe, batch });
        }
        engine.handle(now, Input::Wake);
        while engine.poll().is_some() {}
        for incident in engine.incidents() {
            incidents = incidents.max(incident.id);
            let during = host.planted.iter().position(|planted| planted.has(host.minute()) && incident.open);
            if let Some(nearest) = during.map(|planted| &mut nearest[planted])
                && incident.score / incident.level > nearest.0 / f64::max(nearest.1, f64::MIN_POSITIVE)
            {
                *nearest = (incident.score, incident.level);
            }
            if incident.alerted() {
                alarms.entry(incident.id).or_insert_with(|| alarm(host.minute(), incident));
            }
        }
    }
    sort(alarms.into_values().collect(), &host.planted, &nearest, incidents)
}

fn alarm(minute: u64, incident: &Incident) -> Alarm {
    let named = incident.alerted.as_ref().map_or(String::new(), |alarm| alarm.series.to_string());
    let members = incident.members.iter().map(|member| member.series.name().to_owned()).collect();
    Alarm { minute, named, members }
}

/// Alerts by what they were about.
fn sort(mut alarms: Vec<Alarm>, planted: &[Planted], nearest: &[(f64, f64)], incidents: u64) -> Told {
    let answers =
        planted.iter().zip(nearest).map(|(planted, nearest)| answer(planted, *nearest, &alarms)).collect();
    let settled = |planted: &Planted| planted.from..planted.to + SETTLE_MINUTES;
    alarms.retain(|alarm| !planted.iter().any(|planted| settled(planted).contains(&alarm.minute)));
    Told { answers, false_alarms: alarms, incidents }
}

fn answer(planted: &Planted, nearest: (f64, f64), alarms: &[Alarm]) -> Answer {
    let alarm = alarms.iter().find(|alarm| planted.has(alarm.minute));
    Answer {
        fault: planted.fault,
        nearest,
        fits: alarm.is_some_and(|alarm| alarm.members.iter().any(|name| planted.fault.shows_in(name))),
        alarm: alarm.map(|alarm| (alarm.minute - planted.from, alarm.named.clone())),
    }
}

/// A host's report as that of the probes that it would come from: what one probe says counts once.
fn split(batch: &Batch, probes: &mut BTreeMap<&'static str, Batch>) {
    probes.values_mut().for_each(Batch::clear);
    for sample in batch.samples() {
        let labels: Vec<_> = sample.labels().collect();
        probes.entry(probe(sample.metric.name)).or_default().push(sample.metric, &labels, sample.value);
    }
}

fn probe(metric: &'static str) -> &'static str {
    let words = ["cpu", "memory", "filesystem", "disk", "network", "app", "logins", "unit", "vmstat"];
    words
        .into_iter()
        .find(|word| metric.split('_').nth(1) == Some(word) || metric.starts_with(word))
        .unwrap_or(metric)
}
