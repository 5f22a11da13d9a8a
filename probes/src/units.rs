//! What each systemd unit uses: processor, memory, disks, tasks, and how long it waited.
//!
//! Services and scopes; a slice is the sum of its units. Units that come in numbers
//! (sessions, runs, instances by connection) are told under the name of their family.

mod columns;
mod family;
#[cfg(test)]
mod tests;

use crate::cgroup::{self, Counted, Layout, MOUNT, Step, figure};
use crate::roster::{Measure, OTHER};
use crate::{Fault, Host, Preset, Probe, Setting, Settings, Spec};
pub(crate) use family::family;
use hostward_model::Batch;

pub static SPEC: Spec = Spec {
    name: "units",
    about: "processor time, memory, disk traffic, tasks and pressure of each systemd unit, from its control group",
    doc: "admin-guide/cgroup-v2.rst, admin-guide/cgroup-v1",
    reads: &[MOUNT],
    metrics: columns::METRICS,
    every_ms: 10_000,
    settings: &[Setting {
        name: "top",
        about: "How many units have series of their own, by processor time and memory; the rest is summed under `other`.",
        default: Preset::Number(50),
    }],
    start: |settings| Box::new(Units::new(settings)),
    ..Spec::ASIDE
};

/// What makes a unit or container large.
pub(crate) static MEASURES: [Measure; 2] = [
    Measure::Increase(&[figure::CPU_USER, figure::CPU_SYSTEM]),
    Measure::Level(figure::MEMORY_NOW - figure::COUNTERS),
];

/// Unit types that run something; the commands of a mount or socket are over in a moment.
const KINDS: [&str; 2] = [".service", ".scope"];

struct Units {
    roster: Counted,
}

impl Units {
    fn new(settings: &Settings) -> Self {
        Units { roster: Counted::new(settings.number("top"), &MEASURES) }
    }
}

impl Probe for Units {
    fn collect(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
        let layout = Layout::of(host)?;
        let groups = cgroup::find(host, &layout, |_, name| step(name), out);
        if groups.is_empty() {
            return Err(Fault::Missing { what: format!("units of systemd below {}", layout.tree()) });
        }
        let result = cgroup::count(host, &layout, &groups, &mut self.roster, |group| family(group.name()));
        for row in self.roster.rows() {
            let name = if row.is_rest { OTHER } else { row.name };
            cgroup::push(columns::COLUMNS, &row, &[name], out);
            if row.count > 0 {
                out.push(&columns::GROUPS, &[name], row.count as f64);
            }
        }
        result
    }
}

fn step(name: &str) -> Step {
    if KINDS.iter().any(|kind| name.ends_with(kind)) {
        Step::Take
    } else if name.ends_with(".slice") {
        Step::Into
    } else {
        Step::Past
    }
}
