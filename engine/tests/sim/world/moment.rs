//! A time of a simulated life, and the rhythms that people and timers have.

/// Midnight before a Monday, UTC.
pub const BEGIN_MS: i64 = 1_767_571_200_000;

/// Hours since the life began.
#[derive(Clone, Copy)]
pub struct Moment(pub f64);

impl Moment {
    /// Days since the life began; the first one is a Monday.
    pub fn day(self) -> u64 {
        (self.0 / 24.0) as u64
    }

    pub fn hour(self) -> f64 {
        self.0 % 24.0
    }

    pub fn is_weekend(self) -> bool {
        self.day() % 7 >= 5
    }

    /// From 0 at night to 1 at the `peak` hour.
    pub fn daily(self, peak: f64) -> f64 {
        0.5 + 0.5 * ((self.hour() - peak) / 24.0 * std::f64::consts::TAU).cos()
    }

    /// True for so many hours from an hour of each day on.
    pub fn is_within(self, from: f64, hours: f64) -> bool {
        (self.hour() - from).rem_euclid(24.0) < hours
    }

    /// True while people are at work.
    pub fn is_office(self) -> bool {
        !self.is_weekend() && self.is_within(9.0, 8.5)
    }

    /// A number from 0 to 1 that is another one each day (or hour, or whatever `period` counts) and for each `salt`.
    pub fn chance(self, period_hours: f64, salt: u64) -> f64 {
        let period = (self.0 / period_hours) as u64;
        super::random::Random::new(period.wrapping_mul(0x5851_f42d_4c95_7f2d) ^ salt).share()
    }
}
