//! One receiver: takes what is due, has it sent, and notes what became of it.

mod repeat;

use super::batch::{grouped, message};
use super::breaker::{Breaker, chance};
use super::{Kind, Outcome, Settings, Tally};
use crate::clock;
use crate::config::Receiver;
use crate::state::Recorder;
use crate::state::{Delivery, Fate, Store, StoreError};
use crate::vitals::Vitals;
use hostward_engine::telling::Notice;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

/// What fires counts as firing for so many confirmations without another word.
const CONFIRMS: u64 = 4;
/// Until the store is asked again after it did not answer or could not write.
const STORE_PAUSE: Duration = Duration::from_secs(5);

/// What all workers share.
pub struct Shared {
    /// The way to the store.
    pub recorder: Recorder,
    /// Numbers.
    pub tally: Arc<Tally>,
    /// Whether the sampler ticks.
    pub vitals: Arc<Vitals>,
    /// What receivers run by.
    pub settings: Arc<Settings>,
    /// Changes when the workers shall end.
    pub retire: watch::Receiver<()>,
}

/// The task of one receiver.
pub struct Worker {
    name: String,
    own: Receiver,
    kind: &'static Kind,
    shared: Arc<Shared>,
    wake: Arc<Notify>,
    breaker: Breaker,
    /// When to look at the queue without being woken.
    look_at: Option<Instant>,
    /// Not before this, however often it is woken.
    rest_until: Instant,
    confirm_at: Option<Instant>,
    heartbeat_at: Option<Instant>,
    started_ms: i64,
    /// The last failure was noted; its like is not noted again.
    is_failing: bool,
    /// What was sent and could not be taken off the queue yet.
    unsettled: Vec<(Vec<String>, Delivery)>,
}

impl Worker {
    /// One that looks at its queue at once.
    pub fn new(
        name: String,
        own: Receiver,
        kind: &'static Kind,
        shared: Arc<Shared>,
        wake: Arc<Notify>,
    ) -> Self {
        let now = Instant::now();
        let (confirm_at, heartbeat_at) = (kind.confirm.map(|_| now), own.heartbeat.map(|_| now));
        let (look_at, started_ms) = (Some(now), clock::now().wall_ms);
        Worker {
            name,
            own,
            kind,
            shared,
            wake,
            breaker: Breaker::default(),
            look_at,
            rest_until: now,
            confirm_at,
            heartbeat_at,
            started_ms,
            is_failing: false,
            unsettled: Vec::new(),
        }
    }

    /// Works until it is retired; what is under way is finished first.
    pub async fn run(mut self) {
        let mut retire = self.shared.retire.clone();
        loop {
            let times = [self.look_at.map(|at| at.max(self.rest_until)), self.confirm_at, self.heartbeat_at];
            let next = times.into_iter().flatten().min();
            tokio::select! {
                _ = retire.changed() => return,
                () = self.wake.notified() => self.look_at = Some(Instant::now()),
                () = tokio::time::sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {}
            }
            self.turn().await;
        }
    }

    async fn turn(&mut self) {
        let now = Instant::now();
        if self.look_at.is_some_and(|at| at.max(self.rest_until) <= now) {
            self.look_at = None;
            if let Err(pause) = self.look().await {
                self.look_at = Some(Instant::now() + pause);
            }
        }
        if self.confirm_at.is_some_and(|at| at <= now) {
            self.confirm_at = Some(now + self.confirm_every());
            self.confirm().await;
        }
        if let Some(every) = self.own.heartbeat.filter(|_| self.heartbeat_at.is_some_and(|at| at <= now)) {
            self.heartbeat_at = Some(now + every.duration());
            self.beat().await;
        }
    }

    /// Sends the first message of what is due; the error says when to look again.
    async fn look(&mut self) -> Result<(), Duration> {
        self.settle_late().await?;
        let (name, limit) = (self.name.clone(), self.kind.notices_max);
        let due = self.ask(move |store| store.due_notices(&name, limit)).await?;
        let Some((_, first)) = due.first() else { return Ok(()) };
        let wait = self.own.group_wait.unwrap_or(self.kind.group_wait);
        let due_ms = first.at_ms.saturating_add(i64::try_from(wait.ms()).unwrap_or(i64::MAX));
        let wait_ms = due_ms.saturating_sub(clock::now().wall_ms);
        // A clock that was set back is no reason to wait longer than was asked for.
        if let Ok(wait_ms @ 1..) = u64::try_from(wait_ms) {
            return Err(Duration::from_millis(wait_ms.min(wait.ms())));
        }
        // One message at a time: the rest follows at its pace.
        if let Some(group) = grouped(due, self.group_by()).into_iter().next() {
            self.tell(group).await?;
        }
        let pace = self.breaker.succeeded();
        self.rest_until = Instant::now() + pace;
        Err(pace)
    }

