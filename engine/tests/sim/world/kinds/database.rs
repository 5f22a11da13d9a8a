//! A database: queries by day, a checkpoint each quarter of an hour, housekeeping on Sunday nights.

use super::super::fault::Fault;
use super::super::work::Work;
use super::{Kind, Tick};

pub const KIND: Kind = Kind {
    name: "database",
    work,
    faults: &[
        Fault::CpuHog,
        Fault::DiskFills,
        Fault::IoStorm,
        Fault::FileLeak,
        Fault::Errors,
        Fault::Outage,
        Fault::StuckLoad,
    ],
    habit_days: 14,
};

fn work(tick: &mut Tick<'_>) -> Work {
    let mut work = Work { memory: 0.72, wait: 0.02, ..Work::default() };
    work.serve((60.0 + 160.0 * tick.at.daily(14.0)) * (0.1 * tick.mood).exp());
    work.read_bytes += 2e4 * work.requests;
    if (tick.at.0 * 60.0) % 15.0 < 2.0 {
        work.written_bytes += 25e6;
        work.wait += 0.05;
    }
    if tick.at.day() % 7 == 6 && tick.at.is_within(3.0, 1.5) {
        work.cpu += 0.25;
        work.read_bytes += 40e6;
        work.wait += 0.1;
    }
    work
}
