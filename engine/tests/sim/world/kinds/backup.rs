//! A file server that is saved each night, a little earlier or later.

use super::super::fault::Fault;
use super::super::work::Work;
use super::{Kind, Tick};

pub const KIND: Kind = Kind {
    name: "backup",
    work,
    faults: &[Fault::CpuHog, Fault::MemoryLeak, Fault::DiskFills, Fault::Flood, Fault::Guessing],
    habit_days: 7,
};

fn work(tick: &mut Tick<'_>) -> Work {
    let mut work = Work::default();
    let office = if tick.at.is_office() { 1.0 } else { 0.1 };
    work.received_bytes += 2e5 * office * tick.random.about(0.4);
    work.written_bytes += 2e5 * office * tick.random.about(0.4);
    let begin = 2.0 + 0.2 * tick.at.chance(24.0, tick.seed);
    if tick.at.is_within(begin, 1.5) {
        work.cpu += 0.3;
        work.read_bytes += 70e6;
        work.sent_bytes += 50e6;
        work.wait += 0.2;
        work.open_files += 200.0;
    }
    work
}
