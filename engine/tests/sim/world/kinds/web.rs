//! A web server: busy in the afternoon, less at weekends, with a rush now and then.

use super::super::fault::Fault;
use super::super::work::Work;
use super::{Kind, Tick};

pub const KIND: Kind = Kind {
    name: "web",
    work,
    faults: &[
        Fault::CpuHog,
        Fault::MemoryLeak,
        Fault::Errors,
        Fault::Outage,
        Fault::Flood,
        Fault::Guessing,
        Fault::StuckLoad,
    ],
    habit_days: 7,
};

fn work(tick: &mut Tick<'_>) -> Work {
    let mut work = Work { memory: 0.45 + 0.02 * tick.mood, ..Work::default() };
    let week = if tick.at.is_weekend() { 0.6 } else { 1.0 };
    let rush = if tick.at.chance(0.5, tick.seed) < 0.02 { 1.6 } else { 1.0 };
    work.serve((40.0 + 220.0 * week * tick.at.daily(15.0)) * rush * (0.08 * tick.mood).exp());
    work
}
