//! The thread that writes: the disk may take its time, and nobody waits for it.

use super::Archive;
use super::compact::{WINDOWS_MS, compact, due};
use super::retain::{self, Bounds, outdated, replaced, surplus};
use super::shelf::{Block, Name};
use crate::clock;
use crate::config;
use crate::durable;
use hostward_engine::archive::{Fresh, Mark};
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// How often a block goes because of its age; so that a clock that is wrong for an hour does not take the past along.
const OUTDATED_EVERY: Duration = Duration::from_secs(3600);
const STACK_BYTES: usize = 1 << 20;

/// Told what came of it.
type Reply = Box<dyn FnOnce(Result<Mark, String>) + Send>;

/// The way to the thread.
#[derive(Clone)]
pub struct Writer(SyncSender<(Fresh, Reply)>);

/// What the thread works with.
pub struct Pen {
    archive: Arc<Archive>,
    bounds: Bounds,
    next_number: u64,
    outdated_at: Option<Instant>,
}

impl Writer {
    /// Makes the directory and starts the thread; gives the end of what is there already.
    pub fn start(archive: Arc<Archive>, config: &config::History) -> io::Result<(Self, i64)> {
        let bounds = Bounds {
            keep_ms: i64::try_from(config.keep.ms()).unwrap_or(i64::MAX),
            bytes_max: config.size.bytes() as u64,
        };
        let (mut pen, end_ms) = Pen::open(archive, bounds)?;
        let (jobs, queue): (_, Receiver<(Fresh, Reply)>) = sync_channel(1);
        let thread = std::thread::Builder::new().name("history".to_owned()).stack_size(STACK_BYTES);
        thread.spawn(move || {
            for (fresh, reply) in &queue {
                reply(pen.take(&fresh).map_err(|error| error.to_string()));
                drop(fresh);
                pen.tidy(clock::now().wall_ms);
            }
        })?;
        Ok((Writer(jobs), end_ms))
    }

    /// Has samples written; the reply comes from the thread. False when it is busy: they come with the next ones.
    pub fn write(&self, fresh: Fresh, reply: impl FnOnce(Result<Mark, String>) + Send + 'static) -> bool {
        self.0.try_send((fresh, Box::new(reply))).is_ok()
    }
}

impl Pen {
    /// Makes the directory; gives the end of what is there already.
    pub fn open(archive: Arc<Archive>, bounds: Bounds) -> io::Result<(Self, i64)> {
        durable::private_dir(&archive.dir)?;
        durable::sweep(&archive.dir)?;
        let blocks = archive.blocks()?;
        let end_ms = blocks.iter().map(|block| block.name.span_ms().1).max().unwrap_or(0);
        let next_number = blocks.iter().map(|block| block.name.number).max().unwrap_or(0) + 1;
        archive.count(&blocks);
        Ok((Pen { archive, bounds, next_number, outdated_at: None }, end_ms))
    }

    /// One block for each window that there is something new of.
    pub fn take(&mut self, fresh: &Fresh) -> io::Result<Mark> {
        for span in fresh.spans(WINDOWS_MS[0]) {
            let name = Name { from_s: span.0 / 1000, to_s: span.1 / 1000, number: self.number() };
            durable::write_by(&self.archive.dir.join(name.to_string()), |out| fresh.write(span, out))?;
        }
        Ok(fresh.mark.clone())
    }

    fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number - 1
    }

    /// Puts the directory in order. What fails is told and tried again the next time.
    pub fn tidy(&mut self, now_ms: i64) {
        if let Err(error) = self.try_to_tidy(now_ms) {
            tracing::error!("cannot put the history in order: {error}");
            self.archive.numbers.failures.inc();
        }
    }

    fn try_to_tidy(&mut self, now_ms: i64) -> io::Result<()> {
        retain::set_aside(&self.archive, now_ms)?;
        remove(replaced(&self.archive.blocks()?))?;
        if let Some(blocks) = due(&self.archive.blocks()?, now_ms) {
            let number = self.number();
            compact(&self.archive, &blocks, number)?;
        }
        if self.outdated_at.is_none_or(|at| at.elapsed() >= OUTDATED_EVERY) {
            self.outdated_at = Some(Instant::now());
            remove(outdated(&self.archive.blocks()?, self.bounds.keep_ms, now_ms))?;
        }
        remove(surplus(&self.archive.blocks()?, self.bounds.bytes_max))?;
        self.archive.count(&self.archive.blocks()?);
        Ok(())
    }
}

fn remove<'a>(blocks: impl IntoIterator<Item = &'a Block>) -> io::Result<()> {
    blocks.into_iter().try_for_each(|block| durable::gone(std::fs::remove_file(&block.path)))
}

impl Archive {
    /// Tells how much there is.
    fn count(&self, blocks: &[Block]) {
        self.numbers.blocks.set(blocks.len() as i64);
        self.numbers.bytes.set(blocks.iter().map(|block| block.bytes as i64).sum());
        self.numbers.oldest.set(blocks.first().map_or(0, |block| block.name.from_s));
    }
}
