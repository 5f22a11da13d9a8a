//! The thread that evaluates queries, one after the other: neither the loop nor a scrape ever waits for one.

use super::Archive;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use tokio::sync::oneshot;

/// Queries that wait; more are refused.
const QUERIES_MAX: usize = 16;
/// Expressions nest.
const STACK_BYTES: usize = 8 << 20;

type Job = Box<dyn FnOnce(&Archive) + Send>;

/// The way to the thread.
#[derive(Clone)]
pub struct Desk(SyncSender<Job>);

impl Desk {
    /// Starts the thread.
    pub fn start(archive: Arc<Archive>) -> io::Result<Self> {
        let (jobs, queue): (_, Receiver<Job>) = sync_channel(QUERIES_MAX);
        let thread = std::thread::Builder::new().name("queries".to_owned()).stack_size(STACK_BYTES);
        thread.spawn(move || queue.iter().for_each(|job| job(&archive)))?;
        Ok(Desk(jobs))
    }

    /// Asks for work to be done; nothing when too much waits already. Work that nobody waits for any more is left out.
    pub async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Archive) -> T + Send + 'static,
    ) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        let job = move |archive: &Archive| {
            if !reply.is_closed() {
                drop(reply.send(work(archive)));
            }
        };
        self.0.try_send(Box::new(job)).ok()?;
        answer.await.ok()
    }
}
