//! The sampler: a thread that runs the probes when their time has come.
//!
//! Ticks lie on multiples of the interval of the wall clock, so that hosts can be compared, and are waited for
//! on the monotonic clock, so that a clock that is set does not disturb them. A tick that was missed is
//! counted, never caught up. A probe that can block runs aside, see [`aside`].

mod aside;
mod lanes;
mod memories;
mod report;
mod run;
mod schedule;
mod thread;
mod turns;

pub use memories::Memories;
pub use report::{Report, SPEC, Status};
pub use run::{Runner, Trouble};

use crate::config::Config;
use crate::vitals::Vitals;
pub use hostward_engine::own::OWN;
use hostward_model::{Batch, Now};
use hostward_probes::{PROBES, Settings, Spec};
use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};

/// Readings that wait for the loop; more ticks than this are thrown away and counted.
const QUEUE_TICKS_MAX: usize = 64;

/// Each probe is asked at least this often, for a value counts for 5 minutes after its sample; one that runs
/// more seldom tells again what it saw.
const ASKED_MS_MAX: u64 = 60_000;

/// What to run, and how often.
#[derive(Clone)]
pub struct Plan {
    /// Where the host's files lie.
    pub root: PathBuf,
    /// Interval of the ticks.
    pub interval_ms: u64,
    /// How long a probe aside may take.
    pub deadline_ms: u64,
    /// What to run, in the order of a tick.
    pub probes: Vec<Chosen>,
    /// What the probes said to an earlier process; a plan that takes another's place goes on with that one's.
    pub memories: Memories,
}

/// A probe that runs.
#[derive(Clone)]
pub struct Chosen {
    /// Its declaration.
    pub spec: &'static Spec,
    /// How often.
    pub every_ms: u64,
    /// What else is set of it.
    pub settings: Settings,
}

/// What one probe saw.
#[derive(Debug)]
pub struct Reading {
    /// Name of the probe.
    pub probe: &'static str,
    /// Its samples.
    pub batch: Batch,
}

/// What the sampler sends to the loop.
#[derive(Debug)]
pub struct Sampled {
    /// When.
    pub at: Now,
    /// What was seen; never two of one probe.
    pub readings: Vec<Reading>,
    /// How the probes fared, once all of the tick are done or given up.
    pub report: Option<Arc<Report>>,
}

/// Batches that the loop has read and the sampler can fill again.
pub type Shelf = Arc<Mutex<Vec<Reading>>>;

/// The running sampler, seen from the loop.
pub struct Sampler {
    inbox: Sender<Message>,
    shelf: Shelf,
    memories: Memories,
}

/// Everything that can happen to the sampler's thread besides the passing of time.
enum Message {
    /// Go on with another plan.
    Plan(Plan),
    /// Probes aside have answered.
    Done,
    Stop,
}

impl Plan {
    /// The probes that the configuration wants, with their intervals.
    pub fn new(config: &Config, root: PathBuf) -> Self {
        let interval_ms = config.sampling.interval.ms();
        let wanted = PROBES.iter().filter(|spec| config.probe(spec.name).enabled.unwrap_or(spec.enabled));
        let chosen = |spec: &&'static Spec| Chosen {
            spec,
            every_ms: every_ms(config, spec, interval_ms),
            settings: config.probe(spec.name).settings(spec),
        };
        let probes = wanted.map(chosen).collect();
        let deadline_ms = config.sampling.deadline.ms();
        Plan { root, interval_ms, deadline_ms, probes, memories: Memories::default() }
    }
}

/// What the administrator says, or else the smallest multiple of the interval that is worth the probe's cost.
pub fn every_ms(config: &Config, spec: &Spec, interval_ms: u64) -> u64 {
    let own = config.probe(spec.name).interval.map(|span| span.ms());
    own.unwrap_or_else(|| spec.every_ms.div_ceil(interval_ms).max(1) * interval_ms)
}

impl Sampler {
    /// Starts the thread; the first tick comes at once.
    pub fn start(
        plan: Plan,
        vitals: Arc<Vitals>,
    ) -> std::io::Result<(Sampler, tokio::sync::mpsc::Receiver<Sampled>)> {
        let (inbox, messages) = channel();
        let (out, readings) = tokio::sync::mpsc::channel(QUEUE_TICKS_MAX);
        let (shelf, memories) = (Shelf::default(), plan.memories.clone());
        let thread = thread::Thread::new(plan, vitals, inbox.clone(), out, shelf.clone());
        std::thread::Builder::new().name("sampler".to_owned()).spawn(move || thread.run(&messages))?;
        Ok((Sampler { inbox, shelf, memories }, readings))
    }

    /// Goes on with another plan.
    pub fn replan(&self, plan: Plan) {
        let _ = self.inbox.send(Message::Plan(plan));
    }

    /// What the probes would like to be reminded of after a restart.
    pub fn memories(&self) -> &Memories {
        &self.memories
    }

    /// Gives batches back to be filled again.
    pub fn give_back(&self, readings: Vec<Reading>) {
        if let Ok(mut shelf) = self.shelf.lock()
            && shelf.len() < QUEUE_TICKS_MAX
        {
            shelf.extend(readings);
        }
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        let _ = self.inbox.send(Message::Stop);
    }
}
