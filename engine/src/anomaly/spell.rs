//! What a series does while something is wrong with it is no part of what is ordinary.

use super::tail::Tail;
use crate::baseline::fading;
use serde::{Deserialize, Serialize};

/// So many values at most are an odd one of the ordinary. What lasts longer is a spell.
const ODD_MAX: u16 = 2;
/// A spell ends after so long, and no fewer values than these: where the series is by then, it is at home.
const LENGTH_MAX_S: f32 = 3600.0;
const LENGTH_MIN: u16 = 12;
/// Half of the spells are forgotten after a week: what comes each day, or each week, is remembered when it comes again.
const HALF_LIFE_S: f64 = 7.0 * 86_400.0;
/// What goes so many times as far as all of a spell before is another one.
const FURTHER: f64 = 8.0;
/// Who has come back to this share of the way is at home.
const HOME: f64 = 0.1;

/// A stretch in which a series is where it hardly ever was.
///
/// The first one teaches nothing: the same fault is as strange when it comes again. Each later one may teach as many values as the
/// square of those before it, so that what comes back each hour is ordinary before the day is over. A leak that follows a small step
/// is as strange as if the step had come back: what goes much further is a spell of its own.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Spell {
    /// The band that was left, as distances.
    band: (f32, f32),
    /// When it began, in seconds that the series is known.
    begun_s: f32,
    /// Surprises that are learnt if they were the only ones; afterwards the first is how far the series went.
    odd: [f32; ODD_MAX as usize],
    /// Values in it; none while there is no spell.
    length: u16,
    taught: u16,
    /// Spells before, as many as are remembered.
    before: f32,
}

/// A value as a spell sees it.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// Its distance from the first value.
    pub y: f64,
    /// How many deviations it is off.
    pub far: f64,
    /// Whether it is one that hardly ever comes.
    pub rare: bool,
    /// Seconds that the series is known.
    pub known_s: f32,
}

impl Spell {
    /// Values in the one that goes on, if any.
    pub fn length(&self) -> u16 {
        self.length
    }

    /// Values of it that were as far as this one, or may have been.
    pub fn as_far(&self, y: f64) -> u16 {
        if self.reach().is_some_and(|reach| self.out(y) > FURTHER * reach) { 0 } else { self.length }
    }

    /// How far from the band that was left.
    fn out(&self, y: f64) -> f64 {
        let (low, high) = self.band;
        (f64::from(low) - y).max(y - f64::from(high)).max(0.0)
    }

    /// How far it went, half of the band at least; the first values do not tell yet.
    fn reach(&self) -> Option<f64> {
        let (low, high) = self.band;
        (self.length > ODD_MAX).then(|| self.odd[0].max(0.5 * (high - low)).into())
    }

    /// Takes a value, and has the tail learn it if it is an ordinary one; says whether it is. `band` is what was expected.
    pub fn take(&mut self, seen: Seen, band: (f64, f64), tail: &mut Tail) -> bool {
        let is_ordinary = if seen.rare && self.as_far(seen.y) == 0 {
            let left = if self.length == 0 { (band.0 as f32, band.1 as f32) } else { self.band };
            self.begin(seen, left);
            false
        } else if self.length > 0 && self.goes_on(seen, tail.edge()) {
            self.go_on(seen)
        } else {
            self.end(tail);
            true
        };
        if is_ordinary {
            tail.learn(seen.far, 1);
        }
        is_ordinary
    }

    fn begin(&mut self, seen: Seen, band: (f32, f32)) {
        let passed_s = f64::from(seen.known_s - self.begun_s);
        let before = f64::from(self.before) * fading(passed_s, HALF_LIFE_S);
        *self = Spell {
            band,
            begun_s: seen.known_s,
            odd: [seen.far as f32, 0.0],
            length: 1,
            taught: 0,
            before: before as f32,
        };
    }

    fn goes_on(&self, seen: Seen, edge: f64) -> bool {
        let home = self.reach().map_or(0.0, |reach| HOME * reach);
        let is_out = self.out(seen.y) > home || seen.far > edge;
        is_out && (seen.known_s - self.begun_s < LENGTH_MAX_S || self.length < LENGTH_MIN)
    }

    /// Whether the value teaches something, because there were such spells before.
    fn go_on(&mut self, seen: Seen) -> bool {
        let place = usize::from(self.length);
        let went = if self.length > ODD_MAX { self.odd[0] } else { 0.0 };
        self.length = self.length.saturating_add(1);
        if let Some(odd) = self.odd.get_mut(place) {
            *odd = seen.far as f32;
            return false;
        }
        self.odd[0] = went.max(self.out(seen.y) as f32);
        let teaches = f32::from(self.taught) < self.before * self.before;
        self.taught = self.taught.saturating_add(u16::from(teaches));
        teaches
    }

    fn end(&mut self, tail: &mut Tail) {
        if self.length <= ODD_MAX {
            let odd = &self.odd[..usize::from(self.length)];
            odd.iter().for_each(|far| tail.learn(f64::from(*far), 1));
        } else {
            self.before += 1.0;
        }
        self.length = 0;
    }
}
