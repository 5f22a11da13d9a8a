//! An ordinary host with many series: people by day, jobs by the clock, a release on most working days.

use super::super::fault::Fault;
use super::super::work::Work;
use super::{Kind, Tick};

pub const KIND: Kind = Kind {
    name: "ordinary",
    work,
    faults: &[
        Fault::CpuHog,
        Fault::MemoryLeak,
        Fault::DiskFills,
        Fault::IoStorm,
        Fault::FileLeak,
        Fault::Errors,
        Fault::Outage,
        Fault::Flood,
        Fault::Guessing,
        Fault::StuckLoad,
    ],
    habit_days: 0,
};

fn work(tick: &mut Tick<'_>) -> Work {
    let mut work = super::deploys::work(tick);
    if tick.at.is_weekend() {
        work.cpu *= 0.7;
        work.requests *= 0.6;
        work.sent_bytes *= 0.6;
    }
    let minute = tick.at.0.fract() * 60.0;
    if (17.0..19.0 + 2.0 * tick.at.chance(1.0, tick.seed)).contains(&minute) {
        work.cpu += 0.15;
        work.read_bytes += 4e6;
    }
    if tick.at.is_within(2.0 + 0.1 * tick.at.chance(24.0, tick.seed), 1.0) {
        work.read_bytes += 50e6;
        work.sent_bytes += 30e6;
        work.cpu += 0.1;
        work.wait += 0.1;
    }
    work
}
