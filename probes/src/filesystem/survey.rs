//! Asks mounts for their space without ever waiting for a dead one.
//!
//! One thread serves the mounts in order. When one does not answer in time, its thread is left behind, the mount
//! is stuck until that thread comes back, and a new thread serves the rest. So a mount holds at most one thread.

use nix::sys::statvfs::statvfs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

/// How long one mount may take.
pub const DEADLINE_MS: u64 = 2_000;

/// How long one run may wait in all; mounts not reached by then are asked by the next run.
const RUN_MS: u64 = 6_000;

/// Threads left behind, few beside `TasksMax` of the unit; at the bound, only mounts are asked that nobody waits for, and no further thread starts.
const STUCK_MAX: usize = 16;

/// What `statvfs` says, in bytes and file nodes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Space {
    pub size_bytes: f64,
    pub free_bytes: f64,
    pub avail_bytes: f64,
    pub files: f64,
    pub files_free: f64,
}

/// What became of the question to one mount.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    Space(Space),
    /// The system's words.
    Error(String),
    /// No answer in time, now or in an earlier run.
    Stuck,
    /// A bound was reached before its turn.
    NotAsked,
}

type Ask = dyn Fn(&Path) -> Result<Space, String> + Send + Sync;

/// Asks, and remembers who owes an answer.
pub struct Survey {
    ask: Arc<Ask>,
    deadline: Duration,
    run: Duration,
    stuck: Vec<(PathBuf, JoinHandle<()>)>,
}

impl Survey {
    pub fn new(ask: impl Fn(&Path) -> Result<Space, String> + Send + Sync + 'static) -> Self {
        Self::with_deadlines(ask, Duration::from_millis(DEADLINE_MS), Duration::from_millis(RUN_MS))
    }

    pub fn with_deadlines(
        ask: impl Fn(&Path) -> Result<Space, String> + Send + Sync + 'static,
        deadline: Duration,
        run: Duration,
    ) -> Self {
        Survey { ask: Arc::new(ask), deadline, run, stuck: Vec::new() }
    }

    /// One answer for each point, in the same order.
    pub fn ask(&mut self, points: &[PathBuf]) -> Vec<Answer> {
        self.stuck.retain(|(_, thread)| !thread.is_finished());
        let mut answers: Vec<Answer> = points.iter().map(|point| self.before_asking(point)).collect();
        let mut queue: Vec<usize> = (0..points.len()).filter(|i| answers[*i] == Answer::NotAsked).collect();
        let end = Instant::now() + self.run;
        while !queue.is_empty() && Instant::now() < end && self.stuck.len() < STUCK_MAX {
            let served = self.serve(&queue, points, &mut answers);
            queue.drain(..served);
        }
        answers
    }

    fn before_asking(&self, point: &Path) -> Answer {
        let stuck = self.stuck.iter().any(|(owing, _)| owing == point);
        if stuck { Answer::Stuck } else { Answer::NotAsked }
    }

    /// One thread, until it is through or gets stuck; returns how many of `queue` are settled.
    fn serve(&mut self, queue: &[usize], points: &[PathBuf], answers: &mut [Answer]) -> usize {
        let (sender, receiver) = channel();
        let work = queue.iter().map(|index| points[*index].clone()).collect();
        let ask = Arc::clone(&self.ask);
        let thread = match Builder::new().name("statfs".into()).spawn(move || work_off(&*ask, work, &sender))
        {
            Ok(thread) => thread,
            Err(error) => return no_thread(&error, queue, answers),
        };
        for (done, index) in queue.iter().enumerate() {
            answers[*index] = self.receive(&receiver);
            if answers[*index] == Answer::Stuck {
                self.stuck.push((points[*index].clone(), thread));
                return done + 1;
            }
        }
        queue.len()
    }

    fn receive(&self, receiver: &Receiver<Result<Space, String>>) -> Answer {
        match receiver.recv_timeout(self.deadline) {
            Ok(Ok(space)) => Answer::Space(space),
            Ok(Err(error)) => Answer::Error(error),
            Err(RecvTimeoutError::Timeout) => Answer::Stuck,
            Err(RecvTimeoutError::Disconnected) => Answer::Error("the asking thread ended".to_owned()),
        }
    }
}

/// Ends early when nobody listens any more: another thread serves the rest then.
fn work_off(ask: &Ask, work: Vec<PathBuf>, sender: &Sender<Result<Space, String>>) {
    for point in work {
        if sender.send(ask(&point)).is_err() {
            return;
        }
    }
}

