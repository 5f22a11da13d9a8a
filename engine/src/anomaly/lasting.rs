//! A level that lasts becomes the usual one.

use hostward_model::time::DAY_MS;
use serde::{Deserialize, Serialize};

/// A day: whatever repeats itself daily was seen once by then.
const LASTING_MS: i64 = DAY_MS;

/// The level that was left when a series last began to be surprising.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Lasting {
    left: Option<Left>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Left {
    at_ms: i64,
    level: f32,
    /// How far away another level begins.
    apart: f32,
}

impl Lasting {
    /// A surprise: a level may have been left.
    pub fn leave(&mut self, at_ms: i64, level: f64, apart: f64) {
        if self.left.is_none() {
            self.left = Some(Left { at_ms, level: level as f32, apart: apart as f32 });
        }
    }

    /// When a level was left of which nobody knows yet whether it comes back, and that level.
    pub fn left(&self) -> Option<(i64, f64)> {
        self.left.map(|left| (left.at_ms, left.level.into()))
    }

    /// Whether the series is still away from the level that it left a day ago, or from `usual` where the time of day
    /// is known. It is asked once.
    pub fn settle(&mut self, at_ms: i64, now: f64, usual: Option<f64>) -> bool {
        // A clock that was set back ends the wait, too.
        let is_due = |left: &mut Left| at_ms < left.at_ms || at_ms.saturating_sub(left.at_ms) >= LASTING_MS;
        let left = self.left.take_if(is_due);
        left.is_some_and(|left| (now - usual.unwrap_or(left.level.into())).abs() > left.apart.into())
    }
}

#[cfg(test)]
mod tests {
    use super::{LASTING_MS, Lasting};

    #[test]
    fn what_comes_back_within_a_day_was_no_new_level() {
        let mut lasting = Lasting::default();
        lasting.leave(0, 10.0, 2.0);
        assert_eq!(lasting.left(), Some((0, 10.0)));
        assert!(!lasting.settle(LASTING_MS - 1, 50.0, None));
        assert!(!lasting.settle(LASTING_MS, 11.0, None));
        lasting.leave(LASTING_MS, 10.0, 2.0);
        assert!(lasting.settle(2 * LASTING_MS, 50.0, None));
        assert!(!lasting.settle(3 * LASTING_MS, 50.0, None));
    }
}
