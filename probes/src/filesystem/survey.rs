//! Asks mounts for their space without ever waiting for a dead one.
//!
//! One thread, which is kept, serves the mounts in order. When one does not answer in time, the thread is left behind,
//! the mount is stuck until it comes back, and a new thread serves the rest. So a mount holds at most one thread.

use nix::errno::Errno;
use nix::sys::statvfs::statvfs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SendError, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

/// How long one mount may take.
pub const DEADLINE_MS: u64 = 2_000;

/// How long one run may wait in all; mounts not reached by then are asked by the next run.
pub const RUN_MS: u64 = 6_000;

/// Threads left behind, few beside `TasksMax` of the unit; at the bound no mount of a server or a program is asked.
pub const STUCK_MAX: usize = 16;

/// The same for local disks, so that a dead server with many mounts does not hide them.
pub const STUCK_LOCAL_MAX: usize = 2 * STUCK_MAX;

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
    /// The same, for an answer that says that nobody is on the other side.
    Gone(String),
    /// No answer in time, now or in an earlier run.
    Stuck,
    /// A bound was reached before its turn.
    NotAsked,
}

/// An answer, and how long it took where one came.
#[derive(Debug, Clone)]
pub struct Reply {
    pub answer: Answer,
    pub took: Option<Duration>,
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Reply { answer, took: None }
    }
}

type Ask = dyn Fn(&Path) -> Answer + Send + Sync;

/// Asks, and remembers who owes an answer.
pub struct Survey {
    ask: Arc<Ask>,
    deadline: Duration,
    run: Duration,
    stuck: Vec<(PathBuf, JoinHandle<()>)>,
    worker: Option<Worker>,
}

/// A thread that asks, kept from run to run until it gets stuck: a new one each time would cost more than its work.
struct Worker {
    work: Sender<Vec<PathBuf>>,
    replies: Receiver<Reply>,
    thread: JoinHandle<()>,
}

impl Survey {
    pub fn new(ask: impl Fn(&Path) -> Answer + Send + Sync + 'static) -> Self {
        Self::with_deadlines(ask, Duration::from_millis(DEADLINE_MS), Duration::from_millis(RUN_MS))
    }

    pub fn with_deadlines(
        ask: impl Fn(&Path) -> Answer + Send + Sync + 'static,
        deadline: Duration,
        run: Duration,
    ) -> Self {
        Survey { ask: Arc::new(ask), deadline, run, stuck: Vec::new(), worker: None }
    }

    /// One reply for each point, in the same order. With `stuck_max` threads left behind nobody is asked.
    pub fn ask(&mut self, points: &[PathBuf], stuck_max: usize) -> Vec<Reply> {
        self.stuck.retain(|(_, thread)| !thread.is_finished());
        let mut replies: Vec<Reply> = points.iter().map(|point| self.before_asking(point).into()).collect();
        let mut queue: Vec<usize> =
            (0..points.len()).filter(|i| replies[*i].answer == Answer::NotAsked).collect();
        let end = Instant::now() + self.run;
        while !queue.is_empty() && Instant::now() < end && self.stuck.len() < stuck_max {
            let served = self.serve(&queue, points, &mut replies);
            queue.drain(..served);
        }
        replies
    }

    fn before_asking(&self, point: &Path) -> Answer {
        let stuck = self.stuck.iter().any(|(owing, _)| owing == point);
        if stuck { Answer::Stuck } else { Answer::NotAsked }
    }

    /// One thread, until it is through or gets stuck; returns how many of `queue` are settled.
    fn serve(&mut self, queue: &[usize], points: &[PathBuf], replies: &mut [Reply]) -> usize {
        let worker = match self.worker.take().map_or_else(|| Worker::start(&self.ask), Ok) {
            Ok(worker) => worker,
            Err(error) => return no_thread(&error, queue, replies),
        };
        // One that has ended is found out when its replies do not come.
        let _ = worker.work.send(queue.iter().map(|index| points[*index].clone()).collect());
        let mut has_ended = false;
        for (done, index) in queue.iter().enumerate() {
            replies[*index] = worker.replies.recv_timeout(self.deadline).unwrap_or_else(|error| {
                has_ended = error == RecvTimeoutError::Disconnected;
                let ended = || Answer::Error("the asking thread ended".to_owned());
                if has_ended { ended().into() } else { Answer::Stuck.into() }
            });
            if replies[*index].answer == Answer::Stuck {
                self.stuck.push((points[*index].clone(), worker.thread));
                return done + 1;
            }
        }
        self.worker = Some(worker).filter(|_| !has_ended);
        queue.len()
    }
}

impl Worker {
    fn start(ask: &Arc<Ask>) -> std::io::Result<Self> {
        let ((work, todo), (sender, replies), ask) = (channel(), channel(), Arc::clone(ask));
        let work_off = move || todo.iter().try_for_each(|work| work_off(&*ask, work, &sender));
        let thread = Builder::new().name("statfs".into()).spawn(move || drop(work_off()))?;
        Ok(Worker { work, replies, thread })
    }
}

