//! `cargo xtask faults`: real faults on this host, and what the agent says of each, how soon.
//!
//! The release build watches at 1 s. After a warm-up each kind of fault happens once, one after the other, and then
//! all again. Everything is bounded and ends with the command.

mod cause;
mod kind;
mod named;
mod place;
mod trial;
mod worker;

use crate::live::agent::{Agent, Setup, build};
use crate::live::scrape::{each_second, scrape};
use crate::options::Options;
use crate::{Outcome, table};
use kind::{KINDS, Kind};
use place::Place;
use std::path::Path;
use trial::Told;

const HEAD: [&str; 7] = [
    "fault",
    "detected",
    "median delay",
    "rules that fired",
    "cause named first",
    "of them right",
    "loudest series",
];

/// Lets the faults happen and prints a row for each kind.
pub fn run(options: &Options) -> Outcome<()> {
    options.only(&["times", "kind", "warm-up"])?;
    let (times, warm_up) = (options.number("times", 3_u64)?, options.number("warm-up", 10_u64)?);
    let kinds = chosen(options)?;
    let (binary, place) = (build()?, Place::new()?);
    println!("load average before: {}", load()?);
    let usual = start(&binary, &place, "agent", Vec::new())?;
    let shifted = match place.clock_environment() {
        Ok(environment) => Some(start(&binary, &place, "shifted", environment)?),
        Err(why) => {
            println!("clock-step is skipped: {why}");
            None
        }
    };
    eprintln!("warming up for {warm_up} min");
    warm(&[Some(&usual), shifted.as_ref()], warm_up)?;
    let mut told: Vec<(&str, Vec<Told>)> = kinds.iter().map(|kind| (kind.name, Vec::new())).collect();
    for _ in 0..times {
        for (kind, (_, told)) in kinds.iter().zip(&mut told) {
            let agent = if kind.moves_clock { shifted.as_ref() } else { Some(&usual) };
            told.extend(agent.map(|agent| trial::run(kind, agent, &place)).transpose()?);
        }
    }
    println!("load average after: {}\n", load()?);
    let rows: Vec<_> = told.iter().map(|(name, told)| row(name, told)).collect();
    println!("{}", table::markdown(&HEAD, &rows));
    println!("{}", summary(&told.iter().flat_map(|(_, told)| told).collect::<Vec<_>>()));
    Ok(())
}

/// Scrapes agents from their start on, so that a scrape is nothing new to them later.
fn warm(agents: &[Option<&Agent>], minutes: u64) -> Outcome<()> {
    let connections = agents.iter().flatten().map(|agent| agent.connect());
    let mut connections = connections.collect::<Outcome<Vec<_>>>()?;
    each_second(minutes, || connections.iter_mut().try_for_each(|own| scrape(own).map(drop)))
}

fn chosen(options: &Options) -> Outcome<Vec<&'static Kind>> {
    let Some(names) = options.text("kind") else { return Ok(KINDS.iter().collect()) };
    let known: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
    let find = |name: &str| {
        let found = KINDS.iter().find(|kind| kind.name == name);
        found.ok_or_else(|| format!("no such fault: {name:?}; known are: {}", known.join(" ")))
    };
    names.split(',').map(find).collect()
}

fn start(binary: &Path, place: &Place, name: &str, environment: Vec<(&str, String)>) -> Outcome<Agent> {
    let (state_dir, config) = (place.scratch().join(name), place.config());
    let setup = Setup { binary, state_dir: &state_dir, config: Some(&config), interval_s: 1 };
    Agent::start_in(&setup, environment)
}

fn load() -> Outcome<String> {
    std::fs::read_to_string("/proc/loadavg")
        .map(|text| text.trim().to_owned())
        .map_err(|error| format!("/proc/loadavg: {error}"))
}

fn row(name: &str, told: &[Told]) -> Vec<String> {
    let all: Vec<_> = told.iter().collect();
    let (detected, delay, right) = counts(&all);
    let named = told.iter().filter_map(|told| told.named.as_ref()).map(|named| match named.joined {
        true => format!("`{}` (in an incident that went on)", named.series),
        false => format!("`{}`", named.series),
    });
    vec![
        name.to_owned(),
        format!("{detected}/{}", told.len()),
        delay,
        distinct(told.iter().flat_map(|told| told.alerts.iter().cloned())),
        distinct(named),
        format!("{right} of {}", told.len()),
        distinct(told.iter().filter_map(|told| told.loudest.clone())),
    ]
}

fn summary(told: &[&Told]) -> String {
    let (detected, delay, right) = counts(told);
    format!("{detected} of {} faults seen, median delay {delay}, cause right in {right}", told.len())
}

/// How many were seen, the median delay, and how often the cause was right.
fn counts(told: &[&Told]) -> (usize, String, usize) {
    let mut delays: Vec<_> = told.iter().filter_map(|told| told.delay_s).collect();
    delays.sort_by(f64::total_cmp);
    let median = delays.get(delays.len() / 2).map_or("-".to_owned(), |seconds| format!("{seconds:.1} s"));
    (delays.len(), median, told.iter().filter(|told| told.right).count())
}

/// Each once, in a cell of a table.
fn distinct(words: impl Iterator<Item = String>) -> String {
    let words: std::collections::BTreeSet<_> = words.map(|word| word.replace('|', "\\|")).collect();
    words.into_iter().collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use named::Named;

    fn told(delay_s: Option<f64>, right: bool) -> Told {
        Told {
            delay_s,
            loudest: delay_s.map(|_| "`x` 99.9 %".to_owned()),
            named: delay_s.map(|_| Named { series: "x".to_owned(), joined: !right }),
            right,
            alerts: vec!["Busy{}".to_owned()],
        }
    }

    #[test]
    fn a_row_counts_what_was_detected() {
        let row = row("cpu", &[told(Some(3.0), true), told(None, false), told(Some(9.0), true)]);
        assert_eq!(row, ["cpu", "2/3", "9.0 s", "Busy{}", "`x`", "2 of 3", "`x` 99.9 %"]);
    }

    #[test]
    fn the_sum_is_over_all_kinds() {
        let all = [told(Some(3.0), true), told(None, false), told(Some(9.0), false), told(Some(4.0), true)];
        let all: Vec<_> = all.iter().collect();
        assert_eq!(summary(&all), "3 of 4 faults seen, median delay 4.0 s, cause right in 2");
        assert_eq!(summary(&[]), "0 of 0 faults seen, median delay -, cause right in 0");
    }
}
