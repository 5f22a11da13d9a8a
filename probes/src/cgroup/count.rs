//! One run over all groups that were found.

use super::columns::{COUNTERS, GAUGES};
use super::figure::{self, ALL};
use super::{Found, Layout};
use crate::roster::Roster;
use crate::{Fault, Host};
use std::hash::{DefaultHasher, Hash, Hasher};

/// The roster that units and containers share.
pub type Counted = Roster<COUNTERS, GAUGES>;

/// Reads every group and adds it under the name that `name` gives; one that makes no sense does not hide the rest.
pub fn count(
    host: &mut Host,
    layout: &Layout,
    groups: &[Found],
    roster: &mut Counted,
    mut name: impl FnMut(&Found) -> String,
) -> Result<(), Fault> {
    let mut first_fault = Ok(());
    roster.begin();
    for group in groups {
        let mut all = [None; ALL];
        let read = figure::read(host, layout, &group.path, &mut all);
        // One that went away between the look and the reading has no figures at all.
        if all.iter().any(Option::is_some) {
            let (counters, gauges) = split(&all);
            roster.add((group.inode, hash(&group.path)), &name(group), counters, gauges);
        }
        first_fault = first_fault.and(read);
    }
    roster.finish();
    first_fault
}

fn split(all: &figure::Figures) -> ([Option<u64>; COUNTERS], [Option<u64>; GAUGES]) {
    (std::array::from_fn(|index| all[index]), std::array::from_fn(|index| all[COUNTERS + index]))
}

fn hash(path: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    hasher.finish()
}
