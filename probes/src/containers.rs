//! What each container uses, found by its control group: no daemon is asked.
//!
//! Docker, Podman, containerd and CRI-O with and without Kubernetes, LXC, and the machines of systemd and libvirt. The
//! label is the container's name where a file that may be read tells it, otherwise the first 12 digits of its number.

mod columns;
mod label;
mod recognise;
#[cfg(test)]
mod tests;

use crate::cgroup::{self, Counted, Layout, MOUNT, Step};
use crate::roster::OTHER;
use crate::units::MEASURES;
use crate::{Fault, Host, Preset, Probe, Setting, Settings, Spec};
use hostward_model::Batch;
use label::Labels;
use recognise::recognise;

pub static SPEC: Spec = Spec {
    name: "containers",
    about: "processor time, memory, disk traffic, tasks and pressure of each container, from its control group",
    doc: "admin-guide/cgroup-v2.rst, admin-guide/cgroup-v1",
    reads: &[MOUNT, label::DOCKER, label::PODMAN, label::KUBERNETES],
    metrics: columns::METRICS,
    every_ms: 10_000,
    settings: &[Setting {
        name: "top",
        about: "How many containers have series of their own, by processor time and memory; the rest is summed under `other`.",
        default: Preset::Number(50),
    }],
    start: |settings| Box::new(Containers::new(settings)),
    ..Spec::ASIDE
};

struct Containers {
    roster: Counted,
    labels: Labels,
}

impl Containers {
    fn new(settings: &Settings) -> Self {
        Containers { roster: Counted::new(settings.number("top"), &MEASURES), labels: Labels::default() }
    }
}

impl Probe for Containers {
    fn collect(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
        let layout = Layout::of(host)?;
        let groups = cgroup::find(host, &layout, step, out);
        if groups.is_empty() && self.roster.rows().next().is_none() {
            return Err(Fault::Missing { what: format!("containers below {}", layout.tree()) });
        }
        let mut names = self.labels.of(host, &groups, out).into_iter();
        let name = |_: &cgroup::Found| names.next().unwrap_or_default();
        let result = cgroup::count(host, &layout, &groups, &mut self.roster, name);
        for row in self.roster.rows() {
            let (runtime, container) = match row.name.split_once(label::SEPARATOR) {
                Some(both) if !row.is_rest => both,
                _ => (OTHER, OTHER),
            };
            cgroup::push(columns::COLUMNS, &row, &[container, runtime], out);
            if row.count > 0 {
                out.push(&columns::GROUPS, &[container, runtime], row.count as f64);
            }
        }
        result
    }
}

fn step(above: &str, name: &str) -> Step {
    if recognise(above, name).is_some() {
        Step::Take
    } else if recognise::watches(name) {
        Step::Past
    } else {
        Step::Into
    }
}
