//! An idle laptop: asleep at night and at weekends, used in spells.

use super::super::fault::Fault;
use super::super::work::Work;
use super::{Kind, Tick};

pub const KIND: Kind = Kind {
    name: "laptop",
    work,
    faults: &[Fault::MemoryLeak, Fault::DiskFills, Fault::FileLeak, Fault::Guessing],
    habit_days: 7,
};

fn work(tick: &mut Tick<'_>) -> Work {
    let late = 2.0 * tick.at.chance(24.0, tick.seed);
    let mut work = Work { asleep: !tick.at.is_within(8.0, 10.0 + late), ..Work::default() };
    if !tick.at.is_weekend() && tick.at.chance(0.4, tick.seed) < 0.5 {
        work.cpu += 0.1 * tick.random.heavy();
        work.memory += 0.15 + 0.02 * tick.mood;
        work.received_bytes += 5e4 * tick.random.heavy();
        work.open_files += 800.0;
    }
    work
}