fn no_thread(error: &std::io::Error, queue: &[usize], answers: &mut [Answer]) -> usize {
    queue.iter().for_each(|index| answers[*index] = Answer::Error(format!("no thread to ask: {error}")));
    queue.len()
}

/// Asks the system. Counts are in fragments: for FUSE and NFS the block size is that of a transfer.
pub fn statfs(point: &Path) -> Result<Space, String> {
    let stat = statvfs(point).map_err(|errno| errno.desc().to_owned())?;
    let fragment_bytes = stat.fragment_size() as f64;
    Ok(Space {
        size_bytes: stat.blocks() as f64 * fragment_bytes,
        free_bytes: stat.blocks_free() as f64 * fragment_bytes,
        avail_bytes: stat.blocks_available() as f64 * fragment_bytes,
        files: stat.files() as f64,
        files_free: stat.files_free() as f64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    fn space(size_bytes: f64) -> Space {
        Space { size_bytes, free_bytes: 0.0, avail_bytes: 0.0, files: 0.0, files_free: 0.0 }
    }

    /// `dead*` block until told; every question is written down.
    fn rig() -> (Survey, Sender<()>, Arc<Mutex<Vec<PathBuf>>>) {
        let (wake, blocked) = channel::<()>();
        let (blocked, asked) = (Mutex::new(blocked), Arc::new(Mutex::new(Vec::new())));
        let log = Arc::clone(&asked);
        let ask = move |point: &Path| {
            log.lock().unwrap().push(point.to_owned());
            if point.starts_with("/dead") {
                let _ = blocked.lock().unwrap().recv();
            }
            Ok(space(1.0))
        };
        (Survey::with_deadlines(ask, Duration::from_millis(60), Duration::from_secs(9)), wake, asked)
    }

    fn points(names: &[&str]) -> Vec<PathBuf> {
        names.iter().map(PathBuf::from).collect()
    }

    #[test]
    fn a_dead_mount_costs_one_deadline_once_and_one_thread() {
        let (mut survey, wake, asked) = rig();
        let points = points(&["/a", "/dead", "/b"]);
        let fine = Answer::Space(space(1.0));
        let expected = vec![fine.clone(), Answer::Stuck, fine.clone()];
        let started = Instant::now();
        for _ in 0..20 {
            assert_eq!(survey.ask(&points), expected);
        }
        assert!(started.elapsed() < Duration::from_millis(600), "waited more than once");
        assert_eq!(survey.stuck.len(), 1);
        let count = |name: &str| asked.lock().unwrap().iter().filter(|p| *p == Path::new(name)).count();
        assert_eq!((count("/a"), count("/dead"), count("/b")), (20, 1, 20));

        wake.send(()).unwrap();
        while !survey.stuck[0].1.is_finished() {
            std::thread::yield_now();
        }
        // The thread that came back must not serve the rest of its old queue.
        assert_eq!(count("/b"), 20);
        drop(wake);
        assert_eq!(survey.ask(&points), vec![fine.clone(), fine.clone(), fine]);
        assert!(survey.stuck.is_empty());
    }

    #[test]
    fn a_run_ends_though_many_are_dead() {
        let (mut survey, _wake, _) = rig();
        survey.run = Duration::from_millis(100);
        let points = points(&["/dead/1", "/dead/2", "/dead/3", "/dead/4", "/b"]);
        let answers = survey.ask(&points);
        assert_eq!(answers.last(), Some(&Answer::NotAsked));
        // `/dead/2` waits for the lock of the first, which is as dead.
        assert_eq!(answers[..2], [Answer::Stuck, Answer::Stuck]);
        for _ in 0..4 {
            survey.ask(&points);
        }
        assert_eq!(survey.ask(&points).last(), Some(&Answer::Space(space(1.0))));
        assert_eq!(survey.stuck.len(), 4);
    }

    #[test]
    fn a_panic_is_an_error_of_that_mount() {
        let mut survey = Survey::new(|point: &Path| {
            assert!(!point.starts_with("/bad"), "bad");
            Err("no such file".to_owned())
        });
        let answers = survey.ask(&points(&["/a", "/bad"]));
        assert_eq!(answers[0], Answer::Error("no such file".into()));
        assert_eq!(answers[1], Answer::Error("the asking thread ended".into()));
    }
}
