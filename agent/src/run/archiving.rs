//! The writer of the history on disk, as the loop drives it: when it is due, and where it answers.

use super::event::Event;
use crate::clock;
use crate::config::Config;
use crate::history::{Archive, FLUSH_MS, Writer};
use hostward_engine::archive::Fresh;
use hostward_model::Now;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// How long the last write may take before the process ends without it.
const LAST_WRITE: Duration = Duration::from_millis(1500);

/// The writer and when it is due.
pub struct Archiving {
    /// Nothing when no history is kept.
    writer: Option<Writer>,
    events: mpsc::Sender<Event>,
    /// Up to when samples of earlier lives are on disk.
    pub(super) end_ms: i64,
    due_ms: u64,
}

impl Archiving {
    /// Starts the writer if one is wanted. A directory that cannot be used costs the history and nothing else.
    pub fn start(archive: &Arc<Archive>, config: &Config, events: mpsc::Sender<Event>) -> Self {
        let mut this =
            Archiving { writer: None, events, end_ms: 0, due_ms: clock::now().mono_ms + FLUSH_MS as u64 };
        if config.history.enabled {
            match Writer::start(archive.clone(), &config.history) {
                Ok((writer, end_ms)) => (this.writer, this.end_ms) = (Some(writer), end_ms),
                Err(error) => tracing::error!("no history is kept on disk: {error}"),
            }
        }
        this
    }

    /// Has what is new written, if it is time; the answer comes as an event. False when the disk does not answer.
    pub fn write_due(&mut self, at: Now, fresh: impl FnOnce() -> Fresh) -> bool {
        let Some(writer) = self.writer.as_ref().filter(|_| self.due_ms <= at.mono_ms) else { return true };
        self.due_ms = at.mono_ms + FLUSH_MS as u64;
        let events = self.events.clone();
        writer.write(fresh(), move |result| drop(events.blocking_send(Event::Archived(result))))
    }

    /// Has the last samples written, and waits for that.
    pub async fn write_last(&self, fresh: impl FnOnce() -> Fresh) {
        let Some(writer) = &self.writer else { return };
        let (reply, answer) = oneshot::channel();
        let fresh = fresh();
        if fresh.is_empty() || !writer.write(fresh, move |result| drop(reply.send(result))) {
            return;
        }
        match tokio::time::timeout(LAST_WRITE, answer).await {
            Ok(Ok(Ok(_))) => {}
            Ok(Ok(Err(error))) => tracing::error!("cannot write the last minutes of the history: {error}"),
            Ok(Err(_)) | Err(_) => tracing::error!("cannot write the last minutes of the history in time"),
        }
    }
}
