//! Accounts: office hours, and every four weeks two days on which everything is needed at once.

use super::super::fault::Fault;
use super::super::work::Work;
use super::{Kind, Tick};

pub const KIND: Kind = Kind {
    name: "month end",
    work,
    faults: &[Fault::CpuHog, Fault::DiskFills, Fault::Errors, Fault::Flood, Fault::Guessing],
    habit_days: 58,
};

fn work(tick: &mut Tick<'_>) -> Work {
    let mut work = Work { memory: 0.4, ..Work::default() };
    if tick.at.is_office() {
        let closing = if matches!(tick.at.day() % 28, 24 | 25) { 4.0 } else { 1.0 };
        work.serve(60.0 * closing * (0.1 * tick.mood).exp());
        work.memory += 0.05 * closing;
        work.read_bytes += 1e6 * closing;
    }
    work
}
