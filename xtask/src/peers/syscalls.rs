//! System calls, counted by strace.

use super::{Bench, Row};
use crate::Outcome;
use crate::live::http::Connection;
use crate::live::peer::Peer;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Ticks and scrapes that are counted.
const TIMES: u32 = 30;
/// strace needs a moment to attach to every thread.
const ATTACH: Duration = Duration::from_secs(2);

/// Calls of a tick alone and of a scrape alone, beside those of one scrape of node_exporter, which does both.
pub fn rows(bench: &Bench) -> Outcome<Vec<Row>> {
    let (agent, peer) = (bench.start("strace", 1)?, Peer::start()?);
    std::thread::sleep(Duration::from_secs(12));
    let log = bench.scratch.path().join("calls.log");
    let tick = count(&log, agent.pid(), || pause(TIMES))?;
    let both = count(&log, agent.pid(), || scrape(agent.address))?;
    let theirs = count(&log, peer.pid(), || scrape(peer.address))?;
    let per_s = tick.calls / tick.seconds;
    let scrape = (both.calls - per_s * both.seconds) / f64::from(TIMES);
    let theirs = theirs.calls / f64::from(TIMES);
    Ok(vec![
        Row::new("system calls of a tick at 1 s, and of a scrape of theirs", per_s, theirs, "")
            .aim(1.0 / 3.0),
        Row::new("system calls of a scrape", scrape, theirs, ""),
    ])
}

struct Counted {
    calls: f64,
    seconds: f64,
}

fn pause(ticks: u32) -> Outcome<()> {
    std::thread::sleep(Duration::from_secs(ticks.into()));
    Ok(())
}

fn scrape(address: SocketAddr) -> Outcome<()> {
    let said = |error: std::io::Error| format!("{address}: {error}");
    let mut connection = Connection::open(address).map_err(said)?;
    for _ in 0..TIMES {
        connection.get("/metrics", "").map_err(said)?;
    }
    Ok(())
}

/// Counts the calls of a process while something happens.
fn count(log: &Path, pid: u32, happens: impl FnOnce() -> Outcome<()>) -> Outcome<Counted> {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-c", "-U", "calls,name", "-o"]).arg(log).args(["-p", &pid.to_string()]);
    let child = strace.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let child = child.map_err(|error| format!("strace: {error}; install it with apt"))?;
    std::thread::sleep(ATTACH);
    let begun = Instant::now();
    let happened = happens();
    let seconds = begun.elapsed().as_secs_f64() + ATTACH.as_secs_f64();
    end(child)?;
    happened?;
    let text = std::fs::read_to_string(log).map_err(|error| format!("{}: {error}", log.display()))?;
    Ok(Counted { calls: total(&text).ok_or("strace counted nothing")?, seconds })
}

fn end(mut strace: Child) -> Outcome<()> {
    let pid = nix::unistd::Pid::from_raw(strace.id().cast_signed());
    let ended = nix::sys::signal::kill(pid, nix::sys::signal::SIGINT).map_err(|error| error.to_string());
    ended.and_then(|()| strace.wait().map(drop).map_err(|error| error.to_string()))
}

/// The sum of the first column of strace's summary.
fn total(summary: &str) -> Option<f64> {
    let line = summary.lines().find(|line| line.split_whitespace().last() == Some("total"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::total;

    #[test]
    fn the_sum_is_in_the_last_line() {
        let summary = "    calls syscall\n--------- ----------------\n       12 read\n        3 openat\n--------- ----------------\n       15 total\n";
        assert_eq!(total(summary), Some(15.0));
        assert_eq!(total(""), None);
    }
}
