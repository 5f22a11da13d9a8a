//! A week on disk with three planted faults: what rules would have said of it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use hostward_engine::Labels;
use hostward_engine::archive::{Builder, SLOT_MS, Strip};
use serde_json::Value;
use std::fs;
use support::{Scratch, ask, printed};

const DAY_S: i64 = 86_400;
const HOUR_S: i64 = 3600;
/// 2026-09-07, a Monday.
const MONDAY_S: i64 = 1_788_739_200;
/// Begin and length of what is wrong.
const FAULTS: [(i64, i64); 3] =
    [(DAY_S + 3 * HOUR_S, 1200), (3 * DAY_S + 14 * HOUR_S, 3600), (5 * DAY_S + 23 * HOUR_S + 3000, 1800)];

const RULES: &str = "groups:
- name: host
  interval: 30s
  rules:
  - {record: 'load:mean', expr: avg(load)}
  - {alert: Overload, expr: 'load:mean > 8', for: 5m}
  - {alert: Other, expr: load > 1000}
";

/// Between 0 and 4, with a peak of two minutes each three hours and with the faults.
fn load(second: i64) -> f64 {
    let noise = (second.wrapping_mul(7919) % 401) as f64 / 100.0;
    let is_wrong = FAULTS.iter().any(|(begin, length)| (*begin..begin + length).contains(&second));
    match () {
        () if is_wrong => 12.0 + noise,
        () if second % (3 * HOUR_S) < 120 => 10.0,
        () => noise,
    }
}

/// A block for each day; nothing was recorded on Wednesday from 10 to 12.
fn week(scratch: &Scratch) {
    let dir = scratch.path("state/history");
    fs::create_dir_all(&dir).unwrap();
    for day in 0..7 {
        let is_off = |second: i64| (2 * DAY_S + 10 * HOUR_S..2 * DAY_S + 12 * HOUR_S).contains(&second);
        let seconds = (day * DAY_S..(day + 1) * DAY_S).step_by(10).filter(|second| !is_off(*second));
        let seconds: Vec<i64> = seconds.collect();
        let times: Vec<i64> = seconds.iter().map(|second| (MONDAY_S + second) * 1000).collect();
        let mut builder = Builder::new(Vec::new()).unwrap();
        let line = builder.line("test", &times).unwrap();
        for cpu in ["0", "1"] {
            let mut strip = Strip::default();
            seconds.iter().zip(0..).for_each(|(second, place)| strip.push(place, load(*second)));
            builder.series(&Labels::new([("__name__", "load"), ("cpu", cpu)]), line, &strip).unwrap();
        }
        let mut spans: Vec<(i64, i64)> = Vec::new();
        for at_ms in times {
            match spans.last_mut() {
                Some((_, end_ms)) if *end_ms == at_ms => *end_ms += SLOT_MS,
                _ => spans.push((at_ms, at_ms + SLOT_MS)),
            }
        }
        let (from_s, to_s) = (MONDAY_S + day * DAY_S, MONDAY_S + (day + 1) * DAY_S);
        let (bytes, _) = builder.finish(spans).unwrap();
        fs::write(dir.join(format!("{from_s}_{to_s}_{}.block", day + 1)), bytes).unwrap();
    }
}

fn json(scratch: &Scratch, arguments: &[&str]) -> Value {
    let output = ask(scratch, &[arguments, &["--format", "json"]].concat());
    let (out, said) = printed(&output);
    assert!(output.status.success(), "{said}");
    serde_json::from_str(&out).unwrap()
}

/// When each alert of a rule would have fired and ended.
fn fired(rule: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let fired = rule["episodes"].as_array().unwrap().iter().filter(|own| !own["firedAt"].is_null());
    fired.map(|own| (text(&own["firedAt"]), text(&own["endedAt"]))).collect()
}

