//! `cargo xtask bench load`: what a crowded host costs beside a quiet one.
//!
//! The crowd is real: processes that sleep, tmpfs mounts, TCP connections on loopback. It comes in two halves, so
//! that growth that is worse than linear shows.

mod crowd;

use crate::live::agent::{Agent, Setup, build};
use crate::live::process::{cpu_seconds, memory};
use crate::live::scrape::{samples, scrape, series};
use crate::live::scratch::Scratch;
use crate::options::Options;
use crate::{Outcome, table};
use crowd::Crowd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The whole crowd.
const PROCESSES: usize = 2000;
const MOUNTS: usize = 500;
const SOCKETS: usize = 5000;
/// After a change: new series are learnt, slow probes have their turn.
const SETTLE: Duration = Duration::from_secs(20);
/// The bound on series that the last agent is given; the crowded host has more.
const SERIES_MAX: usize = 1000;

/// What the agent costs at one size of the crowd.
struct Cost {
    cpu_ms: f64,
    rss_mib: f64,
    series: usize,
    missed: f64,
}

/// Measures and prints; fails when a tick is missed, growth is worse than linear, or the bound does not hold.
pub fn run(options: &Options) -> Outcome<()> {
    options.only(&["seconds"])?;
    let window = Duration::from_secs(options.number("seconds", 60_u64)?);
    let (binary, scratch) = (build()?, Scratch::new("load")?);
    let agent = start(&binary, &scratch.path().join("agent"), None)?;
    let mut crowd = Crowd::new(scratch.path())?;
    let mut costs = vec![cost(&agent, window)?];
    for _ in 0..2 {
        crowd.grow(PROCESSES / 2, MOUNTS / 2, SOCKETS / 2)?;
        costs.push(cost(&agent, window)?);
    }
    println!("{}", shown(&costs));
    let bounded = bounded(&binary, &scratch)?;
    println!("series_max = {SERIES_MAX}: {bounded} series on the page, the rest refused and counted");
    linear(&costs)
}

fn start(binary: &Path, state_dir: &Path, config: Option<&PathBuf>) -> Outcome<Agent> {
    Agent::start(&Setup { binary, state_dir, config: config.map(PathBuf::as_path), interval_s: 1 })
}

fn cost(agent: &Agent, window: Duration) -> Outcome<Cost> {
    std::thread::sleep(SETTLE);
    let (before, begun) = (cpu_seconds(agent.pid())?, Instant::now());
    std::thread::sleep(window);
    let cpu_ms = (cpu_seconds(agent.pid())? - before) / begun.elapsed().as_secs_f64() * 1000.0;
    let rss_mib = memory(agent.pid())?.rss as f64 / f64::from(1 << 20);
    let page = scrape(&mut agent.connect()?)?;
    let missed = samples(&page, "hostward_ticks_missed_total").map(|sample| sample.value).sum();
    Ok(Cost { cpu_ms, rss_mib, series: series(&page), missed })
}

fn shown(costs: &[Cost]) -> String {
    let row = |(halves, cost): (usize, &Cost)| {
        let of = |all: usize| (all * halves / 2).to_string();
        let cpu = format!("{:.2} ms", cost.cpu_ms);
        let (rss, missed) = (format!("{:.1} MiB", cost.rss_mib), cost.missed.to_string());
        vec![of(PROCESSES), of(MOUNTS), of(SOCKETS), cost.series.to_string(), cpu, rss, missed]
    };
    let rows: Vec<_> = costs.iter().enumerate().map(row).collect();
    let head = [
        "more processes",
        "more mounts",
        "more sockets",
        "series",
        "CPU of a tick at 1 s",
        "RSS",
        "missed ticks",
    ];
    table::markdown(&head, &rows)
}

/// The second half may cost what the first one did, and half as much again for noise.
fn linear(costs: &[Cost]) -> Outcome<()> {
    let [quiet, half, full] = costs else { return Err("three costs are compared".to_owned()) };
    let grows = |cost: fn(&Cost) -> f64| {
        let (first, second) = (cost(half) - cost(quiet), cost(full) - cost(half));
        second <= (1.5 * first).max(0.1 * cost(quiet))
    };
    let missed = full.missed - quiet.missed;
    match (grows(|cost| cost.cpu_ms), grows(|cost| cost.rss_mib), missed) {
        (_, _, missed) if missed > 0.0 => Err(format!("{missed} ticks were missed")),
        (true, true, _) => Ok(()),
        (cpu, rss, _) => Err(format!("worse than linear: CPU {}, RSS {}", !cpu, !rss)),
    }
}

/// On the crowded host, with a low bound.
fn bounded(binary: &Path, scratch: &Scratch) -> Outcome<usize> {
    // In a directory of its own: the agent watches it.
    let (dir, text) = (scratch.path().join("etc"), format!("[engine]\nseries_max = {SERIES_MAX}\n"));
    let config = dir.join("bounded.toml");
    let written = std::fs::create_dir_all(&dir).and_then(|()| std::fs::write(&config, text));
    written.map_err(|error| format!("{}: {error}", config.display()))?;
    let agent = start(binary, &scratch.path().join("bounded"), Some(&config))?;
    std::thread::sleep(SETTLE);
    let page = scrape(&mut agent.connect()?)?;
    // What hostward says of itself is beside the bound.
    let own = ["hostward_", "process_", "node_scrape_", "node_exporter_"];
    let of_host = page.iter().filter(|family| !own.iter().any(|start| family.name.starts_with(start)));
    let count = of_host.map(|family| family.samples.len()).sum();
    let refused: f64 = samples(&page, "hostward_series_refused_total").map(|sample| sample.value).sum();
    match (count <= SERIES_MAX, refused > 0.0) {
        (true, true) => Ok(count),
        _ => Err(format!("{count} series with a bound of {SERIES_MAX}, {refused} refused")),
    }
}
