//! A service that has always leaked and is restarted for it each night.

use super::super::fault::Fault;
use super::super::work::Work;
use super::{Kind, Tick};

pub const KIND: Kind = Kind {
    name: "memory leak",
    work,
    faults: &[Fault::CpuHog, Fault::MemoryLeak, Fault::Errors, Fault::Outage, Fault::FileLeak, Fault::Flood],
    habit_days: 7,
};

fn work(tick: &mut Tick<'_>) -> Work {
    let since = (tick.at.hour() - 4.0).rem_euclid(24.0);
    let mut work = Work { memory: 0.3 + 0.3 * since / 24.0, restarted: since < 0.02, ..Work::default() };
    work.serve((30.0 + 60.0 * tick.at.daily(13.0)) * (0.1 * tick.mood).exp());
    work
}
