//! One fix in one language: what each word of the contract does to a host, measured from beside it.

use super::cases::Case;
use super::tongue::{Ended, Tongue};
use crate::Outcome;
use crate::boot::Host;
use crate::live::scratch::Scratch;
use hostward_harden::fix::{Cause, Fix};
use std::collections::BTreeMap;
use std::time::Instant;

const LOOK: &str = include_str!("look.sh");
/// What has to be there all the time.
const WORKLOAD: [&str; 5] = ["ssh", "nginx", "apache2", "cron", "rsyslog"];
const LOGINS_MAX: usize = 5;
/// Differing lines that are shown.
const SHOWN: usize = 6;

/// Columns of the table; a cell that is not as it should be says how it is.
pub const COLUMNS: [&str; 11] = [
    "fix",
    "language",
    "dry run",
    "verify before",
    "apply",
    "verify after",
    "again",
    "effect",
    "checks",
    "services, login",
    "rollback",
];

/// How a trial went.
pub struct Row {
    cells: Vec<String>,
    holds: bool,
}

impl Row {
    fn new(fix: &Fix, tongue: Tongue) -> Self {
        Row { cells: vec![fix.name.clone(), tongue.name().to_owned()], holds: true }
    }

    /// Notes what was found in the next column.
    fn note(&mut self, found: Result<String, String>) {
        self.holds &= found.is_ok();
        self.cells.push(found.unwrap_or_else(|why| format!("NO: {why}")));
    }

    pub fn holds(&self) -> bool {
        self.holds
    }

    pub fn cells(&self) -> Vec<String> {
        self.cells.clone()
    }

    /// The whole in one line.
    pub fn line(&self) -> String {
        self.cells.join(" | ")
    }
}

/// A script on a host.
struct Trial<'a> {
    host: &'a Host,
    case: &'a Case,
    tongue: Tongue,
    scratch: Scratch,
}

/// Breaks the host, and takes the script through its whole life.
pub fn trial(host: &Host, case: &Case, fix: &Fix, tongue: Tongue) -> Outcome<Row> {
    let own = Trial { host, case, tongue, scratch: Scratch::new("remedy")? };
    own.begin(fix)?;
    let mut row = Row::new(fix, tongue);
    let effect_before = own.effect()?;
    let checks_before = own.checks()?;
    let broken = own.look()?;
    let ran = own.run("dry-run")?;
    let rehearsed = own.look()?;
    row.note(ended(&ran, 0).and_then(|said| same(&broken, &rehearsed, &said)));
    row.note(ended(&own.run("verify")?, 1));
    let begun = Instant::now();
    let applied = own.run("apply")?;
    row.note(
        ended(&applied, 0)
            .and_then(|_| changed(&applied, true))
            .map(|_| format!("{:.1} s", begun.elapsed().as_secs_f64())),
    );
    row.note(ended(&own.run("verify")?, 0));
    let mended = own.look()?;
    let again = own.run("apply")?;
    let twice = own.look()?;
    row.note(
        ended(&again, 0).and_then(|_| changed(&again, false)).and_then(|said| same(&mended, &twice, &said)),
    );
    row.note(from_to(effect_before, own.effect()?));
    row.note(mended_checks(&checks_before, &own.checks()?));
    row.note(own.alive());
    let ran = own.run("rollback")?;
    let residue = same(&broken, &own.look()?, "0 differ");
    row.note(ended(&ran, 0).and_then(|_| {
        if fix.reversible { residue } else { residue.or_else(|why| Ok(format!("not reversible: {why}"))) }
    }));
    own.host.must(case.after)?;
    Ok(row)
}

