//! One simulated life before the detector: what was seen of the planted faults, and what else was said.

use super::fault::Fault;
use super::kinds::Kind;
use super::machine::Size;
use super::moment::BEGIN_MS;
use super::shares::Shares;
use super::watch::Watch;
use super::{Host, SETTLE_MINUTES};
use hostward_model::{Batch, Kind as Shape};
use std::ops::AddAssign;

/// A life to be lived: days without faults until habits are known, then days with them (or with none planted).
#[derive(Clone, Copy)]
pub struct Life {
    pub seed: u64,
    pub step_s: u64,
    pub days: u64,
    pub faults: bool,
}

/// What became of one fault, on the series that tell of it.
#[derive(Clone, Debug)]
pub struct Seen {
    pub fault: Fault,
    from: u64,
    to: u64,
    /// Score and minute of each sample that was stronger than all before it.
    rising: Vec<(f64, u64)>,
}

impl Seen {
    /// Minutes until the score was at least `level`.
    pub fn delay(&self, level: f64) -> Option<u64> {
        self.rising.iter().find(|(score, _)| *score >= level).map(|(_, minute)| minute - self.from)
    }
}

/// What a life showed.
#[derive(Default)]
pub struct Report {
    pub seen: Vec<Seen>,
    /// The strongest score of each ordinary hour, over all series.
    pub hours: Vec<f64>,
    /// Calibration in ordinary time, over series that move and over all.
    pub moving: Shares,
    pub all: Shares,
}

impl AddAssign for Report {
    fn add_assign(&mut self, more: Report) {
        self.seen.extend(more.seen);
        self.hours.extend(more.hours);
        self.moving += more.moving;
        self.all += more.all;
    }
}

impl Report {
    /// The score that ordinary hours reach once a week, by hindsight.
    pub fn weekly_level(&self) -> f64 {
        let weeks = (self.hours.len() as f64 / 168.0).ceil() as usize;
        let mut hours = self.hours.clone();
        hours.sort_by(|a, b| b.total_cmp(a));
        hours.get(weeks).copied().unwrap_or(0.0)
    }
}

/// Lives it.
pub fn run(kind: &'static Kind, size: Size, life: Life) -> Report {
    let mut host = Host::new(kind, life.seed, size, life.step_s);
    let end = kind.habit_days + life.days;
    if life.faults {
        host.plant(kind.habit_days, end);
    }
    let mut trial = Trial::new(&host, kind.habit_days * 1440);
    let mut batch = Batch::new();
    for _ in 0..end * 86_400 / life.step_s {
        if host.step(&mut batch) {
            trial.take(host.minute(), life.step_s, &batch);
        }
    }
    trial.report()
}

struct Trial {
    watches: Vec<(Watch, Shares)>,
    seen: Vec<Seen>,
    hours: Vec<(u64, f64)>,
    from: u64,
}

impl Trial {
    fn new(host: &Host, from: u64) -> Self {
        let seen = |planted: &super::Planted| Seen {
            fault: planted.fault,
            from: planted.from,
            to: planted.to,
            rising: Vec::new(),
        };
        Trial { watches: Vec::new(), seen: host.planted.iter().map(seen).collect(), hours: Vec::new(), from }
    }

    fn take(&mut self, minute: u64, step_s: u64, batch: &Batch) {
        let past_ms = minute * 60_000 + step_s * 1000;
        let fault = self.seen.iter().position(|seen| (seen.from..=seen.to).contains(&minute));
        let settling = self.seen.iter().any(|seen| (seen.to..seen.to + SETTLE_MINUTES).contains(&minute));
        let counted = minute >= self.from && fault.is_none() && !settling;
        let mut strongest = 0.0;
        for (index, sample) in batch.samples().enumerate() {
            if self.watches.len() == index {
                let watch = Watch::new(sample.metric.name, sample.metric.kind == Shape::Counter);
                self.watches.push((watch, Shares::of_one_series()));
            }
            let (watch, shares) = &mut self.watches[index];
            let Some(judged) = watch.observe(BEGIN_MS + past_ms as i64, past_ms, sample.value) else {
                continue;
            };
            match fault.map(|fault| &mut self.seen[fault]) {
                Some(seen) if seen.fault.shows_in(&watch.metric) => seen.rise(judged.score, minute),
                None if counted => {
                    shares.take(&judged);
                    strongest = f64::max(strongest, judged.score);
                }
                _ => {}
            }
        }
        if counted {
            self.hear(minute / 60, strongest);
        }
    }

    fn hear(&mut self, hour: u64, score: f64) {
        match self.hours.last_mut() {
            Some((last, strongest)) if *last == hour => *strongest = strongest.max(score),
            _ => self.hours.push((hour, score)),
        }
    }

    fn report(self) -> Report {
        let mut report = Report { seen: self.seen, ..Report::default() };
        report.hours = self.hours.into_iter().map(|(_, score)| score).collect();
        for (watch, shares) in self.watches {
            report.all += shares;
            if watch.is_moving() {
                report.moving += shares;
            }
        }
        report
    }
}

impl Seen {
    fn rise(&mut self, score: f64, minute: u64) {
        if self.rising.last().is_none_or(|(most, _)| score > *most) {
            self.rising.push((score, minute));
        }
    }
}
