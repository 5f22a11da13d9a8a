//! Checking passwords, which is meant to take long: on a thread of its own, one at a time, each only once.
//!
//! What was checked is remembered as a keyed digest. Wrong passwords are paid for with a pause, so a flood of them
//! takes a quarter of one processor at most, and one beyond the queue is refused without being looked at.

use super::hash::Hash;
use sha2::{Digest as _, Sha256};
use std::collections::{HashMap, VecDeque};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Different passwords that wait to be checked.
const WAITING_MAX: usize = 8;
/// Right ones that are remembered, and as many wrong ones: a scraper with an old password comes again and again.
const REMEMBERED_MAX: usize = 64;
/// Pause after a wrong password, in times of what checking it took.
const PAUSE_FACTOR: u32 = 3;
const PAUSE_MAX: Duration = Duration::from_secs(2);

type Digest = [u8; 32];

/// What a password is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The user's.
    Right,
    /// Not the user's, or nobody has this name.
    Wrong,
    /// Not known: too many others wait to be checked.
    Unknown,
}

/// Checks passwords.
pub struct Passwords {
    desk: Arc<Mutex<Desk>>,
    jobs: Mutex<Option<SyncSender<Job>>>,
    secret: Digest,
}

#[derive(Default)]
struct Desk {
    right: VecDeque<Digest>,
    wrong: VecDeque<Digest>,
    waiting: HashMap<Digest, Vec<oneshot::Sender<bool>>>,
}

struct Job {
    digest: Digest,
    password: Vec<u8>,
    hash: Hash,
    /// Whether the hash is somebody's.
    is_real: bool,
}

impl Passwords {
    /// Knows nothing yet. Fails when the system gives no random numbers.
    pub fn new() -> Result<Self, String> {
        let mut secret = Digest::default();
        let random = rustls::crypto::ring::default_provider().secure_random;
        random.fill(&mut secret).map_err(|_| "the system gives no random numbers")?;
        Ok(Passwords { desk: Arc::default(), jobs: Mutex::default(), secret })
    }

    /// Checks a password against the user's hash, or for as long against `nobody` when there is no such user.
    pub async fn check(&self, user: &str, password: &[u8], hash: Option<&Hash>, nobody: &Hash) -> Verdict {
        let job = Job {
            digest: self.digest(user, password, hash.unwrap_or(nobody)),
            password: password.to_owned(),
            hash: hash.unwrap_or(nobody).clone(),
            is_real: hash.is_some(),
        };
        match self.ask(job) {
            Ok(verdict) => verdict,
            Err(answer) => answer.await.map_or(Verdict::Unknown, Verdict::of),
        }
    }

    /// What is known already, or where the answer will come.
    fn ask(&self, job: Job) -> Result<Verdict, oneshot::Receiver<bool>> {
        let mut desk = lock(&self.desk);
        if let Some(verdict) = desk.known(&job.digest) {
            return Ok(verdict);
        }
        let (reply, answer) = oneshot::channel();
        if let Some(others) = desk.waiting.get_mut(&job.digest) {
            others.push(reply);
            return Err(answer);
        }
        let digest = job.digest;
        if desk.waiting.len() >= WAITING_MAX || !self.send(job) {
            return Ok(Verdict::Unknown);
        }
        desk.waiting.insert(digest, vec![reply]);
        Err(answer)
    }

    /// The thread is there from the first password on.
    fn send(&self, job: Job) -> bool {
        let mut jobs = lock(&self.jobs);
        if jobs.is_none() {
            let (sender, receiver) = sync_channel(WAITING_MAX);
            let desk = self.desk.clone();
            let thread = std::thread::Builder::new().name("password".to_owned());
            *jobs = thread.spawn(move || work(&receiver, &desk)).ok().map(|_| sender);
        }
        jobs.as_ref().is_some_and(|jobs| jobs.try_send(job).is_ok())
    }

    /// Each part with its length: no two of them run into each other. The secret keeps others from telling a password
    /// by how long it is looked for.
    fn digest(&self, user: &str, password: &[u8], hash: &Hash) -> Digest {
        let mut sum = Sha256::new_with_prefix(self.secret);
        for part in [user.as_bytes(), hash.as_str().as_bytes(), password] {
            sum.update((part.len() as u64).to_le_bytes());
            sum.update(part);
        }
        sum.finalize().into()
    }
}

