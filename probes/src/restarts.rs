//! Units that failed, and services that systemd started again.

use crate::roster::{Measure, Roster};
use crate::systemctl;
use crate::units::family;
use crate::{Fault, Host, Preset, Probe, Setting, Settings, Spec};
use hostward_model::{Batch, Metric};
use std::hash::{DefaultHasher, Hash, Hasher};

static FAILED_UNITS: Metric =
    Metric::gauge("hostward_units_failed", "Units of systemd that are in the state failed.", &[]);
static FAILED: Metric = Metric::gauge(
    "hostward_unit_failed",
    "A unit of systemd that is in the state failed; the value is always 1.",
    &["unit"],
);
static RESTARTS: Metric = Metric::counter(
    "hostward_unit_restarts_total",
    "Times that systemd started a service again by itself.",
    &["unit"],
);

const FAILED_ARGS: [&str; 6] = ["list-units", "--all", "--state=failed", "--plain", "--no-legend", "--full"];
/// A service that is not in use has nothing to be started again.
const SERVICES_ARGS: [&str; 4] = [
    "show",
    "*.service",
    "--state=active,activating,deactivating,reloading,failed",
    "--property=Id,NRestarts,Restart",
];
/// Failed units that are told by name; all are counted.
const FAILED_MAX: usize = 50;

static MEASURES: [Measure; 1] = [Measure::Increase(&[0])];

pub static SPEC: Spec = Spec {
    name: "restarts",
    about: "systemd units that failed, and services that were started again",
    doc: "systemctl(1)",
    reads: &[systemctl::BOOTED],
    metrics: &[&FAILED_UNITS, &FAILED, &RESTARTS],
    every_ms: 60_000,
    deadline_ms: systemctl::DEADLINE_MS,
    settings: &[Setting {
        name: "top",
        about: "How many services have series of their own, by restarts; the rest is summed under `other`.",
        default: Preset::Number(50),
    }],
    start: |settings| Box::new(Restarts::new(settings)),
    ..Spec::ASIDE
};

struct Restarts {
    roster: Roster<1, 0>,
}

impl Restarts {
    fn new(settings: &Settings) -> Self {
        Restarts { roster: Roster::new(settings.number("top"), &MEASURES) }
    }

    /// systemd sets the count back to nothing when an administrator starts the service; it goes on from there.
    fn services(&mut self, answer: &str, out: &mut Batch) {
        self.roster.begin();
        for unit in systemctl::units(answer) {
            // Most services are never started again by themselves; a series for each would say nothing.
            let count = unit.count("NRestarts").filter(|_| unit.text("Restart") != "no");
            if let Some(count) = count {
                self.roster.add((hash(unit.id()), 0), &family(unit.id()), [Some(count)], []);
            }
        }
        self.roster.finish();
        for row in self.roster.rows() {
            if let [Some(count)] = *row.counters {
                out.push(&RESTARTS, &[row.name], count as f64);
            }
        }
    }
}

impl Probe for Restarts {
    fn collect(&mut self, host: &mut Host, out: &mut Batch) -> Result<(), Fault> {
        failed(&systemctl::ask(host, &FAILED_ARGS)?, out);
        self.services(&systemctl::ask(host, &SERVICES_ARGS)?, out);
        Ok(())
    }
}

/// `broken.service loaded failed failed description`, a line for each.
fn failed(answer: &str, out: &mut Batch) {
    let names = || answer.lines().filter_map(|line| line.split_whitespace().next());
    out.push(&FAILED_UNITS, &[], names().count() as f64);
    names().take(FAILED_MAX).for_each(|name| out.push(&FAILED, &[name], 1.0));
    if names().count() > FAILED_MAX {
        out.push_gap("hostward_unit_failed", "more failed units than are told by name", "");
    }
}

fn hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, exposition};
    use expect_test::expect;

    #[test]
    fn failed_units_are_counted_and_named() {
        let parse = |text: &str, out: &mut Batch| {
            failed(text, out);
            Ok(())
        };
        let text =
            "broken.service loaded failed failed broken.service\ndata.mount loaded failed failed /data\n";
        check(
            parse,
            text,
            expect![[r#"
            hostward_units_failed 2
            hostward_unit_failed{unit="broken.service"} 1
            hostward_unit_failed{unit="data.mount"} 1
        "#]],
        );
        check(
            parse,
            "",
            expect![[r#"
            hostward_units_failed 0
        "#]],
        );
        let many: String = (0..60).map(|n| format!("a{n}.service x\n")).collect();
        let mut batch = Batch::new();
        failed(&many, &mut batch);
        assert_eq!((batch.len(), batch.gaps().len()), (51, 1));
    }

    #[test]
    fn a_count_that_was_set_back_goes_on() {
        let mut probe = Restarts::new(&Settings::new(SPEC.settings));
        let mut shown = |answer: &str| {
            let mut batch = Batch::new();
            probe.services(answer, &mut batch);
            exposition(&batch)
        };
        expect![[r#"
            hostward_unit_restarts_total{unit="flappy.service"} 5
            hostward_unit_restarts_total{unit="ok.service"} 0
        "#]]
        .assert_eq(&shown(
            "NRestarts=5\nId=flappy.service\n\nNRestarts=0\nId=ok.service\n\nNRestarts=0\nRestart=no\nId=once.service\n\nId=none.service\n",
        ));
        expect![[r#"
            hostward_unit_restarts_total{unit="flappy.service"} 7
            hostward_unit_restarts_total{unit="ok.service"} 0
        "#]]
        .assert_eq(&shown("NRestarts=7\nId=flappy.service\n\nNRestarts=0\nId=ok.service\n"));
        expect![[r#"
            hostward_unit_restarts_total{unit="flappy.service"} 7
        "#]]
        .assert_eq(&shown("NRestarts=0\nId=flappy.service\n"));
        expect![[r#"
            hostward_unit_restarts_total{unit="flappy.service"} 9
        "#]]
        .assert_eq(&shown("NRestarts=2\nId=flappy.service\n"));
    }
}
