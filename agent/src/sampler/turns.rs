//! The probes of a plan, each with its place: in the tick itself, or aside.

use super::aside::{Aside, Done, Work};
use super::lanes::Lanes;
use super::run::Outcome;
use super::{ASKED_MS_MAX, Chosen, Memories, Message, Plan, Reading, Runner, Status, Trouble, schedule};
use crate::clock;
use hostward_model::Batch;
use hostward_probes::{Fault, Host, Pace};
use std::collections::HashMap;
use std::sync::mpsc::Sender;

/// A probe that found nothing to look at rests so long; many kinds of hardware are on few hosts.
const ABSENT_MS: i64 = 60_000;

/// A probe aside that waits for others is relieved after so long.
const RELIEF_US: u64 = 20_000;

/// All probes of a plan.
pub struct Turns {
    list: Vec<Turn>,
    host: Host,
    deadline_ms: u64,
    lanes: Lanes,
    /// When to look whether a probe aside waits for others.
    relief_us: Option<u64>,
    /// Counts the probes aside that were started, so that the answer of one that is gone is known.
    workers: u64,
    memories: Memories,
    /// Batches that were read and can be filled again, by probe.
    pub spare: HashMap<&'static str, Batch>,
}

struct Turn {
    chosen: Chosen,
    place: Place,
    status: Status,
}

enum Place {
    Inline(Box<Runner>),
    Aside(Aside),
}

impl Turns {
    /// Nothing to run yet.
    pub fn new(plan: &Plan, inbox: Sender<Message>) -> Self {
        let host = Host::new(&plan.root);
        let mut turns = Turns {
            list: Vec::new(),
            host,
            deadline_ms: 0,
            lanes: Lanes::new(inbox),
            relief_us: None,
            workers: 0,
            memories: plan.memories.clone(),
            spare: HashMap::new(),
        };
        drop(turns.take(plan));
        turns
    }

    /// Takes another plan and gives empty readings of the probes that are gone, so that their series end.
    /// A probe that stays keeps what it remembers, so that its counters do not start again.
    pub fn take(&mut self, plan: &Plan) -> Vec<Reading> {
        self.deadline_ms = plan.deadline_ms;
        let mut old = std::mem::take(&mut self.list);
        for chosen in &plan.probes {
            let same = |turn: &Turn| {
                turn.chosen.spec.name == chosen.spec.name && turn.chosen.settings == chosen.settings
            };
            let kept = old.iter().position(same).map(|index| old.swap_remove(index));
            let turn = match kept {
                Some(mut turn) => {
                    turn.status.every_ms = chosen.every_ms;
                    Turn { chosen: chosen.clone(), ..turn }
                }
                None => self.start(plan, chosen),
            };
            self.list.push(turn);
        }
        let gone = old.iter().map(|turn| turn.chosen.spec.name);
        gone.map(|probe| Reading { probe, batch: Batch::new() }).collect()
    }

    fn start(&mut self, plan: &Plan, chosen: &Chosen) -> Turn {
        let (chosen, memories) = (chosen.clone(), self.memories.clone());
        let status = Status::new(chosen.spec.name, chosen.every_ms);
        let place = match chosen.spec.pace {
            Pace::Inline => Place::Inline(Box::new(Runner::new(chosen.clone(), memories))),
            Pace::Aside => {
                self.workers += 1;
                let work = Work::new(chosen.clone(), plan.root.clone(), memories);
                Place::Aside(Aside::new(work, self.workers))
            }
        };
        Turn { chosen, place, status }
    }

    /// The intervals of all probes.
    pub fn everies_us(&self) -> impl Iterator<Item = i64> {
        self.list.iter().map(|turn| turn.every_us())
    }

    /// How all probes fared.
    pub fn statuses(&self) -> Vec<Status> {
        self.list.iter().map(|turn| turn.status.clone()).collect()
    }

    /// When the next run aside is given up, if one is waited for.
    pub fn deadline_us(&self) -> Option<u64> {
        let deadlines = self.list.iter().filter_map(|turn| match &turn.place {
            Place::Aside(aside) => aside.deadline_us(),
            Place::Inline(_) => None,
        });
        deadlines.min()
    }

    /// When to look after the probes aside again.
    pub fn wake_us(&self) -> Option<u64> {
        self.deadline_us().into_iter().chain(self.relief_us).min()
    }

    /// Whether a probe has yet to answer. One that may take longer than others does not hold up the report.
    pub fn awaits_any(&self) -> bool {
        let in_flight =
            |turn: &Turn| matches!(&turn.place, Place::Aside(aside) if aside.deadline_us().is_some());
        let is_usual = |turn: &Turn| turn.chosen.spec.deadline_ms <= self.deadline_ms;
        self.list.iter().any(|turn| in_flight(turn) && is_usual(turn))
    }

