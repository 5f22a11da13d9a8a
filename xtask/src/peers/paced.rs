//! Scraped as Prometheus does, once in each interval: what both need in an hour, sampling included.

use super::{Bench, PACES_S, Row, SETTLE};
use crate::Outcome;
use crate::live::agent::Agent;
use crate::live::http::Connection;
use crate::live::peer::Peer;
use crate::live::process::cpu_seconds;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// An agent and a node_exporter that are scraped at one pace.
struct Pair {
    pace_s: u64,
    agent: Agent,
    peer: Peer,
}

impl Pair {
    /// Processor time of both so far.
    fn used(&self) -> Outcome<[f64; 2]> {
        Ok([cpu_seconds(self.agent.pid())?, cpu_seconds(self.peer.pid())?])
    }

    fn row(&self, before: [f64; 2], hours: f64) -> Outcome<Row> {
        let after = self.used()?;
        let [own, theirs] = [0, 1].map(|which| (after[which] - before[which]) / hours);
        let figure = format!("CPU in an hour, sampled and scraped each {} s", self.pace_s);
        let row = Row::new(&figure, own, theirs, "s");
        Ok(if self.pace_s == 15 { row.aim(0.2) } else { row })
    }
}

/// CPU per hour of both at each pace; all run at the same time.
pub fn rows(bench: &Bench, window: Duration) -> Outcome<Vec<Row>> {
    let start = |pace_s: u64| {
        Ok(Pair { pace_s, agent: bench.start(&format!("paced-{pace_s}"), pace_s)?, peer: Peer::start()? })
    };
    let pairs = PACES_S.into_iter().map(start).collect::<Outcome<Vec<_>>>()?;
    scrape_for(&pairs, SETTLE)?;
    let before = pairs.iter().map(Pair::used).collect::<Outcome<Vec<_>>>()?;
    let begun = Instant::now();
    scrape_for(&pairs, window)?;
    let hours = begun.elapsed().as_secs_f64() / 3600.0;
    pairs.iter().zip(before).map(|(pair, before)| pair.row(before, hours)).collect()
}

fn scrape_for(pairs: &[Pair], window: Duration) -> Outcome<()> {
    let end = Instant::now() + window;
    std::thread::scope(|scope| {
        let each = |pair: &Pair| [(pair.agent.address, pair.pace_s), (pair.peer.address, pair.pace_s)];
        let scrapers: Vec<_> = pairs
            .iter()
            .flat_map(each)
            .map(|(address, pace_s)| {
                scope.spawn(move || scrape_at(address, Duration::from_secs(pace_s), end))
            })
            .collect();
        scrapers
            .into_iter()
            .try_for_each(|scraper| scraper.join().map_err(|_| "a scraper panicked".to_owned())?)
    })
}

/// Over one connection that is kept, compressed, as Prometheus asks.
fn scrape_at(address: SocketAddr, pace: Duration, end: Instant) -> Outcome<()> {
    let said = |error: std::io::Error| format!("{address}: {error}");
    let mut connection = Connection::open(address).map_err(said)?;
    let mut next = Instant::now();
    while next < end {
        connection.get("/metrics", "Accept-Encoding: gzip\r\n").map_err(said)?;
        next += pace;
        std::thread::sleep(next.min(end).saturating_duration_since(Instant::now()));
    }
    Ok(())
}
