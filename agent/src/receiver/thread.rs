//! The receivers' thread: it starts a task for each receiver, has every alert looked at when time has passed, and sends
//! test notifications.

use super::batch::{message, standing_alert};
use super::worker::{Shared, Worker};
use super::{Outcome, Settings, Tally, kind};
use crate::clock;
use crate::state::Fate;
use crate::state::Recorder;
use crate::vitals::Vitals;
use hostward_engine::telling::Notice;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

/// How often every alert is looked at while there are any: what this must notice are ends of silences and reminders.
const LOOK: Duration = Duration::from_secs(15);
/// The same when nobody is to be told.
const LOOK_ALONE: Duration = Duration::from_secs(5 * 60);
const ASKS_MAX: usize = 8;
const STACK_BYTES: usize = 512 << 10;

/// The way to the receivers.
#[derive(Clone)]
pub struct Receivers {
    wake: Arc<Notify>,
    asks: mpsc::Sender<Ask>,
}

/// A receiver's name, and what went wrong with a test.
type Tested = (String, Option<String>);

enum Ask {
    Set(Arc<Settings>),
    Test(Option<String>, oneshot::Sender<Vec<Tested>>),
}

/// The thread's own.
struct Thread {
    recorder: Recorder,
    tally: Arc<Tally>,
    vitals: Arc<Vitals>,
    settings: Arc<Settings>,
    /// Dropped, it ends the workers.
    retire: watch::Sender<()>,
    workers: Vec<(String, Arc<Notify>, JoinHandle<()>)>,
    /// There is something that time can change.
    is_busy: bool,
}

impl Receivers {
    /// Starts the thread.
    pub fn start(settings: Settings, recorder: Recorder, vitals: Arc<Vitals>) -> io::Result<Self> {
        let (asks, asked) = mpsc::channel(ASKS_MAX);
        let wake = Arc::new(Notify::new());
        let (own, tally) = (wake.clone(), vitals.tally.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (retire, settings) = (watch::Sender::new(()), Arc::new(settings));
        let (policy, now_ms) = (settings.policy.clone(), clock::now().wall_ms);
        // Before anything is recorded: an alert that ends now may have been told.
        recorder.tell(move |store| {
            if let Err(error) = store.set_policy(policy, now_ms) {
                tracing::error!("what waits for receivers that are gone cannot be dropped: {error}");
            }
        });
        let mut thread =
            Thread { recorder, tally, vitals, settings, retire, workers: Vec::new(), is_busy: true };
        let builder = std::thread::Builder::new().name("receivers".to_owned()).stack_size(STACK_BYTES);
        builder.spawn(move || {
            runtime.block_on(async move {
                thread.take_up();
                thread.run(own, asked).await;
            })
        })?;
        Ok(Receivers { wake, asks })
    }

    /// Something was written down that may have to be told.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Goes on by other settings.
    pub fn set(&self, settings: Settings) {
        if self.asks.try_send(Ask::Set(Arc::new(settings))).is_err() {
            tracing::error!("the receivers do not answer; they go on by the old configuration");
        }
    }

    /// Sends a test notification to one receiver or all; nothing when they do not answer.
    pub async fn test(&self, receiver: Option<String>) -> Option<Vec<Tested>> {
        let (reply, answer) = oneshot::channel();
        self.asks.try_send(Ask::Test(receiver, reply)).ok()?;
        answer.await.ok()
    }
}

impl Thread {
    async fn run(&mut self, wake: Arc<Notify>, mut asked: mpsc::Receiver<Ask>) {
        loop {
            let pause = if self.workers.is_empty() { LOOK_ALONE } else { LOOK };
            tokio::select! {
                ask = asked.recv() => match ask {
                    Some(Ask::Set(settings)) => self.set(settings).await,
                    Some(Ask::Test(receiver, reply)) => self.test(receiver, reply),
                    None => return,
                },
                () = wake.notified() => {}
                () = tokio::time::sleep(pause), if self.is_busy => {}
            }
            self.look().await;
        }
    }

    /// Ends the workers, each after what it has under way, and starts others.
    async fn set(&mut self, settings: Arc<Settings>) {
        if *self.settings == *settings {
            return;
        }
        self.retire = watch::Sender::new(());
        for (_, _, worker) in self.workers.drain(..) {
            let _ = worker.await;
        }
        self.settings = settings;
        let (policy, now_ms) = (self.settings.policy.clone(), clock::now().wall_ms);
        let taken = self.recorder.ask(move |store| store.set_policy(policy, now_ms)).await;
        if !matches!(taken, Some(Ok(()))) {
            tracing::error!("the store does not answer: who is told what is as before");
        }
        self.take_up();
    }

    fn take_up(&mut self) {
        let names: Vec<&str> = self.settings.receivers.iter().map(|(name, _)| name.as_str()).collect();
        self.tally.keep(&names);
        let shared = Arc::new(Shared {
            recorder: self.recorder.clone(),
            tally: self.tally.clone(),
            vitals: self.vitals.clone(),
            settings: self.settings.clone(),
            retire: self.retire.subscribe(),
        });
        for (name, own) in &self.settings.receivers {
            let Some(kind) = kind(&own.r#type) else { continue };
            let wake = Arc::new(Notify::new());
            let worker = Worker::new(name.clone(), own.clone(), kind, shared.clone(), wake.clone());
            self.workers.push((name.clone(), wake, tokio::spawn(worker.run())));
        }
    }

    /// Has every alert looked at, and wakes the workers for whom something waits.
    async fn look(&mut self) {
        let now_ms = clock::now().wall_ms;
        let looked = self.recorder.ask(move |store| {
            let found = store.reconcile(now_ms)?;
            Ok::<_, crate::state::StoreError>((found, store.silences().to_vec()))
        });
        let Some(Ok((found, silences))) = looked.await else {
            self.is_busy = true;
            return;
        };
        self.tally.set_waiting(&found.waiting);
        self.tally.set_silences(&silences, now_ms);
        found.dropped.iter().for_each(|(name, count)| self.tally.count(name, Fate::Dropped, *count));
        let has_open_silence = silences.iter().any(|own| !own.is_over(now_ms));
        self.is_busy = found.standings > 0 || !found.waiting.is_empty() || has_open_silence;
        for (name, wake, _) in &self.workers {
            if found.waiting.contains_key(name) {
                wake.notify_one();
            }
        }
    }

    fn test(&self, receiver: Option<String>, reply: oneshot::Sender<Vec<Tested>>) {
        let settings = self.settings.clone();
        tokio::spawn(async move {
            let mut tested = Vec::new();
            let is_meant = |name: &str| receiver.as_deref().is_none_or(|wanted| wanted == name);
            for (name, own) in settings.receivers.iter().filter(|(name, _)| is_meant(name)) {
                let Some(kind) = kind(&own.r#type) else { continue };
                let now_ms = clock::now().wall_ms;
                let alert = standing_alert("HostwardTest", "A test: all is well if you read this.", now_ms);
                let alert = settings.policy.outward_alert(&alert);
                let notice =
                    Notice { receiver: name.clone(), alert, flapping: false, reminder: false, at_ms: now_ms };
                let message = message(&settings, name, vec![notice], &own.group_by, TEST_MS);
                let trouble = match (kind.send)(own, &message).await {
                    Outcome::Delivered => None,
                    Outcome::Later(why, _) => Some(format!("{why} (worth another try)")),
                    Outcome::Never(why) => Some(why),
                };
                tested.push((name.clone(), trouble));
            }
            let _ = reply.send(tested);
        });
    }
}

/// How long the alert of a test fires where that counts.
const TEST_MS: u64 = 60_000;
