//! The store's thread. SQLite blocks, and a disk can take its time; the loop does not wait for either.

use super::RunError;
use super::event::{Event, Unwritten};
use crate::clock;
use crate::outbox::Artifact;
use crate::state::{Store, StoreError};
use hostward_engine::{Alert, Transition};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use tokio::sync::{mpsc, oneshot};

/// Work that waits for the store; more is refused and counts as a failed write.
const JOBS_MAX: usize = 64;
const STACK_BYTES: usize = 512 << 10;

type Job = Box<dyn FnOnce(&mut Store) + Send>;

/// The way to the store.
#[derive(Clone)]
pub struct Recorder {
    jobs: SyncSender<Job>,
    events: mpsc::Sender<Event>,
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

/// Opens the store and starts its thread. What is damaged is set aside and told.
pub fn open(dir: &Path, events: mpsc::Sender<Event>) -> Result<(Recorder, Found), RunError> {
    let failed = RunError::failed("cannot open the store");
    let (mut store, damages) = Store::open(dir).map_err(&failed)?;
    damages.iter().for_each(|damage| tracing::warn!("{damage}"));
    let found = Found {
        snapshot: store.load_snapshot().map_err(&failed)?,
        alerts: store.open_alerts().map_err(&failed)?,
        artifacts: store.artifacts().map_err(&failed)?,
    };
    let (jobs, queue): (SyncSender<Job>, Receiver<Job>) = sync_channel(JOBS_MAX);
    let work = move || queue.iter().for_each(|job| job(&mut store));
    let thread = std::thread::Builder::new().name("store".to_owned()).stack_size(STACK_BYTES);
    thread.spawn(work).map_err(RunError::failed("cannot start the store's thread"))?;
    Ok((Recorder { jobs, events }, found))
}

impl Recorder {
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

    /// Writes transitions down and says so by [`Event::Recorded`]. False when too much waits already.
    pub fn record(&self, transitions: Arc<Vec<Transition>>) -> bool {
        let events = self.events.clone();
        self.tell(move |store| {
            let result = store.record(&transitions).map_err(|error| unwritten(store, &error));
            let _ = events.blocking_send(Event::Recorded(result));
        })
    }

    /// Keeps a snapshot and says so by [`Event::Saved`]. False when too much waits already.
    pub fn save(&self, snapshot: Vec<u8>) -> bool {
        let events = self.events.clone();
        self.tell(move |store| {
            let result =
                store.save_snapshot(&snapshot, clock::now().wall_ms).map_err(|error| error.to_string());
            let _ = events.blocking_send(Event::Saved(result));
        })
    }
}

/// A damaged database is set aside at once; any other failure may pass.
fn unwritten(store: &mut Store, error: &StoreError) -> Unwritten {
    let mut fresh = false;
    if error.is_damage() {
        match store.reopen() {
            Ok(damages) => {
                damages.iter().for_each(|damage| tracing::error!("{damage}"));
                fresh = true;
            }
            Err(error) => tracing::error!("cannot start the store afresh: {error}"),
        }
    }
    Unwritten { error: error.to_string(), fresh }
}
