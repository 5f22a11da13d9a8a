//! A service that is replaced once or twice on most working days; each version is a little slower or faster.

use super::super::fault::Fault;
use super::super::work::Work;
use super::{Kind, Tick};

pub const KIND: Kind = Kind {
    name: "deploys",
    work,
    faults: &[
        Fault::CpuHog,
        Fault::MemoryLeak,
        Fault::Errors,
        Fault::Outage,
        Fault::FileLeak,
        Fault::Guessing,
        Fault::StuckLoad,
    ],
    habit_days: 10,
};

pub fn work(tick: &mut Tick<'_>) -> Work {
    let version = 0.9 + 0.2 * tick.at.chance(24.0, tick.seed ^ 1);
    let mut work = Work { memory: 0.4 * version, ..Work::default() };
    work.serve((60.0 + 120.0 * tick.at.daily(16.0)) * (0.08 * tick.mood).exp());
    work.latency_s *= version;
    let hour = 10.0 + 6.0 * tick.at.chance(24.0, tick.seed);
    let since_min = 60.0 * (tick.at.hour() - hour);
    if !tick.at.is_weekend() && (0.0..4.0).contains(&since_min) {
        work.restarted = since_min < 1.0;
        work.requests *= 0.5;
        work.cpu += 0.3;
        work.written_bytes += 10e6;
        work.latency_s *= 2.0;
    }
    work
}
