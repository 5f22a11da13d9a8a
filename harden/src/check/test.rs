//! The kinds of test: one file for each, one line for each in the three lists below.

use super::expect::{Expect, Unit};
use super::level::{Level, Profile};
use super::outcome::Outcome;
use super::{
    account, audit_rule, file_mode, kernel_module, mount_option, one_of, open_ports, package, pam_module,
    presence, setting, sysctl, unit,
};
use hostward_model::{Fact, Facts, Look, Wanted};
use serde::Deserialize;

/// A test with its parameters.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Test {
    Account(account::Account),
    AuditRule(audit_rule::AuditRule),
    FileMode(file_mode::FileMode),
    KernelModule(kernel_module::KernelModule),
    MountOption(mount_option::MountOption),
    OneOf(one_of::OneOf),
    OpenPorts(open_ports::OpenPorts),
    Package(package::Package),
    PamModule(pam_module::PamModule),
    Presence(presence::Presence),
    Setting(setting::Setting),
    Sysctl(sysctl::Sysctl),
    Unit(unit::Unit),
}

impl Test {
    /// The facts that it judges.
    pub fn wants(&self) -> Wanted {
        match self {
            Test::Account(own) => own.wants(),
            Test::AuditRule(_) => areas(&["audit-rules"]),
            Test::FileMode(own) => files(&own.paths),
            Test::KernelModule(_) => areas(&["modprobe"]),
            Test::MountOption(_) => areas(&["mounts", "fstab"]),
            Test::OneOf(_) | Test::Unit(_) => areas(&["units"]),
            Test::OpenPorts(_) => areas(&["listening", "firewall"]),
            Test::Package(_) => areas(&["packages"]),
            Test::PamModule(_) => areas(&["pam"]),
            Test::Presence(own) => files(&own.paths),
            Test::Setting(own) => areas(&[&own.area]),
            Test::Sysctl(own) => own.wants(),
        }
    }

    /// The setting that it expects something of at a level: as `area/key`, what, and how its numbers are written.
    pub fn setting(&self, level: Level) -> Option<(String, &Expect, Unit)> {
        match self {
            Test::Setting(own) => own.asked(level),
            _ => None,
        }
    }

    /// What it says at a level; nothing when the level does not ask for it.
    pub fn judge(&self, facts: &Facts, profile: &Profile) -> Option<Outcome> {
        let level = profile.level;
        match self {
            Test::Account(own) => own.expect.at(level).map(|property| own.judge(facts, *property)),
            Test::AuditRule(own) => own.expect.at(level).map(|_| own.judge(facts)),
            Test::FileMode(own) => own.expect.at(level).map(|mode| own.judge(facts, mode)),
            Test::KernelModule(own) => own.expect.at(level).map(|_| own.judge(facts)),
            Test::MountOption(own) => own.expect.at(level).map(|options| own.judge(facts, options)),
            Test::OneOf(own) => own.expect.at(level).map(|_| own.judge(facts)),
            Test::OpenPorts(own) => own.expect.at(level).map(|_| own.judge(facts)),
            Test::Package(own) => own.expect.at(level).map(|state| own.judge(facts, *state)),
            Test::PamModule(own) => own.expect.at(level).map(|expect| own.judge(facts, expect)),
            Test::Presence(own) => own.expect.at(level).map(|state| own.judge(facts, *state)),
            Test::Setting(own) => own.expect.at(level).map(|expect| own.judge(facts, expect, profile)),
            Test::Sysctl(own) => own.expect.at(level).map(|expect| own.judge(facts, expect)),
            Test::Unit(own) => own.expect.at(level).map(|state| own.judge(facts, *state)),
        }
    }

    /// What is wrong with its parameters, beyond what their types refuse.
    pub fn flaw(&self) -> Option<String> {
        match self {
            Test::FileMode(own) => own.flaw(),
            Test::PamModule(own) => own.expect.values().find_map(|expect| expect.flaw()),
            Test::Setting(own) => own.expect.values().find_map(|expect| expect.flaw()),
            Test::Sysctl(own) => own.expect.values().find_map(|expect| expect.flaw()),
            _ => None,
        }
    }
}

/// What the absence of what a test looks at means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhenAbsent {
    /// There is nothing that it could hold for.
    #[default]
    NotApplicable,
    /// It ought to be there.
    Fail,
    /// All is well.
    Pass,
}

impl WhenAbsent {
    /// The outcome when `what` is not there.
    pub fn outcome(self, what: &str) -> Outcome {
        let observed = |met| vec![super::Observation::without(what, "not on this host", "present", met)];
        match self {
            WhenAbsent::NotApplicable => Outcome::not_applicable(&format!("{what} is not on this host")),
            WhenAbsent::Fail => Outcome::of(observed(false)),
            WhenAbsent::Pass => Outcome::of(observed(true)),
        }
    }
}

/// The facts of an area, or the outcome when there are none to be had.
pub fn area<'f>(facts: &'f Facts, name: &str, when_absent: WhenAbsent) -> Result<&'f [Fact], Outcome> {
    match facts.areas.get(name) {
        Some(Look::Seen(facts)) => Ok(facts),
        Some(Look::Absent(what)) => Err(when_absent.outcome(what)),
        Some(Look::Unseen(gap)) => Err(Outcome::error(&gap.reason)),
        None => Err(Outcome::error(&format!("nobody reads the area {name}"))),
    }
}

fn areas(names: &[&str]) -> Wanted {
    Wanted { areas: names.iter().map(|name| (*name).to_owned()).collect(), ..Wanted::default() }
}

fn files(paths: &[String]) -> Wanted {
    Wanted { files: paths.iter().cloned().collect(), ..Wanted::default() }
}
