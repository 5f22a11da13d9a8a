//! Probes that can block, each in a thread of its own.
//!
//! A dead mount holds `statfs` for minutes and cannot be interrupted. So such a probe is asked and not waited
//! for: past its deadline it is reported as timed out, its late answer is thrown away, and it is not asked
//! again before it has answered. One in flight, one thread, whatever happens.

use super::run::{Outcome, Runner};
use super::{Chosen, Memories, Message};
use hostward_model::Batch;
use hostward_probes::Host;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, SyncSender, sync_channel};

/// Enough for a probe; a thread that hangs should hold little.
const STACK_BYTES: usize = 256 << 10;

/// A worker thread with a probe.
pub struct Aside {
    jobs: SyncSender<Batch>,
    /// Tells this worker's answers from those of another.
    pub worker: u64,
    flight: Flight,
}

/// Whether the worker is at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flight {
    Idle,
    Until { mono_us: u64 },
    GivenUp,
}

/// A finished run.
pub struct Done {
    /// Name of the probe.
    pub probe: &'static str,
    /// Which worker ran it.
    pub worker: u64,
    /// What it saw.
    pub batch: Batch,
    /// How it went.
    pub outcome: Outcome,
}

impl Aside {
    /// Starts the worker. It ends when this value is dropped and its run, if any, is over.
    pub fn start(
        chosen: Chosen,
        root: PathBuf,
        worker: u64,
        inbox: Sender<Message>,
        memories: Memories,
    ) -> std::io::Result<Self> {
        let (jobs, received) = sync_channel(1);
        let probe = chosen.spec.name;
        let name = format!("probe {probe}");
        let runner = move || Runner::new(chosen, memories);
        let work = move || work(probe, runner(), Host::new(root), worker, &received, &inbox);
        std::thread::Builder::new().name(name).stack_size(STACK_BYTES).spawn(work)?;
        Ok(Aside { jobs, worker, flight: Flight::Idle })
    }

    /// Asks for a run, unless the worker is still busy with the last one.
    pub fn ask(&mut self, batch: Batch, deadline_us: u64) {
        if self.flight == Flight::Idle && self.jobs.try_send(batch).is_ok() {
            self.flight = Flight::Until { mono_us: deadline_us };
        }
    }

    /// The worker answered. True when the answer was in time.
    pub fn landed(&mut self) -> bool {
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

fn work(
    probe: &'static str,
    mut runner: Runner,
    mut host: Host,
    worker: u64,
    jobs: &Receiver<Batch>,
    inbox: &Sender<Message>,
) {
    while let Ok(mut batch) = jobs.recv() {
        host.begin_tick();
        let outcome = runner.run(&mut host, &mut batch);
        let done = Done { probe, worker, batch, outcome };
        if inbox.send(Message::Done(done)).is_err() {
            return;
        }
    }
}
