//! Answers under way: their bytes, in one or two parts, and how many of them there are.

use hyper::body::{Bytes, Frame, SizeHint};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll};

/// The body of an answer; all of it is in memory, and its first part can be shared with other answers.
#[derive(Debug, Default)]
pub struct Body(VecDeque<Bytes>);

impl Body {
    /// The parts, one after the other.
    pub fn of(parts: impl IntoIterator<Item = Bytes>) -> Self {
        Body(parts.into_iter().filter(|part| !part.is_empty()).collect())
    }

    fn left(&self) -> u64 {
        self.0.iter().map(|part| part.len() as u64).sum()
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Body::of([bytes])
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|part| Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left())
    }
}

/// Counts the bytes that are held by answers which nobody has fetched yet.
#[derive(Clone, Debug, Default)]
pub struct UnderWay(Arc<AtomicUsize>);

struct Held {
    bytes: Box<[u8]>,
    under_way: UnderWay,
}

impl UnderWay {
    /// A copy of the bytes that is counted until its last user is gone.
    pub fn hold(&self, bytes: &[u8]) -> Bytes {
        self.0.fetch_add(bytes.len(), Relaxed);
        Bytes::from_owner(Held { bytes: bytes.into(), under_way: self.clone() })
    }

    /// How many there are.
    pub fn bytes(&self) -> usize {
        self.0.load(Relaxed)
    }
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.under_way.0.fetch_sub(self.bytes.len(), Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;
    use hyper::body::Body as _;

    #[tokio::test]
    async fn parts_come_in_order_and_count_until_they_are_gone() {
        let under_way = UnderWay::default();
        let shared = under_way.hold(b"host");
        let body = Body::of([shared.clone(), under_way.hold(b"own"), Bytes::new()]);
        assert_eq!((body.size_hint().exact(), under_way.bytes()), (Some(7), 7));
        assert_eq!(body.collect().await.unwrap().to_bytes(), "hostown");
        assert_eq!(under_way.bytes(), 4);
        drop(shared);
        assert_eq!(under_way.bytes(), 0);
    }

    #[test]
    fn nothing_is_at_its_end_at_once() {
        assert!(Body::of([Bytes::new()]).is_end_stream());
    }
}