    /// Runs what is due in the tick at `wall_us`, or everything, and asks the probes aside.
    pub fn run(&mut self, at: clock::Reading, wall_us: Option<i64>) -> Vec<Reading> {
        self.host.begin_tick();
        let is_due = |turn: &&mut Turn| {
            wall_us.is_none_or(|wall_us| schedule::is_due(wall_us, turn.every_us()) && !turn.rests(at))
        };
        let (mut readings, mut jobs) = (Vec::with_capacity(self.list.len() + 1), Vec::new());
        for turn in self.list.iter_mut().filter(is_due) {
            let probe = turn.chosen.spec.name;
            let mut batch = self.spare.remove(probe).unwrap_or_default();
            match &mut turn.place {
                Place::Aside(aside) => {
                    let deadline_ms = self.deadline_ms.max(turn.chosen.spec.deadline_ms);
                    jobs.extend(aside.ask(batch, at.mono_us + deadline_ms * 1000));
                }
                Place::Inline(runner) => {
                    let outcome = runner.run(&mut self.host, &mut batch);
                    turn.status.ended(at, outcome, &batch);
                    readings.push(Reading { probe, batch });
                }
            }
        }
        // Nobody waits where nobody was asked, and the tick wakes nobody twice.
        if !jobs.is_empty() {
            self.lanes.run(jobs);
            self.relief_us = Some(at.mono_us + RELIEF_US);
        }
        readings
    }

    /// Gives another thread to probes aside that have waited for others long enough.
    pub fn relieve(&mut self, at: clock::Reading) {
        if self.relief_us.is_some_and(|relief_us| relief_us <= at.mono_us) {
            self.relief_us = self.lanes.relieve().then_some(at.mono_us + RELIEF_US);
        }
    }

    /// Takes the answers of probes aside, but for those that come too late.
    pub fn landed(&mut self, at: clock::Reading) -> Vec<Reading> {
        let readings = self.lanes.done().into_iter().filter_map(|done| self.land(at, done)).collect();
        self.relief_us = self.relief_us.filter(|_| self.deadline_us().is_some());
        readings
    }

    fn land(&mut self, at: clock::Reading, done: Done) -> Option<Reading> {
        let Done { worker, work, batch, outcome } = done;
        let (aside, status) = self.list.iter_mut().find_map(|turn| match &mut turn.place {
            Place::Aside(aside) if aside.worker == worker => Some((aside, &mut turn.status)),
            _ => None,
        })?;
        aside.landed(work).then(|| {
            status.ended(at, outcome, &batch);
            Reading { probe: status.probe, batch }
        })
    }

    /// Reports as timed out what is past its deadline; its series end.
    pub fn give_up(&mut self, at: clock::Reading) -> Vec<Reading> {
        let usual_ms = self.deadline_ms;
        let mut readings = Vec::new();
        for turn in &mut self.list {
            let Place::Aside(aside) = &mut turn.place else { continue };
            if aside.give_up(at.mono_us) {
                let spec = turn.chosen.spec;
                let after_ms = usual_ms.max(spec.deadline_ms);
                let what = spec.reads.first().copied().unwrap_or(spec.name).to_owned();
                let trouble = Trouble::Fault(Fault::Timeout { what, after_ms });
                turn.status.given_up(at, trouble);
                readings.push(Reading { probe: spec.name, batch: Batch::new() });
            }
        }
        readings
    }
}

impl Turn {
    /// What this host does not have is looked for now and then only.
    fn rests(&self, at: clock::Reading) -> bool {
        let is_absent = matches!(self.status.trouble, Some(Trouble::Fault(Fault::Missing { .. })));
        let since_ms = self.status.at_ms.map(|at_ms| at.now().wall_ms - at_ms);
        is_absent && since_ms.is_some_and(|since_ms| (0..ABSENT_MS).contains(&since_ms))
    }

    fn every_us(&self) -> i64 {
        self.chosen.every_ms.min(ASKED_MS_MAX) as i64 * 1000
    }
}

impl Status {
    fn ended(&mut self, at: clock::Reading, outcome: Outcome, batch: &Batch) {
        self.at_ms = Some(at.now().wall_ms);
        self.seconds = Some(outcome.seconds);
        self.cpu_seconds += outcome.cpu_seconds;
        self.trouble = outcome.trouble;
        self.gaps.clear();
        self.gaps.extend_from_slice(batch.gaps());
    }

    fn given_up(&mut self, at: clock::Reading, trouble: Trouble) {
        self.at_ms = Some(at.now().wall_ms);
        self.seconds = None;
        self.trouble = Some(trouble);
        self.gaps.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hostward_probes::{Settings, Spec};
    use std::sync::mpsc::channel;

    static LACKING: Spec = Spec {
        name: "lacking",
        start: |_| Box::new(|_: &mut Host, _: &mut Batch| Err(Fault::Missing { what: "/proc/x".to_owned() })),
        ..Spec::INLINE
    };

    #[test]
    fn what_the_host_lacks_is_looked_for_once_a_minute() {
        let chosen = Chosen { spec: &LACKING, every_ms: 10_000, settings: Settings::default() };
        let plan = Plan {
            root: "/".into(),
            interval_ms: 10_000,
            deadline_ms: 2_000,
            probes: vec![chosen],
            memories: Memories::default(),
        };
        let mut turns = Turns::new(&plan, channel().0);
        let mut looks = |second: i64| {
            let at = clock::Reading { wall_us: second * 1_000_000, mono_us: second as u64 * 1_000_000 };
            turns.run(at, Some(at.wall_us)).len()
        };
        let seen: Vec<_> = (0..=7).map(|tick| looks(tick * 10)).collect();
        assert_eq!(seen, [1, 0, 0, 0, 0, 0, 1, 0]);
    }
}
