//! Work that can block, on a thread of its own.
//!
//! Not on the runtime's threads for blocking work: asking for one panics when the system has none left.

use std::io;
use tokio::sync::oneshot;

const STACK_BYTES: usize = 512 << 10;

/// Runs `work` on a thread of its own. Fails when there is no thread to be had, or when the work panics.
pub async fn aside<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<T> {
    let (reply, answer) = oneshot::channel();
    let thread = std::thread::Builder::new().name(name.to_owned()).stack_size(STACK_BYTES);
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
