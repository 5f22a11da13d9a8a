//! A thread that does one thing again and again until it is dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// A running thread.
pub struct Worker {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Calls `turn` with the number of turns before, with a pause after each; what `turn` keeps goes with it.
    pub fn start(pause: Duration, mut turn: impl FnMut(usize) + Send + 'static) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            for number in 0.. {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                turn(number);
                std::thread::sleep(pause);
            }
        });
        Worker { stop, thread: Some(thread) }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            eprintln!("a fault ended by itself");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Worker;
    use std::sync::mpsc;
    use std::time::Duration;

    #[test]
    fn turns_are_counted_and_end_with_the_worker() {
        let (sender, turns) = mpsc::channel();
        let worker = Worker::start(Duration::ZERO, move |turn| {
            let _ = sender.send(turn);
        });
        assert_eq!((turns.recv(), turns.recv()), (Ok(0), Ok(1)));
        drop(worker);
        // The sender is gone with the worker, so this ends.
        turns.iter().zip(2..).for_each(|(turn, number)| assert_eq!(turn, number));
    }
}
