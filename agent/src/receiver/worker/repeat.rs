//! What is said over and over and stands in no queue: that alerts fire still, and that hostward lives.

use super::Worker;
use crate::clock;
use crate::receiver::Outcome;
use crate::receiver::batch::standing_alert;
use hostward_engine::telling::{Notice, Standing};
use std::time::Duration;
use tokio::time::Instant;

/// A receiver that is confirmed hears so long of what has ended, in case it did not take it in.
const RESOLVED_MS: i64 = 5 * 60_000;

impl Worker {
    pub(super) fn confirm_every(&self) -> Duration {
        self.own.repeat.or(self.kind.confirm).map_or(Duration::MAX, |every| every.duration())
    }

    /// Says once more what fires. What is under way in the queue comes first, or an end could be overtaken.
    pub(super) async fn confirm(&mut self) {
        let (name, since_ms) = (self.name.clone(), clock::now().wall_ms - RESOLVED_MS);
        let told = self.ask(move |store| {
            let is_waiting = !store.due_notices(&name, 1)?.is_empty();
            if is_waiting { Ok(Vec::new()) } else { store.told_alerts(&name, since_ms) }
        });
        let Ok(told) = told.await else { return };
        let now_ms = clock::now().wall_ms;
        let notice = |own: Standing| {
            let receiver = self.name.clone();
            Notice { receiver, alert: own.alert, flapping: own.flapping, reminder: true, at_ms: now_ms }
        };
        let notices: Vec<_> = told.into_iter().map(notice).collect();
        for some in notices.chunks(self.kind.notices_max) {
            if !self.say(some.to_vec()).await {
                return;
            }
        }
    }

    /// Says that hostward lives, if it does: without ticks nobody watches.
    pub(super) async fn beat(&mut self) {
        let silent = Duration::from_millis(self.shared.settings.silent_ms);
        if self.shared.vitals.since_tick() > silent {
            return;
        }
        let alert = standing_alert("Watchdog", "hostward lives and watches", self.started_ms);
        let alert = self.shared.settings.policy.outward_alert(&alert);
        let notice = Notice {
            receiver: self.name.clone(),
            alert,
            flapping: false,
            reminder: true,
            at_ms: clock::now().wall_ms,
        };
        self.say(vec![notice]).await;
    }

    /// Says something that is not in the queue and not worth being said late.
    async fn say(&mut self, notices: Vec<Notice>) -> bool {
        match self.send(notices.clone()).await {
            Outcome::Delivered => self.fared_well(),
            Outcome::Later(why, pause) => {
                let pause = self.failed(&why, &notices, pause).await;
                self.rest_until = Instant::now() + pause;
                return false;
            }
            Outcome::Never(why) => tracing::error!("receiver {}: {why}", self.name),
        }
        true
    }
}
