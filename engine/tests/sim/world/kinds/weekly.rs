//! A quiet host with one large job early on Sundays.

use super::super::fault::Fault;
use super::super::work::Work;
use super::{Kind, Tick};

pub const KIND: Kind = Kind {
    name: "weekly",
    work,
    faults: &[Fault::CpuHog, Fault::MemoryLeak, Fault::IoStorm, Fault::FileLeak, Fault::Guessing],
    habit_days: 21,
};

fn work(tick: &mut Tick<'_>) -> Work {
    let mut work = Work::default();
    work.serve(5.0 * (0.2 * tick.mood).exp());
    if tick.at.day() % 7 == 6 && tick.at.is_within(4.0, 3.0) {
        work.cpu += 0.6;
        work.memory += 0.3;
        work.read_bytes += 30e6;
        work.wait += 0.1;
    }
    work
}
