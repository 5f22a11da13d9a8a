//! Writes of the store that are under way.

use tokio::time::Instant;

/// Writes under way, with the time when each is late, until it is.
#[derive(Default)]
pub struct Writes {
    pub record_late_at: Option<Instant>,
    pub save_late_at: Option<Instant>,
    /// Nobody has said yet what became of the last snapshot.
    pub saving: bool,
    /// The last snapshot could not be kept, or is late.
    pub save_failed: bool,
}

impl Writes {
    /// When to look for late writes, if there is anything to look for.
    pub fn late_at(&self) -> Option<Instant> {
        self.record_late_at.into_iter().chain(self.save_late_at).min()
    }
}
