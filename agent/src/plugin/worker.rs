//! Threads that wait for plugins: one for each reading of those that run once, one for each that stays.

use super::once::{self, Memory};
use super::reading::{Reading, understood};
use super::spec::{Ground, Plugin};
use super::stay::{self, Ended};
use std::io::{self, PipeReader};
use std::sync::Arc;
use std::thread::Builder;

/// Enough to read a plugin's text; a thread that waits should hold little.
const STACK_BYTES: usize = 256 << 10;

/// What a thread does.
pub struct Job {
    /// Tells its answers from those about the file that was there before.
    pub id: u64,
    /// The plugin.
    pub plugin: Plugin,
    /// What holds for all.
    pub ground: Arc<Ground>,
    /// Where answers go.
    pub answers: Answers,
}

/// Where threads say what they have to say; nobody listens when hostward ends.
pub type Answers = Arc<dyn Fn(Answer) + Send + Sync>;

/// What a thread has to say.
pub enum Answer {
    /// One reading, and the thread is done.
    Read {
        /// Whose.
        id: u64,
        /// What was read.
        reading: Box<Reading>,
        /// What is remembered for the next one.
        memory: Memory,
        /// Whether the one before had failed.
        was_failing: bool,
    },
    /// One reading of a plugin that stays.
    Heard {
        /// Whose.
        id: u64,
        /// What was read.
        reading: Box<Reading>,
    },
    /// A plugin that was to stay has ended, and the thread is done.
    Ended {
        /// Whose.
        id: u64,
        /// How.
        ended: Ended,
    },
}

/// Reads a plugin once; `told` breaks it off.
pub fn read(job: Job, told: PipeReader, mut memory: Memory, was_failing: bool) -> io::Result<()> {
    start(&job.plugin.name.clone(), move || {
        let raw = once::read(&job.plugin, &job.ground, &mut memory, &told);
        let reading = Box::new(understood(&job.plugin, &raw));
        (job.answers)(Answer::Read { id: job.id, reading, memory, was_failing });
    })
}

/// Lives with a plugin until it ends, or `told` says so.
pub fn live(job: Job, told: PipeReader) -> io::Result<()> {
    start(&job.plugin.name.clone(), move || {
        let ended = stay::live(&job.plugin, &job.ground, &told, |_, reading| {
            (job.answers)(Answer::Heard { id: job.id, reading: Box::new(reading) });
        });
        (job.answers)(Answer::Ended { id: job.id, ended });
    })
}

fn start(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    Builder::new().name(format!("plugin {name}")).stack_size(STACK_BYTES).spawn(work).map(drop)
}
