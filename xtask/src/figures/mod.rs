//! `cargo xtask figures`: what the agent costs on this host, as a table for SPECIFICATION.md.
//!
//! Two agents run side by side, one at 1 s and one at 10 s, and beside them Debian's node_exporter, which is
//! scraped in the same run: figures of different machines or hours cannot be compared.

use crate::live::agent::{Agent, Setup, build};
use crate::live::cost::{ScrapeCost, scrape_cost};
use crate::live::peer::Peer;
use crate::live::process::{cpu_seconds, memory};
use crate::live::scrape::{scrape, series};
use crate::live::scratch::Scratch;
use crate::options::Options;
use crate::{Outcome, table};
use std::path::Path;
use std::time::{Duration, Instant};

/// The start reads databases and learns; it is not part of what an hour costs.
const SETTLE: Duration = Duration::from_secs(60);
/// Scrapes that are measured, one after the other over one connection.
const SCRAPES: u32 = 1000;
/// A server that Prometheus scrapes is asked like this.
const AS_PROMETHEUS: &str = "Accept-Encoding: gzip\r\n";

/// Measures and prints.
pub fn run(options: &Options) -> Outcome<()> {
    options.only(&["minutes"])?;
    let minutes = options.number("minutes", 30_u64)?;
    let (binary, scratch) = (build()?, Scratch::new("figures")?);
    let fast = start(&binary, &scratch.path().join("each-1s"), 1)?;
    let slow = start(&binary, &scratch.path().join("each-10s"), 10)?;
    let peer = Peer::start()?;
    std::thread::sleep(SETTLE);
    let hourly = watch(&[&fast, &slow], Duration::from_secs(60 * minutes))?;
    let mut rows = agent_rows(minutes, &fast, &hourly)?;
    rows.push(row("binary size", mebibytes(size(&binary)?)));
    rows.push(row("series on the metrics page", series(&scrape(&mut fast.connect()?)?).to_string()));
    rows.push(row("start to first metrics", format!("{} ms", fast.started_in.as_millis())));
    let idle_rate = hourly[0] / 3600.0;
    for (name, headers) in [("plain", ""), ("gzip", AS_PROMETHEUS)] {
        let own = scrape_cost(fast.pid(), fast.address, headers, SCRAPES, idle_rate)?;
        let theirs = scrape_cost(peer.pid(), peer.address, headers, SCRAPES / 5, 0.0)?;
        rows.extend(scrape_rows(name, &own, &theirs));
    }
    println!("{}", table::markdown(&["figure", "value"], &rows));
    Ok(())
}

fn start(binary: &Path, state_dir: &Path, interval_s: u64) -> Outcome<Agent> {
    Agent::start(&Setup { binary, state_dir, config: None, interval_s })
}

/// CPU seconds per hour of each agent, over `window` in which nobody asks them anything.
fn watch(agents: &[&Agent], window: Duration) -> Outcome<Vec<f64>> {
    let used = || agents.iter().map(|agent| cpu_seconds(agent.pid())).collect::<Outcome<Vec<_>>>();
    let (before, start) = (used()?, Instant::now());
    std::thread::sleep(window);
    let (after, hours) = (used()?, start.elapsed().as_secs_f64() / 3600.0);
    Ok(before.iter().zip(after).map(|(before, after)| (after - before) / hours).collect())
}

fn agent_rows(minutes: u64, fast: &Agent, hourly: &[f64]) -> Outcome<Vec<Vec<String>>> {
    let memory = memory(fast.pid())?;
    Ok(vec![
        row(&format!("RSS after {minutes} min at 1 s"), mebibytes(memory.rss)),
        row(&format!("PSS after {minutes} min at 1 s"), mebibytes(memory.pss)),
        row("CPU at 1 s", format!("{:.1} s per hour", hourly[0])),
        row("CPU at 10 s", format!("{:.1} s per hour", hourly[1])),
    ])
}

fn scrape_rows(name: &str, own: &ScrapeCost, theirs: &ScrapeCost) -> Vec<Vec<String>> {
    let ms = |cost: &ScrapeCost| {
        format!(
            "{:.3} ms CPU, {:.2} ms median, {:.2} ms p99, {} bytes",
            cost.cpu_ms, cost.median_ms, cost.p99_ms, cost.bytes
        )
    };
    vec![
        row(&format!("scrape, {name}"), ms(own)),
        row(&format!("scrape, {name}, node_exporter"), ms(theirs)),
        row(
            &format!("scrape CPU, {name}, of node_exporter's"),
            format!("{:.1} %", 100.0 * own.cpu_ms / theirs.cpu_ms),
        ),
    ]
}

fn row(figure: &str, value: String) -> Vec<String> {
    vec![figure.to_owned(), value]
}

fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

fn size(file: &Path) -> Outcome<u64> {
    let metadata = file.metadata().map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(metadata.len())
}
