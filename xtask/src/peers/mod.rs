//! `cargo xtask bench peers`: the agent and Debian's node_exporter beside each other, with the same collectors on.
//!
//! Everything is measured in one run on one machine, and what counts is the ratio. The agent has its rules,
//! baselines and history on all the time.

mod paced;
mod same;
mod syscalls;

use crate::live::agent::{Agent, Setup, build};
use crate::live::cost::scrape_cost;
use crate::live::peer::Peer;
use crate::live::process::{cpu_seconds, memory};
use crate::live::scratch::Scratch;
use crate::options::Options;
use crate::{Outcome, table};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Scrapes that are measured, one after the other over one connection.
const SCRAPES: u32 = 1000;
/// The start reads databases and learns; it is not part of what is compared.
const SETTLE: Duration = Duration::from_secs(30);
/// Sampling and scraping at these intervals, in seconds.
const PACES_S: [u64; 3] = [1, 10, 15];

/// One figure of both.
pub struct Row {
    figure: String,
    own: f64,
    theirs: f64,
    unit: &'static str,
    /// The most that the ratio should be.
    aim: Option<f64>,
}

/// The agent's program, its configuration, and where its state goes.
pub struct Bench {
    binary: PathBuf,
    config: PathBuf,
    scratch: Scratch,
}

/// Measures and prints.
pub fn run(options: &Options) -> Outcome<()> {
    options.only(&["minutes"])?;
    let minutes = options.number("minutes", 5_u64)?;
    let bench = Bench::new()?;
    let mut rows = back_to_back(&bench)?;
    rows.extend(syscalls::rows(&bench)?);
    rows.extend(paced::rows(&bench, Duration::from_secs(60 * minutes))?);
    let cells: Vec<_> = rows.iter().map(Row::cells).collect();
    println!("{}", table::markdown(&["figure", "hostward", "node_exporter", "ratio", "aim"], &cells));
    Ok(())
}

/// One scrape after the other: what a scrape costs by itself, and what is left in memory afterwards.
fn back_to_back(bench: &Bench) -> Outcome<Vec<Row>> {
    let (agent, peer) = (bench.start("scrapes", 10)?, Peer::start()?);
    std::thread::sleep(SETTLE);
    let before = cpu_seconds(agent.pid())?;
    std::thread::sleep(SETTLE);
    let idle_rate = (cpu_seconds(agent.pid())? - before) / SETTLE.as_secs_f64();
    let mut rows = Vec::new();
    for (name, headers) in [("plain", ""), ("gzip", "Accept-Encoding: gzip\r\n")] {
        let own = scrape_cost(agent.pid(), agent.address, headers, SCRAPES, idle_rate)?;
        let theirs = scrape_cost(peer.pid(), peer.address, headers, SCRAPES, 0.0)?;
        rows.push(Row::new(&format!("CPU of a scrape, {name}"), own.cpu_ms, theirs.cpu_ms, "ms").aim(0.05));
        rows.push(Row::new(&format!("scrape, {name}, median"), own.median_ms, theirs.median_ms, "ms"));
        rows.push(Row::new(&format!("scrape, {name}, p99"), own.p99_ms, theirs.p99_ms, "ms"));
    }
    let mib = |pid| memory(pid).map(|memory| memory.rss as f64 / f64::from(1 << 20));
    let figure = format!("RSS after {} scrapes", 2 * SCRAPES);
    rows.push(Row::new(&figure, mib(agent.pid())?, mib(peer.pid())?, "MiB").aim(1.0));
    Ok(rows)
}

impl Bench {
    fn new() -> Outcome<Self> {
        let (binary, scratch) = (build()?, Scratch::new("peers")?);
        let config = same::config(scratch.path())?;
        Ok(Bench { binary, config, scratch })
    }

    /// An agent with a state directory of that name.
    pub fn start(&self, name: &str, interval_s: u64) -> Outcome<Agent> {
        let state_dir: &Path = &self.scratch.path().join(name);
        Agent::start(&Setup { binary: &self.binary, state_dir, config: Some(&self.config), interval_s })
    }
}

impl Row {
    /// A figure of both.
    pub fn new(figure: &str, own: f64, theirs: f64, unit: &'static str) -> Self {
        Row { figure: figure.to_owned(), own, theirs, unit, aim: None }
    }

    /// The most that the ratio should be.
    pub fn aim(self, ratio: f64) -> Self {
        Row { aim: Some(ratio), ..self }
    }

    fn cells(&self) -> Vec<String> {
        let shown = |value: f64| format!("{value:.3} {}", self.unit);
        let ratio = self.own / self.theirs;
        let aim = self.aim.map(|aim| format!("{} {aim:.3}", if ratio <= aim { "met," } else { "MISSED," }));
        vec![
            self.figure.clone(),
            shown(self.own),
            shown(self.theirs),
            format!("{ratio:.3}"),
            aim.unwrap_or_default(),
        ]
    }
}
