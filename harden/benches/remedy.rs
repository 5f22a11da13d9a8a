//! Findings read per second with the memory that it takes, and scripts rendered per second.
//!
//! `cargo bench -p hostward-harden --bench remedy`

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    reason = "a benchmark measures time"
)]

use hostward_harden::fix::{Cause, Fix, Language};
use hostward_harden::render::Type;
use hostward_harden::scanner::import;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const FOR: Duration = Duration::from_secs(1);
const RESULTS: usize = 50_000;

fn main() {
    let text = sarif();
    let before = resident_kib();
    let begun = Instant::now();
    let report = import("bench.sarif", text.as_bytes(), None).unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    assert_eq!((report.findings.len(), report.results), (RESULTS, RESULTS));
    println!(
        "{:.0} findings per second from {} MiB of SARIF, {} MiB more in memory",
        RESULTS as f64 / seconds,
        text.len() >> 20,
        resident_kib().saturating_sub(before) >> 10
    );
    scripts();
}

fn sarif() -> String {
    let result = |number: usize| {
        format!(
            "{{\"ruleId\":\"R{}\",\"level\":\"warning\",\"message\":{{\"text\":\"text {number} is built from a variable\"}},\"locations\":\
             [{{\"physicalLocation\":{{\"artifactLocation\":{{\"uri\":\"src/a{}.py\"}},\"region\":{{\"startLine\":{number},\
             \"snippet\":{{\"text\":\"    run({number})\"}}}}}}}}]}}",
            number % 50,
            number % 700
        )
    };
    let results: Vec<String> = (1..=RESULTS).map(result).collect();
    let rules: Vec<String> = (0..50)
        .map(|own| format!("{{\"id\":\"R{own}\",\"properties\":{{\"tags\":[\"CWE-89\"]}}}}"))
        .collect();
    format!(
        "{{\"version\":\"2.1.0\",\"runs\":[{{\"tool\":{{\"driver\":{{\"name\":\"bench\",\"rules\":[{}]}}}},\"results\":[{}]}}]}}",
        rules.join(","),
        results.join(",\n")
    )
}

fn resident_kib() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

fn scripts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../content/fixes");
    let paths = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let fixes: Vec<Fix> = paths
        .map(|path| Fix::parse(path.to_str().unwrap(), &fs::read_to_string(&path).unwrap()).unwrap())
        .collect();
    let values: Vec<BTreeMap<String, String>> = fixes.iter().map(values).collect();
    let cause = Cause { id: "0123456789abcdef".to_owned(), version: "0".to_owned(), lines: Vec::new() };
    let (begun, mut rendered, mut bytes) = (Instant::now(), 0_usize, 0_usize);
    while begun.elapsed() < FOR {
        for (fix, values) in fixes.iter().zip(&values) {
            bytes += fix.script(Language::Bash, &cause, values).unwrap().len();
            rendered += 1;
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!("{:.0} scripts per second, {} KiB each", rendered as f64 / seconds, (bytes / rendered) >> 10);
}

fn values(fix: &Fix) -> BTreeMap<String, String> {
    let value = |kind| match kind {
        Type::Path => "/srv/it's $(id)",
        Type::Unit => "ssh.service",
        Type::Integer | Type::Port | Type::Number => "22",
        Type::Host => "192.0.2.7",
        Type::Text | Type::User => "it's $(id)",
        Type::Word | Type::Device | Type::Interface => "word",
    };
    fix.inputs().iter().map(|input| (input.name.clone(), value(input.kind).to_owned())).collect()
}
