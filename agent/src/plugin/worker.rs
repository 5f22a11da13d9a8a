//! Threads that wait for plugins: one for each reading of those that run once, one for each that stays.

use super::ground::Ground;
use super::inside;
use super::once::{self, Memory};
use super::reading::{Raw, Reading, understood};
use super::spec::Plugin;
use super::stay::{self, Ended};
use std::io::{self, PipeReader};
use std::sync::Arc;
use std::thread::Builder;

/// Enough to read a plugin's text; a thread that waits should hold little.
const STACK_BYTES: usize = 256 << 10;
/// What authors of shared objects may count on.
const INSIDE_STACK_BYTES: usize = 8 << 20;

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
    start(&job.plugin.name.clone(), STACK_BYTES, move || {
        let raw = once::read(&job.plugin, &job.ground, &mut memory, &told);
        let reading = Box::new(understood(&job.plugin, &raw));
        (job.answers)(Answer::Read { id: job.id, reading, memory, was_failing });
    })
}

/// Lives with a plugin until it ends, or `told` says so.
pub fn live(job: Job, told: PipeReader) -> io::Result<()> {
    let stack_bytes = if job.plugin.is_inside { INSIDE_STACK_BYTES } else { STACK_BYTES };
    start(&job.plugin.name.clone(), stack_bytes, move || {
        let tell = |_: &Raw, reading| {
            (job.answers)(Answer::Heard { id: job.id, reading: Box::new(reading) });
        };
        let ended = match job.plugin.is_inside {
            true => inside::live(&job.plugin, &job.ground, &told, tell),
            false => stay::live(&job.plugin, &job.ground, &told, tell),
        };
        (job.answers)(Answer::Ended { id: job.id, ended });
    })
}

fn start(name: &str, stack_bytes: usize, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    Builder::new().name(format!("plugin {name}")).stack_size(stack_bytes).spawn(work).map(drop)
}
