//! What one scrape costs the process that is scraped.

use crate::Outcome;
use crate::live::http::Connection;
use crate::live::process::cpu_seconds;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Costs of one scrape, over many.
pub struct ScrapeCost {
    /// CPU of the process, without what it would have used anyway.
    pub cpu_ms: f64,
    /// Half of the answers took less.
    pub median_ms: f64,
    /// One of a hundred took more.
    pub p99_ms: f64,
    /// Size of the last body.
    pub bytes: usize,
}

/// Scrapes `times` over one connection; `idle_rate` is the process's CPU per second when nobody asks.
pub fn scrape_cost(
    pid: u32,
    host: SocketAddr,
    headers: &str,
    times: u32,
    idle_rate: f64,
) -> Outcome<ScrapeCost> {
    let mut connection = Connection::open(host).map_err(|error| format!("{host}: {error}"))?;
    let (mut waits, mut bytes) = (Vec::new(), 0);
    let (before, start) = (cpu_seconds(pid)?, Instant::now());
    for _ in 0..times {
        let asked = Instant::now();
        bytes = ask(&mut connection, headers)?;
        waits.push(asked.elapsed());
    }
    let idle = idle_rate * start.elapsed().as_secs_f64();
    let used = cpu_seconds(pid)? - before - idle;
    waits.sort_unstable();
    Ok(ScrapeCost {
        cpu_ms: used.max(0.0) * 1000.0 / f64::from(times),
        median_ms: quantile_ms(&waits, 0.5),
        p99_ms: quantile_ms(&waits, 0.99),
        bytes,
    })
}

fn ask(connection: &mut Connection, headers: &str) -> Outcome<usize> {
    match connection.get("/metrics", headers) {
        Ok(answer) if answer.status == 200 => Ok(answer.body.len()),
        Ok(answer) => Err(format!("scrape: status {}", answer.status)),
        Err(error) => Err(format!("scrape: {error}")),
    }
}

/// The wait that a share of all sorted waits does not exceed.
fn quantile_ms(sorted: &[Duration], share: f64) -> f64 {
    let index = ((sorted.len() as f64 * share).ceil() as usize).saturating_sub(1);
    sorted.get(index).map_or(f64::NAN, |wait| wait.as_secs_f64() * 1000.0)
}

#[cfg(test)]
mod tests {
    use super::quantile_ms;
    use std::time::Duration;

    #[test]
    fn quantiles_are_of_the_sorted_waits() {
        let waits: Vec<_> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!((quantile_ms(&waits, 0.5), quantile_ms(&waits, 0.99)), (100.0, 198.0));
        assert_eq!(quantile_ms(&waits[..1], 0.99), 1.0);
    }
}
