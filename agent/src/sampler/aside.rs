//! Probes that can block, run on other threads than the sampler's.
//!
//! A dead mount holds `statfs` for minutes and cannot be interrupted. So such a probe is asked and not waited
//! for: past its deadline it is reported as timed out, its late answer is thrown away, and it is not asked
//! again before it has answered. One in flight, one thread, whatever happens.

use super::run::{Outcome, Runner};
use super::{Chosen, Memories};
use hostward_model::Batch;
use hostward_probes::Host;
use std::path::PathBuf;

/// A probe that runs aside.
pub struct Aside {
    /// Tells its answers from those of another that had its name.
    pub worker: u64,
    /// Away while it runs.
    work: Option<Box<Work>>,
    flight: Flight,
}

/// The probe, and the host as it sees it.
pub struct Work {
    runner: Runner,
    host: Host,
}

/// Whether it is at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flight {
    Idle,
    Until { mono_us: u64 },
    GivenUp,
}

/// A run that is asked for.
pub struct Job {
    /// Whose.
    pub worker: u64,
    /// What is to be done.
    pub work: Box<Work>,
    /// To be filled.
    pub batch: Batch,
}

/// A finished run.
pub struct Done {
    /// Whose.
    pub worker: u64,
    /// To be run again.
    pub work: Box<Work>,
    /// What it saw.
    pub batch: Batch,
    /// How it went.
    pub outcome: Outcome,
}

impl Work {
    /// A fresh instance of the probe.
    pub fn new(chosen: Chosen, root: PathBuf, memories: Memories) -> Self {
        Work { runner: Runner::new(chosen, memories), host: Host::new(root) }
    }

    /// Runs it once.
    pub fn run(&mut self, batch: &mut Batch) -> Outcome {
        self.host.begin_tick();
        self.runner.run(&mut self.host, batch)
    }
}

impl Aside {
    /// One that was not asked yet.
    pub fn new(work: Work, worker: u64) -> Self {
        Aside { worker, work: Some(Box::new(work)), flight: Flight::Idle }
    }

    /// What is to be run, unless it is still busy with the last run.
    pub fn ask(&mut self, batch: Batch, deadline_us: u64) -> Option<Job> {
        let work = self.work.take()?;
        self.flight = Flight::Until { mono_us: deadline_us };
        Some(Job { worker: self.worker, work, batch })
    }

    /// It answered. True when the answer was in time.
    pub fn landed(&mut self, work: Box<Work>) -> bool {
        self.work = Some(work);
        matches!(std::mem::replace(&mut self.flight, Flight::Idle), Flight::Until { .. })
    }

    /// Gives up a run whose time is over. True when that is news.
    pub fn give_up(&mut self, mono_us: u64) -> bool {
        let over = self.deadline_us().is_some_and(|deadline| deadline <= mono_us);
        if over {
            self.flight = Flight::GivenUp;
        }
        over
    }

    /// When the run that is waited for is given up.
    pub fn deadline_us(&self) -> Option<u64> {
        match self.flight {
            Flight::Until { mono_us } => Some(mono_us),
            Flight::Idle | Flight::GivenUp => None,
        }
    }
}
