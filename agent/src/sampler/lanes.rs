//! Threads for probes that can block.
//!
//! One thread takes all runs, one after the other, and wakes the sampler once when none is left. Whoever has to wait
//! because a run takes long gets another thread. So a host where nothing hangs is looked at by one or two threads,
//! and one where everything hangs by as many as there are probes.

use super::Message;
use super::aside::{Done, Job};
use std::collections::VecDeque;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Enough for a probe; a thread that hangs should hold little.
const STACK_BYTES: usize = 256 << 10;

/// Threads that may wait for work.
const IDLE_MAX: usize = 2;

/// The threads, seen from the sampler. They end when this value is dropped and their runs, if any, are over.
pub struct Lanes(Arc<Shared>);

struct Shared {
    queue: Mutex<Queue>,
    more: Condvar,
    inbox: Sender<Message>,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    done: Vec<Done>,
    idle: usize,
    is_closed: bool,
}

impl Lanes {
    /// No threads yet; the sampler hears through `inbox` that runs are done.
    pub fn new(inbox: Sender<Message>) -> Self {
        Lanes(Arc::new(Shared { queue: Mutex::default(), more: Condvar::new(), inbox }))
    }

    /// Has the jobs run, in their order.
    pub fn run(&self, jobs: impl IntoIterator<Item = Job>) {
        self.0.lock().jobs.extend(jobs);
        self.relieve();
    }

    /// Sees to it that whoever waits is run: by a thread that is idle, or by another one. True when somebody waited.
    pub fn relieve(&self) -> bool {
        let queue = self.0.lock();
        let (waits, is_idle) = (!queue.jobs.is_empty(), queue.idle > 0);
        drop(queue);
        match (waits, is_idle) {
            (false, _) => {}
            (true, true) => self.0.more.notify_one(),
            (true, false) => self.start(),
        }
        waits
    }

    fn start(&self) {
        let shared = self.0.clone();
        let lane = std::thread::Builder::new().name("probes".to_owned()).stack_size(STACK_BYTES);
        if let Err(error) = lane.spawn(move || shared.work()) {
            tracing::error!("no thread for probes that can block: {error}");
        }
    }

    /// What has been done since this was asked last.
    pub fn done(&self) -> Vec<Done> {
        std::mem::take(&mut self.0.lock().done)
    }
}

impl Drop for Lanes {
    fn drop(&mut self) {
        self.0.lock().is_closed = true;
        self.0.more.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        while let Some(Job { worker, mut work, mut batch }) = self.next() {
            let outcome = work.run(&mut batch);
            let mut queue = self.lock();
            queue.done.push(Done { worker, work, batch, outcome });
            if queue.jobs.is_empty() && self.inbox.send(Message::Done).is_err() {
                return;
            }
        }
    }

    /// The next job; nothing when the thread is not needed any more.
    fn next(&self) -> Option<Job> {
        let mut queue = self.lock();
        loop {
            if queue.is_closed {
                return None;
            }
            if let Some(job) = queue.jobs.pop_front() {
                return Some(job);
            }
            if queue.idle == IDLE_MAX {
                return None;
            }
            queue.idle += 1;
            queue = self.more.wait(queue).unwrap_or_else(PoisonError::into_inner);
            queue.idle -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::aside::Work;
    use super::super::{Chosen, Memories};
    use super::*;
    use hostward_model::Batch;
    use hostward_probes::{Fault, Host, Settings, Spec};
    use std::sync::mpsc::{Receiver, channel};
    use std::time::Duration;

    static QUICK: Spec =
        Spec { name: "quick", start: |_| Box::new(|_: &mut Host, _: &mut Batch| Ok(())), ..Spec::ASIDE };

    static STUCK: Spec = Spec {
        name: "stuck",
        start: |_| {
            Box::new(|_: &mut Host, _: &mut Batch| -> Result<(), Fault> {
                std::thread::sleep(Duration::from_secs(60));
                Ok(())
            })
        },
        ..Spec::ASIDE
    };

    fn job(worker: u64, spec: &'static Spec) -> Job {
        let chosen = Chosen { spec, every_ms: 0, settings: Settings::default() };
        Job {
            worker,
            work: Box::new(Work::new(chosen, "/".into(), Memories::default())),
            batch: Batch::new(),
        }
    }

    fn workers(lanes: &Lanes) -> Vec<u64> {
        lanes.done().iter().map(|done| done.worker).collect()
    }

    fn woken(messages: &Receiver<Message>) -> bool {
        matches!(messages.recv_timeout(Duration::from_secs(10)), Ok(Message::Done))
    }

    #[test]
    fn one_thread_runs_all_and_wakes_once() {
        let (inbox, messages) = channel();
        let lanes = Lanes::new(inbox);
        lanes.run((1..=20).map(|worker| job(worker, &QUICK)));
        assert!(woken(&messages));
        assert_eq!(workers(&lanes), (1..=20).collect::<Vec<_>>());
        assert!(messages.try_recv().is_err(), "woken once");
    }

    #[test]
    fn whoever_waits_behind_a_run_that_hangs_is_relieved() {
        let (inbox, messages) = channel();
        let lanes = Lanes::new(inbox);
        lanes.run([job(1, &STUCK), job(2, &STUCK), job(3, &QUICK)]);
        lanes.relieve();
        lanes.relieve();
        assert!(woken(&messages));
        assert_eq!(workers(&lanes), [3]);
    }
}
