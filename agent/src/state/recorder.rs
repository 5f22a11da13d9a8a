//! The store's thread. SQLite blocks, and a disk can take its time; the loop does not wait for either.

use super::Store;
use crate::outbox::Artifact;
use hostward_engine::Alert;
use std::fmt::Display;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use tokio::sync::oneshot;

/// Work that waits for the store; more is refused and counts as a failed write.
const JOBS_MAX: usize = 64;
const STACK_BYTES: usize = 512 << 10;

type Job = Box<dyn FnOnce(&mut Store) + Send>;

/// The way to the store.
#[derive(Clone)]
pub struct Recorder {
    jobs: SyncSender<Job>,
}

/// What was in the store at the start.
pub struct Found {
    /// The engine as it was kept.
    pub snapshot: Option<Vec<u8>>,
    /// Alerts that were open.
    pub alerts: Vec<Alert>,
    /// Scripts that were written.
    pub artifacts: Vec<Artifact>,
}

impl Recorder {
    /// Opens the store and starts its thread. What is damaged is set aside and told.
    pub fn open(dir: &Path) -> Result<(Self, Found), String> {
        let (mut store, damages) = Store::open(dir).map_err(cannot("open the store"))?;
        damages.iter().for_each(|damage| tracing::warn!("{damage}"));
        let found = Found {
            snapshot: store.load_snapshot().map_err(cannot("open the store"))?,
            alerts: store.open_alerts().map_err(cannot("open the store"))?,
            artifacts: store.artifacts().map_err(cannot("open the store"))?,
        };
        let (jobs, queue): (SyncSender<Job>, Receiver<Job>) = sync_channel(JOBS_MAX);
        let work = move || queue.iter().for_each(|job| job(&mut store));
        let thread = std::thread::Builder::new().name("store".to_owned()).stack_size(STACK_BYTES);
        thread.spawn(work).map_err(cannot("start the store's thread"))?;
        Ok((Recorder { jobs }, found))
    }

    /// Asks for work to be done; the answer comes when it is.
    pub async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> T + Send + 'static,
    ) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.jobs.try_send(Box::new(move |store| drop(reply.send(work(store))))).ok()?;
        answer.await.ok()
    }

    /// Asks for work to be done; nobody waits for it. False when too much waits already.
    pub fn tell(&self, work: impl FnOnce(&mut Store) + Send + 'static) -> bool {
        self.jobs.try_send(Box::new(work)).is_ok()
    }
}

fn cannot<E: Display>(what: &'static str) -> impl Fn(E) -> String {
    move |error| format!("cannot {what}: {error}")
}