/// Ends early when nobody listens any more: another thread serves the rest then.
fn work_off(ask: &Ask, work: Vec<PathBuf>, sender: &Sender<Reply>) -> Result<(), SendError<Reply>> {
    work.into_iter().try_for_each(|point| {
        let started = Instant::now();
        let answer = ask(&point);
        sender.send(Reply { answer, took: Some(started.elapsed()) })
    })
}

fn no_thread(error: &std::io::Error, queue: &[usize], replies: &mut [Reply]) -> usize {
    queue
        .iter()
        .for_each(|index| replies[*index] = Answer::Error(format!("no thread to ask: {error}")).into());
    queue.len()
}

/// Asks the system. Counts are in fragments: for FUSE and NFS the block size is that of a transfer.
pub fn statfs(point: &Path) -> Answer {
    let stat = match statvfs(point) {
        Ok(stat) => stat,
        Err(errno) if GONE.contains(&errno) => return Answer::Gone(errno.desc().to_owned()),
        Err(errno) => return Answer::Error(errno.desc().to_owned()),
    };
    let fragment_bytes = stat.fragment_size() as f64;
    Answer::Space(Space {
        size_bytes: stat.blocks() as f64 * fragment_bytes,
        free_bytes: stat.blocks_free() as f64 * fragment_bytes,
        avail_bytes: stat.blocks_available() as f64 * fragment_bytes,
        files: stat.files() as f64,
        files_free: stat.files_free() as f64,
    })
}

/// What a mount says whose program ended, whose server forgot it or is away, or whose disk is broken or gone.
const GONE: [Errno; 8] = [
    Errno::ENOTCONN,
    Errno::ECONNABORTED,
    Errno::ESTALE,
    Errno::EHOSTDOWN,
    Errno::ETIMEDOUT,
    Errno::EIO,
    Errno::ENODEV,
    Errno::ENXIO,
];

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
            Answer::Space(space(1.0))
        };
        (Survey::with_deadlines(ask, Duration::from_millis(250), Duration::from_secs(9)), wake, asked)
    }

    fn said(survey: &mut Survey, points: &[PathBuf]) -> Vec<Answer> {
        survey.ask(points, STUCK_MAX).into_iter().map(|reply| reply.answer).collect()
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
            assert_eq!(said(&mut survey, &points), expected);
        }
        assert!(started.elapsed() < Duration::from_millis(2500), "waited each time");
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
        assert_eq!(said(&mut survey, &points), vec![fine.clone(), fine.clone(), fine]);
        assert!(survey.stuck.is_empty());
    }

    #[test]
    fn a_run_ends_though_many_are_dead() {
        let (mut survey, _wake, _) = rig();
        survey.run = Duration::from_millis(400);
        let points = points(&["/dead/1", "/dead/2", "/dead/3", "/dead/4", "/b"]);
        let answers = said(&mut survey, &points);
        assert_eq!(answers.last(), Some(&Answer::NotAsked));
        // `/dead/2` waits for the lock of the first, which is as dead.
        assert_eq!(answers[..2], [Answer::Stuck, Answer::Stuck]);
        for _ in 0..4 {
            said(&mut survey, &points);
        }
        assert_eq!(said(&mut survey, &points).last(), Some(&Answer::Space(space(1.0))));
        assert_eq!(survey.stuck.len(), 4);
    }

    #[test]
    fn a_panic_is_an_error_of_that_mount() {
        let mut survey = Survey::new(|point: &Path| {
            assert!(!point.starts_with("/bad"), "bad");
            Answer::Error("no such file".to_owned())
        });
        let answers = said(&mut survey, &points(&["/a", "/bad"]));
        assert_eq!(answers[0], Answer::Error("no such file".into()));
        assert_eq!(answers[1], Answer::Error("the asking thread ended".into()));
    }

    #[test]
    fn local_disks_are_asked_though_a_server_with_many_mounts_is_dead() {
        let (mut survey, _wake, _) = rig();
        survey.deadline = Duration::from_millis(5);
        let dead: Vec<PathBuf> = (0..20).map(|number| PathBuf::from(format!("/dead/{number}"))).collect();
        let replies = said(&mut survey, &dead);
        let count = |answer: &Answer| replies.iter().filter(|reply| *reply == answer).count();
        assert_eq!((count(&Answer::Stuck), count(&Answer::NotAsked)), (STUCK_MAX, 20 - STUCK_MAX));
        assert_eq!(said(&mut survey, &points(&["/a"])), [Answer::NotAsked]);
        let reply = survey.ask(&points(&["/a"]), STUCK_LOCAL_MAX).remove(0);
        assert!(reply.answer == Answer::Space(space(1.0)) && reply.took.is_some());
    }
}
