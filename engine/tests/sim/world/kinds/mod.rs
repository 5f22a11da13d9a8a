//! The ten kinds of hosts, one file each.

mod backup;
mod batch;
mod database;
mod deploys;
mod laptop;
mod leak;
mod month_end;
mod neighbour;
mod ordinary;
mod web;
mod weekly;

use super::fault::Fault;
use super::moment::Moment;
use super::random::Random;
use super::work::Work;

/// A host's habits.
pub struct Kind {
    pub name: &'static str,
    /// What it is asked to do at a moment.
    pub work: fn(&mut Tick<'_>) -> Work,
    /// What goes wrong with it.
    pub faults: &'static [Fault],
    /// Days that it must be known before its habits are; what is slow takes longer.
    pub habit_days: u64,
}

/// What a habit may depend on.
pub struct Tick<'a> {
    pub at: Moment,
    /// Which host of its kind it is.
    pub seed: u64,
    /// Wanders slowly around 0, rarely beyond 2.
    pub mood: f64,
    pub random: &'a mut Random,
}

/// All of their habits in one, for a host with many series.
pub const ORDINARY: &Kind = &ordinary::KIND;

pub const KINDS: &[Kind] = &[
    web::KIND,
    batch::KIND,
    database::KIND,
    laptop::KIND,
    backup::KIND,
    weekly::KIND,
    month_end::KIND,
    deploys::KIND,
    leak::KIND,
    neighbour::KIND,
];
