//! The rules that hostward brings: each loads, says what people need, fires on its fault and is quiet without it.

#![allow(clippy::unwrap_used)]
#![expect(clippy::disallowed_methods, reason = "reads the rule files that hostward brings")]

mod anomalies;
mod certificates;
mod cpu;
mod disk;
mod filesystem;
mod hostward;
mod integrity;
mod logins;
mod memory;
mod network;
mod packages;
mod plugins;
#[path = "../series/mod.rs"]
mod series;
mod time;

use hostward_engine::promql::Value;
use hostward_engine::promql::drawn::Drawn;
use hostward_engine::rules::{Rule, RuleSet};
use series::drawn;
use std::collections::BTreeSet;
use std::path::Path;

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const PLAYBOOKS: [&str; 7] = ["", "cpu", "memory", "disk-full", "disk-io", "failed-logins", "network"];

fn defaults() -> RuleSet {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../content/rules");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = paths
        .map(|path| {
            (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    let (set, errors) = RuleSet::parse(&files);
    assert!(errors.is_empty(), "{}", errors.iter().map(|error| format!("{error}\n")).collect::<String>());
    set
}

/// One line of text for each result: labels of the alert, summary and description.
fn results(rule: &Rule, source: &Drawn, at_ms: i64) -> Vec<String> {
    let Value::Vector(vector) = rule.expr.eval(source, at_ms).unwrap() else {
        panic!("{} gives no vector", rule.name)
    };
    let text = |(labels, value): &(_, f64)| {
        let annotations = rule.annotations_for(labels, *value, Default::default());
        format!(
            "{} {} {}",
            rule.labels_for(labels, *value, Default::default()),
            annotations.get("summary"),
            annotations.get("description")
        )
    };
    vector.iter().map(text).collect()
}

#[test]
fn each_says_what_people_need() {
    let set = defaults();
    assert!(set.rules().count() >= 20);
    let mut names = BTreeSet::new();
    for rule in set.rules() {
        let text = |list: &[(String, hostward_engine::rules::Template)], name: &str| {
            let template = list.iter().find(|(own, _)| own == name).map(|(_, template)| template);
            template
                .map(|template| template.render(&Default::default(), 1.0, Default::default()).unwrap())
                .unwrap_or_default()
        };
        let severity = text(&rule.labels, "severity");
        assert!(
            ["info", "warning", "critical"].contains(&severity.as_str()),
            "{}: severity {severity}",
            rule.name
        );
        let summary = text(&rule.annotations, "summary");
        assert!(!summary.is_empty() && !summary.contains('\n'), "{}: summary {summary:?}", rule.name);
        let description = text(&rule.annotations, "description");
        assert!(
            description.contains(|c: char| c.is_ascii_digit()),
            "{}: no number in {description:?}",
            rule.name
        );
        let playbook = text(&rule.annotations, "playbook");
        assert!(PLAYBOOKS.contains(&playbook.as_str()), "{}: playbook {playbook}", rule.name);
        assert!(names.insert(rule.name.clone()), "{} is there twice", rule.name);
    }
}

/// What an early rule is for: evidence within 30 seconds, and over soon after.
#[test]
fn early_rules_are_early() {
    for group in defaults().groups.iter().filter(|group| group.name.ends_with("-early")) {
        assert_eq!(group.interval_ms, Some(5000), "{}", group.name);
        for rule in &group.rules {
            assert!(rule.for_ms <= 15_000, "{}", rule.name);
            assert!(rule.keep_firing_for_ms <= 30_000, "{}", rule.name);
        }
    }
}

struct Case {
    alert: &'static str,
    step_ms: i64,
    at_ms: i64,
    fires: &'static str,
    quiet: &'static str,
}

/// A file for each file of rules.
const CASES: &[&[Case]] = &[
    anomalies::CASES,
    certificates::CASES,
    cpu::CASES,
    disk::CASES,
    filesystem::CASES,
    hostward::CASES,
    integrity::CASES,
    logins::CASES,
    memory::CASES,
    network::CASES,
    packages::CASES,
    plugins::CASES,
    time::CASES,
];

#[test]
fn each_fires_on_its_fault_and_is_quiet_without_it() {
    let set = defaults();
    for rule in set.rules() {
        let mut cases = CASES.iter().copied().flatten().filter(|case| case.alert == rule.name).peekable();
        assert!(cases.peek().is_some(), "{} has no case", rule.name);
        for case in cases {
            let fired = results(rule, &drawn(case.step_ms, case.fires), case.at_ms);
            assert_eq!(fired.len(), 1, "{}: {fired:?}", rule.name);
            assert!(!fired[0].contains("error expanding"), "{fired:?}");
            let quiet = results(rule, &drawn(case.step_ms, case.quiet), case.at_ms);
            assert!(quiet.is_empty(), "{}: {quiet:?}", rule.name);
        }
        assert!(results(rule, &Drawn::default(), 0).is_empty(), "{} fires on an unknown host", rule.name);
    }
}

/// With a sample every ten seconds the early rules must see enough.
#[test]
fn ten_seconds_between_samples_are_enough() {
    let set = defaults();
    let rule = set.rules().find(|rule| rule.name == "CpuBusy").unwrap();
    let source = drawn(10 * SECOND, "node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"} 0+9x6 54x6");
    for at_ms in (80 * SECOND..120 * SECOND).step_by(1000) {
        assert_eq!(results(rule, &source, at_ms).len(), 1, "{at_ms}");
    }
    assert!(results(rule, &source, 60 * SECOND).is_empty());
}

/// A disk's script needs the disk, a file system's the place where it is mounted.
#[test]
fn an_incident_names_what_its_script_needs() {
    let source = drawn(
        SECOND,
        r#"
            hostward_incident_alert{incident="7",probe="diskstats",series="x{device=\"sda\"}"} 9x10
            hostward_incident_alert{incident="8",probe="filesystem",series="x{mountpoint=\"/srv/b c\"}"} 9x10
        "#,
    );
    let set = defaults();
    let labels = |name: &str| {
        let rule = set.rules().find(|rule| rule.name == name).unwrap();
        results(rule, &source, 5 * SECOND).concat()
    };
    assert!(labels("UnusualDisk").contains("device=\"sda\""), "{}", labels("UnusualDisk"));
    let filesystem = labels("UnusualFilesystem");
    assert!(filesystem.contains("mountpoint=\"/srv/b c\""), "{filesystem}");
}
