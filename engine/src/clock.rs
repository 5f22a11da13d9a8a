//! Tells a clock that somebody set from time that passed.

use hostward_model::Now;
use serde::{Deserialize, Serialize};

/// Differences between the clocks below this are drift and jitter; the past is not moved for them.
const JUMP_MS: i64 = 1_500;

/// The last instant that the engine was told.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Clock {
    last: Option<(i64, u64)>,
}

impl Clock {
    /// Takes the next instant and says by how much the wall clock was set since the last one.
    ///
    /// A monotonic clock that is behind is another boot's, or another machine's: nothing can be said then, but
    /// a wall clock before the last instant was certainly set back.
    pub fn observe(&mut self, now: Now) -> i64 {
        let Some((wall, mono)) = self.last.replace((now.wall_ms, now.mono_ms)) else { return 0 };
        let moved = now.wall_ms - wall;
        let jump = match now.mono_ms.checked_sub(mono) {
            Some(passed) => moved - passed as i64,
            None => moved.min(0),
        };
        if jump.abs() >= JUMP_MS { jump } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_set_clock_is_a_jump() {
        let mut clock = Clock::default();
        let told = [
            (10_000, 100),
            (20_000, 10_100),
            (20_500, 11_100),
            (90_000_000, 12_100),
            (0, 13_100),
            (5_000, 1),
        ];
        let jumps = told.map(|(wall, mono)| clock.observe(Now::new(wall, mono)));
        assert_eq!(jumps, [0, 0, 0, 89_978_500, -90_001_000, 0]);
    }
}