    /// A receiver that is confirmed groups by itself.
    fn group_by(&self) -> &[String] {
        if self.kind.confirm.is_some() { &[] } else { &self.own.group_by }
    }

    async fn tell(&mut self, group: Vec<(String, Notice)>) -> Result<(), Duration> {
        let (keys, notices): (Vec<_>, Vec<_>) = group.into_iter().unzip();
        match self.send(notices.clone()).await {
            Outcome::Never(_) if keys.len() > 1 => {
                // One that it will never take must not take the others with it.
                for (key, notice) in keys.into_iter().zip(notices) {
                    let outcome = self.send(vec![notice.clone()]).await;
                    self.conclude(vec![key], &[notice], outcome).await?;
                }
                Ok(())
            }
            outcome => self.conclude(keys, &notices, outcome).await,
        }
    }

    async fn conclude(
        &mut self,
        keys: Vec<String>,
        notices: &[Notice],
        outcome: Outcome,
    ) -> Result<(), Duration> {
        let count = notices.len() as u64;
        let (fate, message) = match outcome {
            Outcome::Delivered => (Fate::Delivered, String::new()),
            Outcome::Never(why) => (Fate::Refused, why),
            Outcome::Later(why, pause) => {
                self.shared.tally.count(&self.name, Fate::Failed, count);
                let pause = self.failed(&why, notices, pause).await;
                self.rest_until = Instant::now() + pause;
                return Err(pause);
            }
        };
        self.fared_well();
        self.shared.tally.count(&self.name, fate, count);
        if fate == Fate::Refused {
            tracing::error!("receiver {}: {count} notices are refused: {message}", self.name);
        }
        self.unsettled.push((keys, delivery(&self.name, fate, notices, message)));
        self.settle_late().await
    }

    /// Takes off the queue what was sent. Until that works nothing more is sent, or it would be sent again and again.
    async fn settle_late(&mut self) -> Result<(), Duration> {
        while let Some((keys, delivery)) = self.unsettled.first().cloned() {
            self.ask(move |store| store.settle_notices(&keys, &delivery)).await?;
            self.unsettled.remove(0);
        }
        Ok(())
    }

    /// Notes the first failure of a row of them, and says how long to wait.
    async fn failed(&mut self, why: &str, notices: &[Notice], pause: Option<Duration>) -> Duration {
        if !std::mem::replace(&mut self.is_failing, true) {
            tracing::warn!("receiver {}: {why}; it is tried again", self.name);
            let delivery = delivery(&self.name, Fate::Failed, notices, why.to_owned());
            let _ = self.ask(move |store| store.note_delivery(&delivery)).await;
        }
        let pause = self.breaker.failed(pause, chance());
        self.shared.tally.fared(&self.name, None, self.breaker.is_open());
        pause
    }

    fn fared_well(&mut self) {
        if std::mem::replace(&mut self.is_failing, false) {
            tracing::info!("receiver {}: is back", self.name);
        }
        self.breaker.succeeded();
        self.shared.tally.fared(&self.name, Some(clock::now().wall_ms), false);
    }

    async fn send(&self, notices: Vec<Notice>) -> Outcome {
        let confirm = self.own.repeat.or(self.kind.confirm);
        let heard = [confirm, self.own.heartbeat].into_iter().flatten().map(|every| every.ms()).max();
        let message = message(
            &self.shared.settings,
            &self.name,
            notices,
            self.group_by(),
            CONFIRMS.saturating_mul(heard.unwrap_or(0)),
        );
        (self.kind.send)(&self.own, &message).await
    }

    /// Asks the store; the error says when to ask again.
    async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Duration> {
        match self.shared.recorder.ask(work).await {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(error)) => {
                tracing::error!("receiver {}: {error}", self.name);
                Err(STORE_PAUSE)
            }
            None => Err(STORE_PAUSE),
        }
    }
}

fn delivery(receiver: &str, fate: Fate, notices: &[Notice], message: String) -> Delivery {
    let first = notices.first().map(|own| format!("{} {}", own.alert.state.as_str(), own.alert.name));
    let (at_ms, receiver, first) = (clock::now().wall_ms, receiver.to_owned(), first.unwrap_or_default());
    Delivery { at_ms, receiver, fate, notices: notices.len(), first, message }
}
