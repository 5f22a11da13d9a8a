//! The clocks of the host, read in one place.

use hostward_model::Now;
use nix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// What the monotonic clock shows at boot, about 35 years: times of earlier boots, moved to this one's clock, stay
/// above zero.
const ORIGIN_US: u64 = 1 << 50;

/// Both clocks at one instant, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Since the Unix epoch; jumps when somebody sets the clock.
    pub wall_us: i64,
    /// `CLOCK_BOOTTIME` and [`ORIGIN_US`]: sleep included, so that a new process goes on where the last one ended and
    /// a night of suspend is not taken for a clock that was set.
    pub mono_us: u64,
}

impl Reading {
    /// The same instant for those who count in milliseconds.
    pub fn now(self) -> Now {
        Now::new(self.wall_us.div_euclid(1000), self.mono_us / 1000)
    }
}

/// Reads both clocks.
pub fn read() -> Reading {
    Reading {
        wall_us: micros(ClockId::CLOCK_REALTIME),
        mono_us: micros(ClockId::CLOCK_BOOTTIME).max(0) as u64 + ORIGIN_US,
    }
}

/// Both clocks in milliseconds.
pub fn now() -> Now {
    read().now()
}

/// Processor time of the calling thread.
pub fn thread_cpu() -> Duration {
    Duration::from_nanos(nanos(ClockId::CLOCK_THREAD_CPUTIME_ID).max(0) as u64)
}

/// How long it is until the monotonic clock shows `mono_us`.
pub fn until(mono_us: u64) -> Duration {
    Duration::from_micros(mono_us.saturating_sub(read().mono_us))
}

/// Both clocks exist on every Linux, so the call cannot fail; zero is what a broken host would show.
fn nanos(clock: ClockId) -> i64 {
    clock_gettime(clock).map_or(0, |time| time.tv_sec() * 1_000_000_000 + time.tv_nsec())
}

fn micros(clock: ClockId) -> i64 {
    nanos(clock) / 1000
}
