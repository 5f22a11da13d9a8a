//! `hostward detectors`, with a daemon and without.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use expect_test::expect;
use nix::sys::signal::Signal;
use support::{Daemon, Scratch, ask, printed};

/// A quiet series; a burst in the first rows is what an untrained detector would learn as usual.
fn series(minutes: std::ops::Range<u32>, burst: Option<u32>) -> String {
    let value = |minute: u32| if Some(minute) == burst { 150 } else { 6 + minute % 3 };
    let rows = minutes.map(|minute| format!("{},{}\n", minute * 60, value(minute)));
    format!("timestamp,value\n{}", rows.collect::<String>())
}

/// Exit code, stdout and stderr.
fn said(scratch: &Scratch, words: &[&str]) -> (Option<i32>, String, String) {
    let output = ask(scratch, &[&["detectors"], words].concat());
    let (out, error) = printed(&output);
    (output.status.code(), out, error)
}

fn life(scratch: &Scratch) {
    let train = scratch.write("train.csv", &series(0..500, None)).display().to_string();
    let run = scratch.write("run.csv", &series(500..520, Some(505))).display().to_string();
    assert_eq!(said(scratch, &["create", "web", "--level", "0.3", "--about", "requests"]).0, Some(0));
    let twice = said(scratch, &["create", "web"]);
    assert!(twice.0 == Some(2) && twice.2.contains("already"), "{twice:?}");
    let early = said(scratch, &["run", "web", &run]);
    assert!(early.0 == Some(2) && early.2.contains("detectors train web"), "{early:?}");
    let trained = said(scratch, &["train", "web", &train]);
    assert!(trained.0 == Some(0) && trained.2.contains("500 values"), "{trained:?}");
    for _ in 0..2 {
        let (code, rows, _) = said(scratch, &["run", "web", &run]);
        let found: Vec<_> = rows.lines().filter(|line| line.ends_with(",true")).collect();
        assert!(code == Some(0) && found[0].starts_with("30300,150,"), "{rows}");
    }
    assert_eq!(said(scratch, &["list"]).1, "web  level 0.3  500 values  requests\n");
    let shown: serde_json::Value =
        serde_json::from_str(&said(scratch, &["show", "web", "--format", "json"]).1).unwrap();
    assert_eq!((&shown["training"]["values"], &shown["level"]), (&500.into(), &0.3.into()));
}

#[test]
fn what_is_learnt_is_understood_and_new() {
    let scratch = Scratch::new("shelf-train");
    let write = |name: &str, text: &str| scratch.write(name, text).display().to_string();
    let bad = write("bad.csv", "timestamp,value\n60,1\n120,1,000\n");
    let counted: String = (0..100).map(|minute| format!("{},{}\n", minute * 60, minute * 120)).collect();
    let good = write("good.csv", &counted);
    let none = write("none.csv", "timestamp,value\n60,\n");
    assert_eq!(said(&scratch, &["create", "web", "--rate"]).0, Some(0));
    let train = |file: &str| {
        let (code, _, error) = said(&scratch, &["train", "web", file]);
        format!("{code:?} {}", error.replace(&scratch.path("").display().to_string(), ""))
    };
    let told: String = [&bad, &none, &good, &good].map(|file| train(file)).concat();
    expect![[r#"
        Some(2) bad.csv:3: "000" is beyond the 2 columns of the first line; put a field that has ',' in it in quotes, and write a number 1000 or 1.5
        hostward: bad.csv: 1 of 2 rows are not understood; web learnt nothing from it
        Some(2) hostward: none.csv: no row has a value; web learnt nothing from it
        Some(0) web learnt from 100 values; next: hostward detectors run web FILE
        Some(2) hostward: good.csv: line 1: 1970-01-01T00:00:00Z is not after 1970-01-01T01:39:00Z, up to where it has learnt already; train it on newer rows, or all anew with --afresh
    "#]].assert_eq(&told);
    assert_eq!(said(&scratch, &["list"]).1, "web  level 0.2, by rate  100 values\n");
    assert_eq!(said(&scratch, &["train", "web", &good, "--afresh"]).0, Some(0));
    let run = write("run.csv", "timestamp,value\n6000,10\n6060,130\n");
    let (_, rows, _) = said(&scratch, &["run", "web", &run, "--format", "json"]);
    assert!(rows.lines().last().unwrap().contains("\"rate\":2.0,"), "{rows}");
}

fn end(scratch: &Scratch) {
    assert_eq!(said(scratch, &["remove", "web"]).0, Some(0));
    expect![[r#"
        (Some(2), "", "hostward: there is no detector \"web\"; see hostward detectors list\n")"#]]
    .assert_eq(&format!("{:?}", said(scratch, &["show", "web"])));
}

#[test]
fn without_a_daemon_the_state_directory_is_opened() {
    let scratch = Scratch::new("shelf");
    life(&scratch);
    let _daemon = Daemon::start(&scratch);
    assert!(said(&scratch, &["list"]).1.starts_with("web "), "the daemon finds what was kept without it");
    end(&scratch);
}

#[test]
fn a_daemon_that_runs_is_asked() {
    let scratch = Scratch::new("shelf-daemon");
    let mut daemon = Daemon::start(&scratch);
    life(&scratch);
    daemon.signal(Signal::SIGTERM);
    assert!(daemon.wait().success());
    assert!(said(&scratch, &["list"]).1.starts_with("web "));
    end(&scratch);
}

#[test]
fn a_name_is_a_word() {
    let scratch = Scratch::new("shelf-name");
    for name in ["../x", "a b", "", "-x"] {
        assert_eq!(said(&scratch, &["create", "--", name]).0, Some(2), "{name:?}");
    }
}
