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

/// What lies between two instants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passage {
    /// By how much the wall clock was set.
    pub set_ms: i64,
    /// How much time passed.
    pub passed_ms: u64,
    /// Another boot began: what to add to monotonic times of the last one.
    pub reboot_ms: Option<i64>,
}

impl Clock {
    /// Takes the next instant and says what lies between it and the last one.
    ///
    /// A monotonic clock that is behind is another boot's. How long it took is what the wall clock says then; one
    /// that went back was certainly set.
    pub fn observe(&mut self, now: Now) -> Passage {
        let Some((wall, mono)) = self.last.replace((now.wall_ms, now.mono_ms)) else {
            return Passage::default();
        };
        let moved = now.wall_ms - wall;
        match now.mono_ms.checked_sub(mono) {
            Some(passed_ms) => {
                let set_ms = moved - passed_ms as i64;
                Passage {
                    set_ms: if set_ms.abs() >= JUMP_MS { set_ms } else { 0 },
                    passed_ms,
                    reboot_ms: None,
                }
            }
            None => {
                let passed = moved.max(0);
                let reboot_ms = Some(now.mono_ms as i64 - mono as i64 - passed);
                Passage { set_ms: moved.min(0), passed_ms: passed as u64, reboot_ms }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_set_clock_is_a_jump() {
        let mut clock = Clock::default();
        let told = [(10_000, 100), (20_000, 10_100), (20_500, 11_100), (90_000_000, 12_100), (0, 13_100)];
        let jumps = told.map(|(wall, mono)| clock.observe(Now::new(wall, mono)).set_ms);
        assert_eq!(jumps, [0, 0, 0, 89_978_500, -90_001_000]);
    }

    #[test]
    fn another_boot_is_known_by_its_monotonic_clock() {
        let mut clock = Clock::default();
        clock.observe(Now::new(1_000_000, 900_000));
        let booted = clock.observe(Now::new(1_060_000, 5_000));
        assert_eq!(
            booted,
            Passage { set_ms: 0, passed_ms: 60_000, reboot_ms: Some(5_000 - 900_000 - 60_000) }
        );
        let back = clock.observe(Now::new(0, 1_000));
        assert_eq!((back.set_ms, back.passed_ms), (-1_060_000, 0));
    }
}