impl Trial<'_> {
    /// Breaks the host, and writes down what mends it.
    fn begin(&self, fix: &Fix) -> Outcome<()> {
        let said = self.host.must(self.case.breaks)?;
        let given =
            said.lines().filter_map(|line| line.split_once('=')).chain(self.case.values.iter().copied());
        let values: BTreeMap<_, _> = given.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let cause = Cause { id: "e2e".to_owned(), version: "e2e".to_owned(), lines: Vec::new() };
        self.tongue.write(self.host, &self.scratch, fix, &cause, &values)
    }

    fn run(&self, mode: &str) -> Outcome<Ended> {
        self.tongue.run(self.host, &self.scratch, mode)
    }

    fn look(&self) -> Outcome<String> {
        self.host.shell(LOOK).map(|ran| ran.text)
    }

    fn effect(&self) -> Outcome<bool> {
        Ok(self.host.shell(self.case.effect)?.code == 0)
    }

    /// Exit codes of `hostward audit` for each check.
    fn checks(&self) -> Outcome<Vec<(&'static str, i32)>> {
        let code =
            |id: &&'static str| Ok((*id, self.host.shell(&format!("hostward audit --check {id}"))?.code));
        self.case.checks.iter().map(code).collect()
    }

    /// Services run, and somebody outside can log in anew.
    fn alive(&self) -> Result<String, String> {
        let dead = |unit: &&&str| {
            !self.host.shell(&format!("systemctl is-active -q {unit}")).is_ok_and(|ran| ran.code == 0)
        };
        let dead: Vec<_> = WORKLOAD.iter().filter(dead).copied().collect();
        // What is reloaded does not listen for a moment.
        let login = (0..LOGINS_MAX).any(|_| self.host.lets_in());
        match (dead.is_empty(), login) {
            (true, true) => Ok(format!("{0}/{0}, yes", WORKLOAD.len())),
            (_, login) => Err(format!("dead: {}; login: {login}", dead.join(" "))),
        }
    }
}

fn ended(ran: &Ended, expected: i32) -> Result<String, String> {
    let Ended { code, last, .. } = ran;
    if *code == expected { Ok(code.to_string()) } else { Err(format!("ended with {code}, {last}")) }
}

/// What Ansible says of it is true, where Ansible ran it.
fn changed(ran: &Ended, expected: bool) -> Result<String, String> {
    match ran.changed {
        Some(changed) if changed != expected => Err(format!("changed: {changed}")),
        Some(changed) => Ok(format!("{}, changed: {changed}", ran.code)),
        None => Ok(ran.code.to_string()),
    }
}

/// Nothing differs; says how much and what otherwise.
fn same(before: &str, after: &str, well: &str) -> Result<String, String> {
    let lines = |a: &str, b: &str, sign: &str| -> Vec<String> {
        let other: std::collections::BTreeSet<_> = b.lines().collect();
        a.lines().filter(|line| !other.contains(line)).map(|line| format!("{sign}{line}")).collect()
    };
    let differing = [lines(before, after, "-"), lines(after, before, "+")].concat();
    match differing.len() {
        0 => Ok(well.to_owned()),
        count => Err(format!(
            "{count} differ: {}",
            differing.into_iter().take(SHOWN).collect::<Vec<_>>().join("; ")
        )),
    }
}

fn from_to(before: bool, after: bool) -> Result<String, String> {
    let word = |holds: bool| if holds { "pass" } else { "fail" };
    let said = format!("{} → {}", word(before), word(after));
    if !before && after { Ok(said) } else { Err(said) }
}

fn mended_checks(before: &[(&str, i32)], after: &[(&str, i32)]) -> Result<String, String> {
    let pairs = || before.iter().zip(after).map(|((id, before), (_, after))| (id, *before == 1, *after == 0));
    let wrong: Vec<_> = pairs().filter(|(_, failed, passes)| !failed || !passes).collect();
    match wrong.as_slice() {
        [] if before.is_empty() => Ok("–".to_owned()),
        [] => Ok(format!("{} fail → pass", before.len())),
        wrong => Err(wrong
            .iter()
            .map(|(id, failed, passes)| format!("{id} fails before: {failed}, passes after: {passes}"))
            .collect::<Vec<_>>()
            .join("; ")),
    }
}
