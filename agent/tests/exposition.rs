//! /metrics of the real binary, read as strictly as its readers do.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use flate2::read::GzDecoder;
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::time::Instant;
use support::{Daemon, Scratch};

/// What makes a page valid beyond its lines: one block for each family with its HELP and TYPE first, and no
/// series twice. Gives the names of the families and the number of series.
fn read_strictly(text: &str) -> (BTreeSet<String>, usize) {
    let (mut families, mut series) = (BTreeSet::new(), BTreeSet::new());
    let (mut family, mut kind) = (String::new(), String::new());
    for line in text.lines().filter(|line| *line != "# EOF") {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').expect(line);
            assert!(!help.is_empty() && families.insert(name.to_owned()), "{line}: empty, or a second block");
            name.clone_into(&mut family);
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            kind = rest.strip_prefix(&format!("{family} ")).expect(line).to_owned();
        } else {
            let (name, value) = line.rsplit_once(' ').expect(line);
            assert!(series.insert(name.to_owned()), "{name} is there twice");
            assert!(value.parse::<f64>().is_ok() || ["NaN", "+Inf", "-Inf"].contains(&value), "{line}");
            let bare = name.split('{').next().unwrap();
            let total = format!("{family}_total");
            assert!(
                bare == family || (kind == "counter" && bare == total),
                "{line} is in the block of {family}"
            );
            assert!(kind != "counter" || bare.ends_with("_total"), "{line}: a counter without _total");
        }
    }
    (families, series.len())
}

/// node_exporter's names are not all in snake case, and dashboards know them by those names.
fn is_inherited(complaint: &str) -> bool {
    complaint.starts_with("node_")
        && (complaint.contains("snake_case") || complaint.contains("use base unit"))
}

fn promtool(text: &str) -> String {
    let spawned = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = spawned.expect("promtool, from the Debian package prometheus");
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_ne!(output.status.code(), Some(1), "not even readable");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn metrics_come_with_the_first_tick_and_are_clean() {
    let scratch = Scratch::new("exposition");
    let daemon = Daemon::start(&scratch);
    let text = daemon.await_metrics("the first tick", |text| text.contains("\nhostward_ticks_total"));
    let (families, series) = read_strictly(&text);
    for name in ["node_load1", "hostward_probe_up", "hostward_build_info", "process_cpu_seconds_total"] {
        assert!(families.contains(name), "{name} is missing");
    }
    assert!(series > 100, "{series}");
    let complaints = promtool(&text);
    let own: Vec<_> = complaints.lines().filter(|line| !is_inherited(line)).collect();
    assert!(own.is_empty(), "{own:#?}");
}

#[test]
fn openmetrics_and_gzip_are_negotiated() {
    let scratch = Scratch::new("openmetrics");
    let daemon = Daemon::start(&scratch);
    daemon.await_metrics("the first tick", |text| text.contains("\nhostward_ticks_total"));
    let headers = "Accept: application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3\r\n\
                   Accept-Encoding: gzip\r\n";
    let (head, body) = daemon.get("/metrics", headers);
    let head = head.to_ascii_lowercase();
    assert!(head.contains("content-type: application/openmetrics-text; version=1.0.0"), "{head}");
    assert!(head.contains("content-encoding: gzip"), "{head}");
    let mut text = String::new();
    GzDecoder::new(body.as_slice()).read_to_string(&mut text).unwrap();
    assert!(text.ends_with("\n# EOF\n"));
    let (families, _) = read_strictly(&text);
    assert!(families.contains("hostward_ticks") && !families.contains("hostward_ticks_total"));
}

#[test]
fn health_pages_and_refusals() {
    let scratch = Scratch::new("pages");
    let daemon = Daemon::start(&scratch);
    let status = |request: &str| daemon.request(request).0.lines().next().unwrap().to_owned();
    let close = "Host: x\r\nConnection: close\r\n";
    support::eventually("readiness", || {
        status(&format!("GET /-/ready HTTP/1.1\r\n{close}\r\n")).contains("200")
    });
    let large = "x".repeat(20 << 10);
    let cases = [
        (format!("GET /-/healthy HTTP/1.1\r\n{close}\r\n"), "200"),
        (format!("HEAD /metrics HTTP/1.1\r\n{close}\r\n"), "200"),
        (format!("GET / HTTP/1.1\r\n{close}\r\n"), "200"),
        (format!("GET /api/v1/status HTTP/1.1\r\n{close}\r\n"), "404"),
        (format!("POST /metrics HTTP/1.1\r\n{close}\r\n"), "405"),
        (format!("GET / HTTP/1.1\r\n{close}Large: {large}\r\n\r\n"), "431"),
        ("nonsense\r\n\r\n".to_owned(), "400"),
    ];
    for (request, wanted) in cases {
        let got = status(&request);
        assert!(got.contains(wanted), "{wanted} expected, {got} for {}", &request[..request.len().min(60)]);
    }
}

#[test]
fn who_says_nothing_is_shown_the_door_and_others_are_served_meanwhile() {
    let scratch = Scratch::new("slow");
    let daemon = Daemon::start(&scratch);
    let begun = Instant::now();
    let mut silent: Vec<_> =
        (0..60).map(|_| std::net::TcpStream::connect(("127.0.0.1", daemon.port)).unwrap()).collect();
    silent[0].write_all(b"GET /metrics HTTP/1.1\r\nHo").unwrap();
    assert!(daemon.scrape().contains("hostward_build_info"));
    silent[0].set_read_timeout(Some(support::PATIENCE)).unwrap();
    let mut answer = Vec::new();
    let _ = silent[0].read_to_end(&mut answer);
    let took = begun.elapsed();
    assert!(answer.is_empty() && (4..8).contains(&took.as_secs()), "{took:?}: {answer:?}");
}
