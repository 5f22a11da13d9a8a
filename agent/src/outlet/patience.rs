//! How long a connection may do nothing.
//!
//! hyper's own timer for the head also runs while a connection rests between two requests, so it would close
//! a scraper's connection after each scrape or give a slow sender as long as a resting one. This one tells
//! them apart.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
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
#[derive(Clone, Debug)]
pub struct Patience(Arc<Mutex<(Phase, Instant)>>);

impl Default for Patience {
    fn default() -> Self {
        Patience(Arc::new(Mutex::new((Phase::Head, Instant::now()))))
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

    /// Ends when the connection has done nothing for too long.
    pub async fn over(&self) {
        loop {
            let end = self.end();
            if end <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(end).await;
        }
    }

    fn end(&self) -> Instant {
        let (phase, since) = self.phase();
        since
            + match phase {
                Phase::Head => HEAD,
                Phase::Answering | Phase::Answered => ANSWER,
                Phase::Rest => REST,
            }
    }

    fn phase(&self) -> (Phase, Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, phase: Phase) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (phase, Instant::now());
    }

    fn leave(&self, from: Phase, to: Phase) {
        if self.phase().0 == from {
            self.enter(to);
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
        assert_eq!(patience.phase().0, Phase::Head, "a new connection that says nothing is not resting");
        patience.answering();
        patience.answered();
        watched.write_all(b"HTTP/1.1 200 OK").await.unwrap();
        watched.flush().await.unwrap();
        assert_eq!(patience.phase().0, Phase::Rest);
        assert!(patience.end() > Instant::now() + HEAD);
        near.write_all(b"G").await.unwrap();
        watched.read_u8().await.unwrap();
        assert_eq!(patience.phase().0, Phase::Head);
        assert!(patience.end() <= Instant::now() + HEAD);
    }
}
