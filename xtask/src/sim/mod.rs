//! `cargo xtask sim`: simulated hosts of ten kinds before the detector, with faults at known times.
//!
//! The hosts are those of the engine's tests, which live shorter.

#[expect(dead_code, reason = "the engine's tests use more of it")]
#[path = "../../../engine/tests/sim/world/mod.rs"]
pub(crate) mod world;

use crate::options::Options;
use crate::{Outcome, table};
use std::ops::Range;
use world::kinds::{KINDS, Kind, ORDINARY};
use world::machine::Size;
use world::shares::Shares;
use world::told::{self, Told};
use world::trial::{self, Life, Report};

const STEP_S: u64 = 60;
const HEAD: [&str; 7] = [
    "host",
    "score once a week",
    "faults above it",
    "median delay",
    "alerts: faults",
    "false in weeks",
    "below the score; without an alert",
];

/// Runs all kinds, or the one that is named, and prints a row for each seed and one for all of them.
pub fn run(options: &Options) -> Outcome<()> {
    options.only(&["seeds", "from", "days", "kind"])?;
    let (count, days) = (options.number("seeds", 3_u64)?, options.number("days", 14_u64)?);
    let from = options.number("from", 1_u64)?;
    let seeds = from..from + count;
    let named = |kind: &&Kind| options.text("kind").is_none_or(|name| name == kind.name);
    let kinds: Vec<_> = KINDS.iter().filter(named).collect();
    if kinds.is_empty() && options.text("kind") != Some(ORDINARY.name) {
        let known: Vec<_> = KINDS.iter().chain([ORDINARY]).map(|kind| kind.name).collect();
        return Err(format!("no such kind of host; known are: {}", known.join(", ")));
    }
    let rows: Vec<_> = kinds.iter().flat_map(|kind| rows(kind, seeds.clone(), days)).collect();
    println!("{}", table::markdown(&HEAD, &rows));
    if options.text("kind").is_none_or(|name| name == ORDINARY.name) {
        seeds.for_each(ordinary);
    }
    Ok(())
}

fn rows(kind: &'static Kind, seeds: Range<u64>, days: u64) -> Vec<Vec<String>> {
    let weeks = (kind.habit_days + days) as f64 / 7.0;
    let (mut all, mut told, count) = (Report::default(), Told::default(), seeds.end - seeds.start);
    let mut rows = Vec::new();
    for seed in seeds {
        let life = Life { seed, step_s: STEP_S, days, faults: true };
        let (report, heard) = (trial::run(kind, Size::SMALL, life), told::run(kind, Size::SMALL, life));
        rows.push(row(format!("{}, seed {seed}", kind.name), &report, &heard, weeks));
        all += report;
        told += heard;
    }
    rows.push(row(format!("{}, all seeds", kind.name), &all, &told, count as f64 * weeks));
    rows
}

fn row(name: String, report: &Report, told: &Told, weeks: f64) -> Vec<String> {
    let level = report.weekly_level();
    let mut delays: Vec<_> = report.seen.iter().filter_map(|seen| seen.delay(level)).collect();
    delays.sort_unstable();
    let below = report.seen.iter().filter(|seen| seen.delay(level).is_none()).map(|seen| seen.fault.name());
    let silent = told.answers.iter().filter(|answer| !answer.fits).map(|answer| answer.fault.name());
    let heard = told.answers.iter().filter(|answer| answer.fits).count();
    vec![
        name,
        format!("{level:.3}"),
        format!("{} of {}", delays.len(), report.seen.len()),
        delays.get(delays.len() / 2).map_or("-".to_owned(), |minutes| format!("{minutes} min")),
        format!("{heard} of {}", told.answers.len()),
        format!("{} in {weeks:.1}", told.false_alarms.len()),
        format!("{}; {}", names(below), names(silent)),
    ]
}

/// Names with how often each is there.
fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut counts = std::collections::BTreeMap::new();
    names.for_each(|name| *counts.entry(name).or_insert(0) += 1);
    let named: Vec<_> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
    if named.is_empty() { "none".to_owned() } else { named.join(", ") }
}

/// Three ordinary weeks of a thousand series from the first minute on, then the same with faults.
fn ordinary(seed: u64) {
    let quiet = Life { seed, step_s: STEP_S, days: 21, faults: false };
    let told = told::run(ORDINARY, Size::LARGE, quiet);
    let mut weeks = [0; 3];
    told.false_alarms.iter().for_each(|alarm| weeks[(alarm.minute / 10_080).min(2) as usize] += 1);
    println!(
        "1,000 series, seed {seed}: {} incidents in three ordinary weeks, alerts in each: {weeks:?}",
        told.incidents
    );
    for alarm in &told.false_alarms {
        println!("  minute {}: {}", alarm.minute, alarm.named);
    }
    let told = told::run(ORDINARY, Size::LARGE, Life { faults: true, ..quiet });
    let heard = told.answers.iter().filter(|answer| answer.fits).count();
    println!(
        "  with {} faults: {heard} alerted, {} false alarms",
        told.answers.len(),
        told.false_alarms.len()
    );
    told.answers.iter().for_each(|answer| println!("  {answer}"));
}

/// Calibration over so many weeks of each kind without faults, of series that move and of all.
pub(crate) fn quiet_weeks(weeks: u64) -> (Shares, Shares) {
    let mut report = Report::default();
    for kind in KINDS {
        let life = Life { seed: 1, step_s: STEP_S, days: 7 * weeks, faults: false };
        report += trial::run(kind, Size::SMALL, life);
    }
    (report.moving, report.all)
}
