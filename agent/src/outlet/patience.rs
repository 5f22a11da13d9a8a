//! How long a connection may do nothing.
//!
//! hyper's own timer for the head also runs while a connection rests between two requests, so it would close
//! a scraper's connection after each scrape or give a slow sender as long as a resting one. This one tells
//! them apart.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::Instant;

/// From the first byte of a request, or from the connection's beginning, to the end of its head.
const HEAD: Duration = Duration::from_secs(5);
/// Between two requests; longer than any usual scrape interval.
const REST: Duration = Duration::from_secs(130);
/// To work out an answer and have it fetched.
const ANSWER: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Head,
    Answering,
    Answered,
    Rest,
}

/// What a connection is doing, and since when.
///
/// HTTP/2 has requests side by side and frames between them. There, a phase begins with a request or its answer and
/// with nothing else: a connection that only pings rests.
#[derive(Clone, Debug)]
pub struct Patience(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Patience ends earlier than it did before.
    sooner: Notify,
}

#[derive(Clone, Copy, Debug)]
struct State {
    phase: Phase,
    since: Instant,
    is_multiplexed: bool,
}

impl Default for Patience {
    fn default() -> Self {
        let state = State { phase: Phase::Head, since: Instant::now(), is_multiplexed: false };
        Patience(Arc::new(Shared { state: Mutex::new(state), sooner: Notify::new() }))
    }
}

impl Patience {
    /// A request's head is complete.
    pub fn answering(&self) {
        self.enter(Phase::Answering);
    }

    /// The answer is ready to be sent.
    pub fn answered(&self) {
        self.enter(Phase::Answered);
    }

    /// The connection speaks HTTP/2.
    pub fn multiplex(&self) {
        self.state().is_multiplexed = true;
    }

    /// Ends when the connection has done nothing for too long.
    pub async fn over(&self) {
        loop {
            let end = self.end();
            if end <= Instant::now() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep_until(end) => {}
                () = self.0.sooner.notified() => {}
            }
        }
    }

    /// How much of it is used up, from 0 to 1; whoever is being answered is not to blame.
    pub fn used(&self) -> f64 {
        let state = *self.state();
        match state.phase {
            Phase::Answering => 0.0,
            phase => state.since.elapsed().as_secs_f64() / phase.max().as_secs_f64(),
        }
    }

    /// Whether there may be an answer that the other side has not fetched.
    pub fn is_fetching(&self) -> bool {
        let state = *self.state();
        state.phase == Phase::Answered || (state.is_multiplexed && state.phase == Phase::Rest)
    }

    fn end(&self) -> Instant {
        let state = *self.state();
        state.since + state.phase.max()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, phase: Phase) {
        let before = self.end();
        let mut state = self.state();
        (state.phase, state.since) = (phase, Instant::now());
        if state.since + phase.max() < before {
            self.0.sooner.notify_one();
        }
    }

    fn leave(&self, from: Phase, to: Phase) {
        let state = *self.state();
        if state.phase == from && !(state.is_multiplexed && to == Phase::Head) {
            self.enter(to);
        }
    }

    #[cfg(test)]
    pub fn rest(&self) {
        self.enter(Phase::Rest);
    }
}

impl Phase {
    fn max(self) -> Duration {
        match self {
            Phase::Head => HEAD,
            Phase::Answering | Phase::Answered => ANSWER,
            Phase::Rest => REST,
        }
    }
}

/// A stream that tells [`Patience`] what happens on it.
pub struct Watched<S> {
    stream: S,
    patience: Patience,
}

impl<S> Watched<S> {
    /// Watches a stream.
    pub fn new(stream: S, patience: Patience) -> Self {
        Watched { stream, patience }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = out.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, out);
        if polled.is_ready() && out.filled().len() > before {
            self.patience.leave(Phase::Rest, Phase::Head);
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(cx);
        if polled.is_ready() {
            self.patience.leave(Phase::Answered, Phase::Rest);
        }
        polled
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn a_scraper_may_rest_longer_than_a_head_may_take() {
        let (mut near, far) = tokio::io::duplex(64);
        let patience = Patience::default();
        let mut watched = Watched::new(far, patience.clone());
        assert_eq!(patience.state().phase, Phase::Head, "a new connection that says nothing is not resting");
        patience.answering();
        patience.answered();
        watched.write_all(b"HTTP/1.1 200 OK").await.unwrap();
        watched.flush().await.unwrap();
        assert_eq!(patience.state().phase, Phase::Rest);
        assert!(patience.end() > Instant::now() + HEAD);
        near.write_all(b"G").await.unwrap();
        watched.read_u8().await.unwrap();
        assert_eq!(patience.state().phase, Phase::Head);
        assert!(patience.end() <= Instant::now() + HEAD);
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_begins_after_a_rest_has_no_longer_than_another() {
        let patience = Patience::default();
        patience.rest();
        let begun = Instant::now();
        let over = tokio::spawn({
            let patience = patience.clone();
            async move { patience.over().await }
        });
        tokio::time::sleep(Duration::from_secs(10)).await;
        patience.enter(Phase::Head);
        over.await.unwrap();
        assert_eq!(begun.elapsed().as_secs(), 15);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_of_http_2_that_only_pings_rests() {
        let (mut near, far) = tokio::io::duplex(64);
        let patience = Patience::default();
        let mut watched = Watched::new(far, patience.clone());
        patience.multiplex();
        near.write_all(b"PING").await.unwrap();
        watched.read_u8().await.unwrap();
        assert_eq!(patience.state().phase, Phase::Head, "and one that never asks does not even rest");
        patience.rest();
        tokio::time::advance(REST / 2).await;
        watched.read_u8().await.unwrap();
        assert_eq!(patience.state().phase, Phase::Rest);
        assert!((0.4..0.6).contains(&patience.used()));
    }
}