impl Desk {
    fn known(&self, digest: &Digest) -> Option<Verdict> {
        let is_right = self.right.contains(digest).then_some(Verdict::Right);
        is_right.or_else(|| self.wrong.contains(digest).then_some(Verdict::Wrong))
    }

    fn learn(&mut self, digest: Digest, is_right: bool) -> Vec<oneshot::Sender<bool>> {
        let all = if is_right { &mut self.right } else { &mut self.wrong };
        if all.len() == REMEMBERED_MAX {
            all.pop_front();
        }
        all.push_back(digest);
        self.waiting.remove(&digest).unwrap_or_default()
    }
}

impl Verdict {
    fn of(is_right: bool) -> Self {
        if is_right { Verdict::Right } else { Verdict::Wrong }
    }
}

fn work(jobs: &Receiver<Job>, desk: &Mutex<Desk>) {
    while let Ok(job) = jobs.recv() {
        let begun = Instant::now();
        let fits = bcrypt::verify(&job.password, job.hash.as_str()).unwrap_or(false);
        let is_right = fits && job.is_real;
        let waiting = lock(desk).learn(job.digest, is_right);
        // Whoever has gone does not want to know.
        waiting.into_iter().map(|reply| reply.send(is_right)).for_each(|sent| sent.unwrap_or_default());
        if !is_right {
            std::thread::sleep((PAUSE_FACTOR * begun.elapsed()).min(PAUSE_MAX));
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(password: &str) -> Hash {
        let parts = bcrypt::hash_with_salt(password, 4, [7; 16]).unwrap();
        Hash::try_from(parts.to_string()).unwrap()
    }

    async fn check(passwords: &Passwords, password: &str, hash: Option<&Hash>) -> Verdict {
        passwords.check("alice", password.as_bytes(), hash, &self::hash("x").nobody()).await
    }

    #[tokio::test]
    async fn right_and_wrong_are_told_apart_and_remembered() {
        let (passwords, hash) = (Passwords::new().unwrap(), hash("secret"));
        for _ in 0..2 {
            assert_eq!(check(&passwords, "secret", Some(&hash)).await, Verdict::Right);
            assert_eq!(check(&passwords, "Secret", Some(&hash)).await, Verdict::Wrong);
            assert_eq!(check(&passwords, "secret", None).await, Verdict::Wrong);
        }
        let desk = passwords.desk.lock().unwrap();
        assert_eq!((desk.right.len(), desk.wrong.len(), desk.waiting.len()), (1, 2, 0));
    }

    #[tokio::test]
    async fn another_hash_is_another_password() {
        let passwords = Passwords::new().unwrap();
        assert_eq!(check(&passwords, "old", Some(&hash("old"))).await, Verdict::Right);
        assert_eq!(check(&passwords, "old", Some(&hash("new"))).await, Verdict::Wrong);
    }

    #[tokio::test]
    async fn many_with_one_password_wait_together_and_a_flood_is_refused() {
        let (passwords, hash) = (Passwords::new().unwrap(), hash("secret"));
        let job = |password: &str| Job {
            digest: passwords.digest("alice", password.as_bytes(), &hash),
            password: password.as_bytes().to_owned(),
            hash: hash.clone(),
            is_real: true,
        };
        let same: Vec<_> = (0..200).filter_map(|_| passwords.ask(job("secret")).err()).collect();
        let flood: Vec<_> = (0..200).map(|n| passwords.ask(job(&n.to_string()))).collect();
        let refused = flood.iter().filter(|answer| matches!(answer, Ok(Verdict::Unknown))).count();
        assert!(refused >= 200 - 2 * WAITING_MAX, "{refused}");
        for answer in same {
            assert!(answer.await.unwrap());
        }
    }

    #[tokio::test]
    async fn memory_is_bounded_and_wrong_ones_drive_out_no_right_one() {
        let mut desk = Desk::default();
        desk.learn([1; 32], true);
        (0..200_u8).for_each(|n| drop(desk.learn([n; 32], false)));
        assert_eq!((desk.right.len(), desk.wrong.len()), (1, REMEMBERED_MAX));
        assert_eq!(desk.known(&[1; 32]), Some(Verdict::Right));
    }
}
