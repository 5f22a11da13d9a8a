//! Jobs from a timer: each hour a small one, in the night a large one.

use super::super::fault::Fault;
use super::super::work::Work;
use super::{Kind, Tick};

pub const KIND: Kind = Kind {
    name: "batch",
    work,
    faults: &[Fault::MemoryLeak, Fault::DiskFills, Fault::FileLeak, Fault::Flood, Fault::Guessing],
    habit_days: 7,
};

fn work(tick: &mut Tick<'_>) -> Work {
    let mut work = Work::default();
    let minute = tick.at.0.fract() * 60.0;
    let hourly = 10.0 + 8.0 * tick.at.chance(1.0, tick.seed);
    if (5.0..5.0 + hourly).contains(&minute) {
        work.cpu += 0.45;
        work.read_bytes += 8e6;
        work.memory += 0.1;
    }
    if tick.at.is_within(1.0, 2.0 + 0.5 * tick.at.chance(24.0, tick.seed)) {
        work.cpu += 0.4;
        work.written_bytes += 15e6;
        work.memory += 0.2;
        work.open_files += 300.0;
    }
    work
}
