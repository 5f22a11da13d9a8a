//! Many scrapers at once, among those who read slowly, say half of a request, or nothing.

use crate::agent::Agent;
use crate::support::{PATIENCE, Scratch};
use nix::sys::socket::{setsockopt, sockopt::RcvBuf};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

const SCRAPERS: usize = 200;
const SCRAPES_EACH: usize = 5;

const REQUEST: &[u8] = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";

fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// One answer: its status line and the length of its body.
fn answer(reader: &mut BufReader<TcpStream>) -> (String, usize) {
    let (mut status, mut length) = (String::new(), 0);
    reader.read_line(&mut status).unwrap();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    assert!(body.ends_with(b"\n"));
    (status, length)
}

/// Scrapes several times over one connection; the longest wait.
fn scrape(port: u16) -> Duration {
    let mut reader = BufReader::new(connect(port));
    let mut longest = Duration::ZERO;
    for _ in 0..SCRAPES_EACH {
        let begun = Instant::now();
        reader.get_mut().write_all(REQUEST).unwrap();
        let (status, length) = answer(&mut reader);
        assert!(status.contains("200") && length > 5000, "{status}: {length} bytes");
        longest = longest.max(begun.elapsed());
    }
    longest
}

fn number(agent: &Agent, name: &str) -> f64 {
    let page = agent.get("/metrics", &[]).body;
    let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{name} is not in\n{page}")).parse().unwrap()
}

fn resident_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn two_hundred_scrapers_are_served_among_slow_and_silent_ones() {
    let scratch = Scratch::new("load");
    let agent = Agent::start(&scratch, "").ready(&[]);
    let port = agent.port();
    let ticks = number(&agent, "hostward_ticks_total");
    let begun = Instant::now();
    let silent: Vec<_> = (0..300).map(|_| connect(port)).collect();
    let mut half_open: Vec<_> = (0..300).map(|_| connect(port)).collect();
    half_open
        .iter_mut()
        .for_each(|stream| stream.write_all(b"GET /metrics HTTP/1.1\r\nHo").unwrap_or_default());
    let mut slow: Vec<_> = (0..100).map(|_| connect(port)).collect();
    for stream in &mut slow {
        setsockopt(&*stream, RcvBuf, &1024).unwrap();
        // Many requests at once, none of whose answers is read.
        stream.write_all(&REQUEST.repeat(20)).unwrap_or_default();
    }
    let longest = std::thread::scope(|scope| {
        let scrapers: Vec<_> = (0..SCRAPERS).map(|_| scope.spawn(move || scrape(port))).collect();
        scrapers.into_iter().map(|scraper| scraper.join().unwrap()).max().unwrap()
    });
    println!(
        "{SCRAPERS} scrapers, {SCRAPES_EACH} scrapes each: {:?}, the longest took {longest:?}",
        begun.elapsed()
    );
    assert!(longest < Duration::from_secs(10), "{longest:?}");
    std::thread::sleep(Duration::from_secs(2));
    assert!(number(&agent, "hostward_ticks_total") >= ticks + 2.0);
    assert_eq!(number(&agent, "hostward_ticks_missed_total"), 0.0);
    assert!(number(&agent, "hostward_connections_dismissed_total") > 0.0, "more came than there are places");
    let resident = resident_kib(agent.pid());
    println!("at most {resident} KiB were resident");
    assert!(resident < 100 << 10, "{resident} KiB of the 128 MiB that the unit allows");
    drop((silent, half_open, slow));
}
