//! A virtual machine beside a noisy one, which takes CPU and disk when it likes.

use super::super::fault::Fault;
use super::super::work::Work;
use super::{Kind, Tick};

pub const KIND: Kind = Kind {
    name: "noisy neighbour",
    work,
    faults: &[Fault::MemoryLeak, Fault::IoStorm, Fault::Errors, Fault::Outage, Fault::Flood, Fault::Guessing],
    habit_days: 7,
};

fn work(tick: &mut Tick<'_>) -> Work {
    let mut work = Work { memory: 0.5, ..Work::default() };
    let noisy = tick.at.chance(0.7, tick.seed) < 0.25;
    work.steal = 0.01 * tick.random.heavy() + if noisy { 0.2 * tick.random.about(0.5) } else { 0.0 };
    work.wait += if noisy { 0.03 * tick.random.heavy() } else { 0.0 };
    work.serve((50.0 + 60.0 * tick.at.daily(12.0)) * (0.15 * tick.mood).exp());
    work
}
