//! `cargo xtask crash`: kill -9 at random moments, and nothing that was told may be forgotten.
//!
//! Rules on the clock make twenty alerts go through their lives every eleven seconds. A reader scrapes as fast as
//! it can, on a machine whose CPUs are all busy, and remembers each state that it was shown. After each kill the
//! next agent's own record of transitions must explain all of it.

mod load;
pub(crate) mod random;
mod record;
mod witness;

use crate::live::agent::{Agent, Setup, build};
use crate::live::scrape::now_ms;
use crate::live::scratch::Scratch;
use crate::live::socket::ask;
use crate::options::Options;
use crate::{Outcome, table};
use load::Load;
use random::Random;
use record::Record;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;
use witness::{Seen, Witness};

/// How long an agent lives before it is killed.
const LIFE_MS: std::ops::Range<u64> = 300..5000;
const RULES: usize = 20;

/// What all the kills did.
#[derive(Default)]
struct Tally {
    restarts_ms: Vec<u128>,
    shown: usize,
    lost: Vec<String>,
}

/// Kills the agent again and again, then says what was lost and how long it took to be back.
pub fn run(options: &Options) -> Outcome<()> {
    options.only(&["times", "seed"])?;
    let times = options.number("times", 200_usize)?;
    let seed = options.number("seed", now_ms() as u64)?;
    println!("{times} times kill -9, seed {seed}");
    let (binary, scratch) = (build()?, Scratch::new("crash")?);
    let config = write_config(scratch.path())?;
    let state_dir = scratch.path().join("state");
    let setup = Setup { binary: &binary, state_dir: &state_dir, config: Some(&config), interval_s: 1 };
    let load = Load::start();
    let tally = storm(&setup, times, &mut Random::new(seed));
    drop(load);
    report(&tally?, times)
}

fn storm(setup: &Setup<'_>, times: usize, random: &mut Random) -> Outcome<Tally> {
    let mut tally = Tally::default();
    let mut agent = Agent::start(setup)?;
    let mut known = Witness::default();
    for time in 1..=times {
        let (life, before) = (Duration::from_millis(random.between(LIFE_MS)), known);
        let reader = witness::watch(agent.address, before);
        std::thread::sleep(life);
        agent.kill()?;
        known = reader.join().map_err(|_| "the reader failed")?;
        wait_for_next_second();
        agent = Agent::start(setup)?;
        tally.restarts_ms.push(agent.started_in.as_millis());
        judge(
            &mut tally,
            time,
            &known.take_seen(),
            &Record::read(&ask(setup.state_dir, "transitions?limit=1000")?)?,
        );
    }
    Ok(tally)
}

fn judge(tally: &mut Tally, time: usize, seen: &[Seen], record: &Record) {
    tally.shown += seen.len();
    for one in seen.iter().filter(|one| !record.explains(one)) {
        let lost = format!("kill {time}: {one}; the record has: {}", record.history(&one.alert));
        eprintln!("LOST {lost}");
        tally.lost.push(lost);
    }
}

/// The record knows whole seconds; what the next agent writes must lie in another one than what this one told.
fn wait_for_next_second() {
    let rest_ms = 1000 - now_ms().rem_euclid(1000) as u64;
    std::thread::sleep(Duration::from_millis(rest_ms));
}

fn write_config(dir: &Path) -> Outcome<PathBuf> {
    let (rules, config) = (dir.join("rules"), dir.join("hostward.toml"));
    let text = format!(
        "[rules]\nbuiltin = false\ndirs = [{:?}]\nevaluation = \"1s\"\n",
        rules.display().to_string()
    );
    std::fs::create_dir_all(&rules)
        .and_then(|()| std::fs::write(rules.join("flip.yml"), flipping_rules()))
        .and_then(|()| std::fs::write(&config, text))
        .map_err(|error| format!("{}: {error}", dir.display()))?;
    Ok(config)
}

/// Each alert is pending for two seconds, fires for about four and is gone for five.
fn flipping_rules() -> String {
    let mut text = String::from("groups:\n- name: flip\n  interval: 1s\n  rules:\n");
    for index in 0..RULES {
        let _ = writeln!(
            text,
            "  - {{alert: Flip{index:02}, expr: '(node_time_seconds + {index}) % 11 < 6', for: 2s}}"
        );
    }
    text
}

fn report(tally: &Tally, times: usize) -> Outcome<()> {
    let mut restarts = tally.restarts_ms.clone();
    restarts.sort_unstable();
    let at = |index: usize| restarts.get(index).map_or_else(|| "-".to_owned(), |ms| format!("{ms} ms"));
    let rows = vec![
        vec!["exported changes of alerts seen".to_owned(), tally.shown.to_string()],
        vec![format!("lost in {times} times kill -9"), tally.lost.len().to_string()],
        vec!["restart to first metrics, median".to_owned(), at(restarts.len() / 2)],
        vec!["restart to first metrics, most".to_owned(), at(restarts.len().saturating_sub(1))],
    ];
    println!("{}", table::markdown(&["figure", "value"], &rows));
    match (tally.lost.len(), tally.shown) {
        (0, 0) => Err("no alert was ever exported, so nothing was tested".to_owned()),
        (0, _) => Ok(()),
        (lost, _) => Err(format!("{lost} exported changes are not in the record")),
    }
}
