//! Formats, encodings, names and filters, as a scraper asks for them.

use crate::agent::{Agent, Answer};
use crate::support::Scratch;
use std::io::Write;
use std::process::{Command, Stdio};

fn metrics(agent: &Agent, arguments: &[&str]) -> Answer {
    let answer = agent.get("/metrics", arguments);
    assert_eq!(answer.status, 200, "{arguments:?}: {answer:?}");
    answer
}

/// What promtool cannot read, it says with 1; what it finds unusual, with 3.
fn promtool_reads(text: &str) -> bool {
    let mut promtool = Command::new("promtool");
    promtool.args(["check", "metrics"]).stdin(Stdio::piped()).stderr(Stdio::null());
    let mut child = promtool.spawn().expect("promtool, from the Debian package prometheus");
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    matches!(child.wait().unwrap().code(), Some(0 | 3))
}

#[test]
fn curl_and_promtool_read_every_encoding() {
    let scratch = Scratch::new("encodings");
    let agent = Agent::start(&scratch, "").ready(&[]);
    let cases =
        [("identity", None), ("gzip", Some("gzip")), ("zstd", Some("zstd")), ("gzip, zstd", Some("zstd"))];
    for (wanted, encoding) in cases {
        let header = format!("Accept-Encoding: {wanted}");
        let answer = metrics(&agent, &["--compressed", "--header", &header]);
        assert_eq!(answer.header("content-encoding"), encoding, "{wanted}");
        assert!(
            answer.body.contains("\nnode_load1 ") && answer.body.contains("\nprocess_open_fds "),
            "{wanted}"
        );
        assert!(answer.body.ends_with('\n') && promtool_reads(&answer.body), "{wanted}");
    }
    assert!(!promtool_reads("a{b} 1\n"), "promtool sees what is wrong");
}

#[test]
fn the_content_type_says_what_comes() {
    let scratch = Scratch::new("types");
    let agent = Agent::start(&scratch, "").ready(&[]);
    let cases = [
        ("", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores", "node_load1 "),
        (
            "text/plain;version=1.0.0;escaping=allow-utf-8",
            "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8",
            "node_load1 ",
        ),
        (
            "application/openmetrics-text;version=1.0.0",
            "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores",
            "# EOF",
        ),
        (
            "application/openmetrics-text;version=0.0.1",
            "application/openmetrics-text; version=0.0.1; charset=utf-8; escaping=underscores",
            "# EOF",
        ),
        (
            "text/plain;escaping=dots",
            "text/plain; version=0.0.4; charset=utf-8; escaping=dots",
            "node__load1 ",
        ),
        (
            "text/plain;escaping=values",
            "text/plain; version=0.0.4; charset=utf-8; escaping=values",
            "node_load1 ",
        ),
    ];
    for (accept, content_type, line) in cases {
        let answer = metrics(&agent, &["--header", &format!("Accept: {accept}")]);
        assert_eq!(answer.header("content-type"), Some(content_type), "{accept}");
        assert!(answer.body.contains(&format!("\n{line}")), "{accept}");
    }
}

#[test]
fn probes_are_chosen_by_name() {
    let scratch = Scratch::new("filter");
    scratch.write("etc/hostward.toml", "");
    let agent = Agent::start(&scratch, "\n[probes.uname]\nenabled = false\n").ready(&[]);
    let families = |query: &str| {
        let answer = agent.get(&format!("/metrics?{query}"), &[]);
        assert_eq!(answer.status, 200, "{query}: {}", answer.body);
        ["node_load1 ", "node_memory_MemTotal_bytes ", "hostward_probe_up{", "process_open_fds "]
            .map(|name| answer.body.contains(&format!("\n{name}")))
    };
    assert_eq!(families("collect[]=loadavg"), [true, false, false, false]);
    assert_eq!(families("collect%5B%5D=loadavg&collect[]=meminfo&debug=1"), [true, true, false, false]);
    assert_eq!(families("collect[]=hostward"), [false, false, true, true]);
    assert_eq!(families("exclude[]=hostward&exclude[]=meminfo"), [true, false, false, false]);
    let cases = [
        ("collect[]=loadavrg", "there is no probe \"loadavrg\""),
        ("exclude[]=loadavrg", "there is no probe \"loadavrg\""),
        ("collect[]=uname", "the probe \"uname\" is switched off"),
        ("collect[]=loadavg&exclude[]=cpu", "cannot be used together"),
    ];
    for (query, words) in cases {
        let answer = agent.get(&format!("/metrics?{query}"), &[]);
        assert!(answer.status == 400 && answer.body.contains(words), "{query}: {answer:?}");
    }
}