#[test]
fn the_planted_faults_are_found_and_only_they() {
    let scratch = Scratch::new("backtest");
    week(&scratch);
    let file = scratch.write("rules.yml", RULES).display().to_string();
    let value = json(&scratch, &["rules", "backtest", &file]);
    assert_eq!(
        (value["from"].as_str(), value["recordedHours"].as_f64()),
        (Some("2026-09-07T00:00:00Z"), Some(166.0))
    );
    let rules = value["variants"][0]["rules"].as_array().unwrap();
    let names: Vec<_> = rules.iter().map(|rule| rule["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Overload", "Other"]);
    let wanted = [
        ("2026-09-08T03:05:00Z", "2026-09-08T03:20:00Z"),
        ("2026-09-10T14:05:00Z", "2026-09-10T15:02:00Z"),
        ("2026-09-12T23:55:00Z", "2026-09-13T00:20:00Z"),
    ];
    assert_eq!(fired(&rules[0]), wanted.map(|(fired, ended)| (fired.to_owned(), ended.to_owned())));
    assert_eq!((rules[0]["pages"].as_u64(), rules[0]["pagesPerWeek"].as_f64()), (Some(3), Some(3.04)));
    let pending = rules[0]["episodes"].as_array().unwrap().len();
    assert_eq!(
        pending,
        3 + 53,
        "faults, and peaks that ended before they fired: three of 56 are part of a fault"
    );
    assert_eq!(fired(&rules[1]), []);
    let two_days =
        json(&scratch, &["rules", "backtest", &file, "--from", "2026-09-08", "--to", "2026-09-10"]);
    assert_eq!(two_days["variants"][0]["rules"][0]["pages"], 1);
}

#[test]
fn variants_stand_side_by_side_and_a_quiet_one_is_proposed() {
    let scratch = Scratch::new("backtest-vary");
    week(&scratch);
    let file = scratch.write("rules/rules.yml", RULES).display().to_string();
    let vary = [
        "rules",
        "backtest",
        &file,
        "--rule",
        "Overload",
        "--vary",
        "for=1m,5m,25m",
        "--vary",
        "threshold=8,11",
    ];
    let value = json(&scratch, &vary);
    let pages =
        value["variants"].as_array().unwrap().iter().map(|own| own["rules"][0]["pages"].as_u64().unwrap());
    assert_eq!(pages.collect::<Vec<_>>(), [56, 3, 3, 3, 2, 2]);
    let (text, _) =
        printed(&ask(&scratch, &["rules", "backtest", &file, "--rule", "Overload", "--from", "2026-09-10"]));
    assert!(text.contains("\nOverload: would have fired 2 times, 3.5 a week\n  "), "{text}");
    assert!(
        text.contains("2026-09-10T14:05:00Z to 2026-09-10T15:02:00Z  {alertname=\"Overload\"}  value 1"),
        "{text}"
    );
    assert!(
        text.lines().any(|line| "#-.".chars().all(|c| line.contains(c)) && !line.contains('y')),
        "{text}"
    );
    let dir = scratch.path("rules").display().to_string();
    let loud = RULES.replace("for: 5m", "for: 1m");
    scratch.write("rules/rules.yml", &loud);
    scratch.write("etc/hostward.toml", &format!("[rules]\nbuiltin = false\ndirs = [{dir:?}]\n"));
    let tuned = json(&scratch, &["rules", "tune", "Overload", "--max-alerts-per-week", "4"]);
    assert_eq!(tuned["quietAsItIs"], false);
    let proposals = tuned["proposals"].as_array().unwrap();
    assert_eq!(proposals[0]["for"], 120.0, "{tuned:#}");
    assert!(tuned["tried"].as_array().unwrap().iter().any(|own| own["enough"] == false), "{tuned:#}");
}

#[test]
fn what_makes_no_sense_is_said() {
    let scratch = Scratch::new("backtest-wrong");
    let file = scratch.write("rules.yml", RULES).display().to_string();
    let said = |arguments: &[&str]| {
        let output = ask(&scratch, &[&["rules", "backtest"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        printed(&output).1
    };
    assert!(said(&[&file]).contains("there is no history below"));
    week(&scratch);
    assert!(said(&[&file, "--rule", "None"]).contains("no alert \"None\""));
    assert!(said(&[&file, "--vary", "color=red"]).contains("cannot be varied"));
    assert!(said(&[&file, "--from", "2030-01-01"]).contains("nothing was recorded"));
    assert!(said(&["missing.yml"]).contains("missing.yml"));
}
