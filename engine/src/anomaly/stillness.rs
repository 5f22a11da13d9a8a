//! A series that should move and does not.

use serde::{Deserialize, Serialize};

/// Values over which the share of those that moved is counted.
const MEMORY: f32 = 512.0;
/// A series that moves less often may rest.
const RESTLESS: f32 = 0.5;
/// What is left of the longest rest after each that was shorter.
const KEPT: f32 = 0.999;

/// How long a series usually stays as it is.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Stillness {
    /// Values in a row that were like the one before.
    still: u32,
    longest: f32,
    /// Share of values that were not.
    moves: f32,
}

impl Stillness {
    /// Values in a row that were like the one before.
    pub fn length(&self) -> u32 {
        self.still
    }

    /// Whether the series moves with most values.
    pub fn is_restless(&self) -> bool {
        self.moves > RESTLESS
    }

    /// How many times as long as ever the series has not moved, when it mostly does.
    pub fn surprise(&self) -> f64 {
        if self.is_restless() { f64::from(self.still) / (f64::from(self.longest) + 4.0) } else { 0.0 }
    }

    /// Takes `count` values that moved, or did not, of `seen` in all.
    pub fn learn(&mut self, moved: bool, count: u32, seen: u32) {
        let gain = (count as f32 / MEMORY).max(count as f32 / seen.max(1) as f32).min(1.0);
        self.moves += gain * (f32::from(u8::from(moved)) - self.moves);
        if moved {
            self.longest = (self.longest * KEPT).max(self.still as f32);
            self.still = 0;
        } else {
            self.still = self.still.saturating_add(count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Stillness;

    fn after(values: impl Iterator<Item = bool>) -> Stillness {
        let mut stillness = Stillness::default();
        values.enumerate().for_each(|(seen, moved)| stillness.learn(moved, 1, seen as u32 + 1));
        stillness
    }

    #[test]
    fn what_moves_is_missed_and_what_rests_is_not() {
        let stuck = after((0..300).map(|step| step < 200 && step % 5 != 0));
        assert!(stuck.surprise() > 15.0, "{stuck:?}");
        let idle = after((0..300).map(|step| step % 50 == 0));
        assert_eq!(idle.surprise(), 0.0);
    }
}
