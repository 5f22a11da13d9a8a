//! `cargo xtask bench rules`: what a hundred rules over 2,000 series cost the agent and Debian's Prometheus.
//!
//! Each runs twice, with the rules and without: the difference is what the rules cost. Prometheus scrapes a page, the
//! agent reads the same text from a directory of `textfile`; all four at the same interval, at the same time.

mod workload;

use crate::live::agent::{Agent, Setup, build};
use crate::live::process::cpu_seconds;
use crate::live::prometheus::{Peer, Prometheus};
use crate::live::scratch::Scratch;
use crate::options::Options;
use crate::{Outcome, table};
use hostward_probes::PROBES;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Between two samples, and two evaluations; `textfile` looks no more often.
const INTERVAL_S: u64 = 10;

/// The four of them.
struct Four {
    agents: [Agent; 2],
    peers: [Prometheus; 2],
}

impl Four {
    fn used(&self) -> Outcome<Vec<f64>> {
        let pids = self.agents.iter().map(Agent::pid).chain(self.peers.iter().map(Prometheus::pid));
        pids.map(cpu_seconds).collect()
    }
}

/// Measures and prints.
pub fn run(options: &Options) -> Outcome<()> {
    options.only(&["minutes", "warm-up"])?;
    let minutes = options.number("minutes", 5_u64)?;
    let warm_up = options.number("warm-up", 5_u64)?;
    let (binary, scratch) = (build()?, Scratch::new("rules")?);
    let dir = scratch.path();
    let tick = Arc::new(AtomicU64::new(0));
    let page = serve(tick.clone())?;
    let rules = write(&dir.join("rules/bench.yml"), &workload::rules())?;
    let four = start(&binary, dir, page, &rules)?;
    feed(dir, &tick, Duration::from_secs(60 * warm_up))?;
    let (before, counted) = (four.used()?, four.peers[0].evaluations()?);
    let begun = Instant::now();
    feed(dir, &tick, Duration::from_secs(60 * minutes))?;
    let (after, evaluations) = (four.used()?, four.peers[0].evaluations()? - counted);
    let rounds = begun.elapsed().as_secs_f64() / INTERVAL_S as f64;
    let each: Vec<f64> =
        after.iter().zip(&before).map(|(after, before)| (after - before) * 1000.0 / rounds).collect();
    let cell = |value: f64| format!("{value:.2} ms");
    let row = |name: &str, own: f64, theirs: f64| {
        vec![name.to_owned(), cell(own), cell(theirs), format!("{:.3}", own / theirs)]
    };
    let rows = [
        row("all, with the rules", each[0], each[2]),
        row("all, without", each[1], each[3]),
        row("the rules", each[0] - each[1], each[2] - each[3]),
    ];
    println!(
        "CPU in an interval of {INTERVAL_S} s; Prometheus evaluated {evaluations} rules in {rounds:.0} intervals"
    );
    println!("{}", table::markdown(&["figure", "hostward", "Prometheus", "ratio"], &rows));
    Ok(())
}

fn start(binary: &Path, dir: &Path, page: SocketAddr, rules: &Path) -> Outcome<Four> {
    let agent = |name: &str, with_rules: bool| {
        let config = write(&dir.join(name).join("etc/hostward.toml"), &config(dir, rules, with_rules))?;
        let state_dir = &dir.join(name).join("state");
        Agent::start(&Setup { binary, state_dir, config: Some(&config), interval_s: INTERVAL_S })
    };
    feed(dir, &AtomicU64::new(0), Duration::ZERO)?;
    let agents = [agent("ruled", true)?, agent("plain", false)?];
    let peer = |name: &str, rules| {
        Prometheus::start(
            &dir.join(name),
            &Peer { page, sampled_s: INTERVAL_S, evaluated_s: INTERVAL_S, rules },
        )
    };
    Ok(Four { agents, peers: [peer("ruled-peer", Some(rules))?, peer("plain-peer", None)?] })
}

/// Only what is compared is on; the load is there so that the agent has a metric of a host to begin with.
fn config(dir: &Path, rules: &Path, with_rules: bool) -> String {
    let rules_dir = rules.parent().unwrap_or(dir).display();
    let mut text = format!("[rules]\nenabled = {with_rules}\nbuiltin = false\ndirs = [\"{rules_dir}\"]\n");
    for spec in PROBES {
        text +=
            &format!("[probes.{}]\nenabled = {}\n", spec.name, ["textfile", "loadavg"].contains(&spec.name));
        if spec.name == "textfile" {
            text += &format!("directories = [\"{}\"]\n", dir.join("texts").display());
        }
    }
    text
}

/// Writes the text anew in each interval.
fn feed(dir: &Path, tick: &AtomicU64, window: Duration) -> Outcome<()> {
    let begun = Instant::now();
    loop {
        let texts = dir.join("texts");
        write(&texts.join("next"), &workload::page(tick.fetch_add(1, Relaxed)))?;
        fs::rename(texts.join("next"), texts.join("bench.prom")).map_err(|error| error.to_string())?;
        if begun.elapsed() >= window {
            return Ok(());
        }
        std::thread::sleep(Duration::from_secs(INTERVAL_S));
    }
}

fn write(path: &Path, text: &str) -> Outcome<PathBuf> {
    let dir = path.parent().unwrap_or(path);
    let written = fs::create_dir_all(dir).and_then(|()| fs::write(path, text));
    written.map(|()| path.to_owned()).map_err(|error| format!("{}: {error}", path.display()))
}

/// A page for Prometheus, on a thread that ends with the process.
fn serve(tick: Arc<AtomicU64>) -> Outcome<SocketAddr> {
    let said = |error: std::io::Error| format!("the page: {error}");
    let listener = TcpListener::bind("127.0.0.1:0").map_err(said)?;
    let address = listener.local_addr().map_err(said)?;
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let body = workload::page(tick.load(Relaxed));
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            // A scrape that ends early is Prometheus' affair; it comes again.
            let _ = stream.read(&mut [0; 4096]).and_then(|_| stream.write_all((head + &body).as_bytes()));
        }
    });
    Ok(address)
}
