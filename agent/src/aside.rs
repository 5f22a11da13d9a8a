//! Work that can block, on a thread of its own.
//!
//! Not on the runtime's threads for blocking work: asking for one panics when the system has none left.

use std::io;
use tokio::sync::oneshot;

const STACK_BYTES: usize = 512 << 10;

/// What judges a host needs more room than what waits for an answer.
pub const DEEP_STACK_BYTES: usize = 8 << 20;

/// Runs `work` on a thread of its own. Fails when there is no thread to be had, or when the work panics.
pub async fn aside<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<T> {
    aside_with(name, STACK_BYTES, work).await
}

/// The same with a stack of that size.
pub async fn aside_with<T: Send + 'static>(
    name: &str,
    stack_bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<T> {
    let (reply, answer) = oneshot::channel();
    let thread = std::thread::Builder::new().name(name.to_owned()).stack_size(stack_bytes);
    thread.spawn(move || drop(reply.send(work())))?;
    answer.await.map_err(|_| io::Error::other("the work was broken off"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_answer_comes_and_a_panic_is_an_error() {
        assert_eq!(aside("well", || 7).await.unwrap(), 7);
        let broken = aside("ill", || assert!(std::hint::black_box(false), "on purpose")).await;
        assert_eq!(broken.unwrap_err().to_string(), "the work was broken off");
    }
}
