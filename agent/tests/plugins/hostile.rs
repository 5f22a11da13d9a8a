//! Plugins that mean harm, or act as if: each costs itself, is named with the true reason, and leaves nothing behind.

use super::place::Place;
use serde_json::Value;
use std::time::Duration;

/// How much memory the daemon may gain while a plugin does its worst.
const GROWTH_KIB_MAX: i64 = 2048;

/// Drops a plugin and waits until the daemon says that of it; meanwhile no tick is missed, and afterwards nothing is left.
pub fn suffers(name: &str, text: &str, reason: &str) -> Value {
    suffers_with(name, text, "", reason)
}

pub fn suffers_with(name: &str, text: &str, sidecar: &str, reason: &str) -> Value {
    let place = Place::new(&format!("hostile-{name}"));
    std::thread::sleep(Duration::from_millis(1500));
    let (rss_kib, missed) = (place.rss_kib(), place.number("hostward_ticks_missed_total"));
    std::fs::write(place.path(&format!("{name}.toml")), sidecar).unwrap();
    place.drop(&format!("{name}.sh"), text);
    let said = |status: &Value| match status["reason"].as_str() {
        Some(why) => why.contains(reason),
        None => reason.is_empty() && status["samples"].as_u64() > Some(0),
    };
    let (status, _) = place.await_status(name, said);
    let runs = place.status("good")["runs"].as_u64();
    place.await_status("good", |status| status["runs"].as_u64() > runs && status["state"] == "ok");
    assert_eq!(place.number("hostward_ticks_missed_total"), missed);
    let growth_kib = place.rss_kib() - rss_kib;
    println!("{name}: {growth_kib} KiB, {}", status["reason"]);
    assert!(growth_kib < GROWTH_KIB_MAX, "the daemon grew by {growth_kib} KiB");
    place.clear();
    status
}

/// A script in Perl, which every Debian has.
pub fn perl(text: &str) -> String {
    format!("#!/usr/bin/perl\n$| = 1;\n{text}\n")
}

#[test]
fn a_segmentation_fault() {
    suffers("segfault", "#!/bin/sh\necho 'x 1'\nkill -SEGV $$\n", "ended by signal 11 (segmentation fault)");
}

#[test]
fn an_abort() {
    suffers("abort", "#!/bin/sh\nkill -ABRT $$\n", "ended by signal 6 (abort)");
}

#[test]
fn an_endless_loop() {
    suffers("endless", "#!/bin/sh\nwhile :; do :; done\n", "it took longer than 1 s and was ended");
}

#[test]
fn a_sleep_that_ignores_sigterm() {
    let text = "#!/bin/sh\ntrap '' TERM HUP INT\nwhile :; do sleep 1000; done\n";
    suffers("sleeper", text, "it took longer than 1 s and was ended");
}

#[test]
fn a_gigabyte_of_output() {
    let text = "#!/bin/sh\nexec dd if=/dev/zero bs=1M count=1024 2>/dev/null\n";
    suffers("flood", text, "it printed more than 524288 bytes and was ended");
}

#[test]
fn a_gigabyte_of_complaints() {
    let text = "#!/bin/sh\nexec dd if=/dev/zero bs=1M count=1024 >&2\n";
    suffers("complaints", text, "bytes to its standard error and was ended");
}

#[test]
fn a_million_series() {
    let text = perl("print \"x{n=\\\"$_\\\"} 1\\n\" for 1..1_000_000;");
    suffers("million", &text, "it printed more than 6000 lines and was ended");
}

#[test]
fn binary_garbage() {
    let text = "#!/bin/sh\nexec head -c 100000 /dev/urandom\n";
    let status = suffers("garbage", text, "");
    assert_eq!(status["reasonWord"], "unreliable");
}

#[test]
fn text_that_is_not_utf_8() {
    suffers("latin", "#!/bin/sh\nprintf 'x 1\\ny{a=\"\\344\"} 1\\n'\n", "line 2: not UTF-8");
}

#[test]
fn labels_that_are_not_text() {
    suffers("nan", "#!/bin/sh\necho 'x{a=NaN} 1'\n", "line 1: column 5: ");
}

#[test]
fn a_stolen_name() {
    let place = Place::new("hostile-thief");
    place.drop("thief.sh", "#!/bin/sh\necho 'node_load1 99'\necho 'good_samples 99'\necho 'thief_own 1'\n");
    let (status, _) = place.await_status("thief", |status| status["samples"] == 1);
    let rejected: Vec<_> = status["rejected"].as_array().unwrap().iter().map(|own| &own["reason"]).collect();
    assert_eq!(
        rejected,
        [
            "good_samples is a metric of the plugin good; choose another name",
            "node_load1 is a metric of the probe loadavg; choose another name",
        ]
    );
    let page = place.daemon.scrape();
    assert!(page.contains("\ngood_samples 1\n") && !page.contains("node_load1 99"));
}

#[test]
fn one_that_closes_its_output() {
    suffers("closes", "#!/bin/sh\nexec >&-\nsleep 1000\n", "it took longer than 1 s and was ended");
}

#[test]
fn one_that_makes_itself_a_daemon() {
    let text = "#!/bin/sh\necho 'x 1'\nd='sleep 1000 & sleep 1001'\n( (setsid sh -c \"$d\" || sh -c \"$d\") >/dev/null 2>&1 </dev/null &)\nsleep 0.2\n";
    suffers("daemon", text, "processes behind, which were ended");
}

#[test]
fn one_whose_child_holds_its_output_open() {
    suffers("holder", "#!/bin/sh\necho 'x 1'\nsleep 1000 &\n", "it left 1 process behind, which was ended");
}

#[test]
fn one_that_ends_well_and_says_nothing() {
    let status = suffers("silent", "#!/bin/sh\nexit 0\n", "it printed nothing");
    assert_eq!(status["state"], "failing");
}

#[test]
fn a_slow_drip() {
    let text = "#!/bin/sh\nwhile :; do printf 'x'; sleep 0.1; done\n";
    suffers("drip", text, "it took longer than 1 s and was ended");
}

#[test]
fn one_whose_interpreter_is_missing() {
    suffers("orphan", "#!/no/such/interpreter\n", "No such file or directory");
}

#[test]
fn one_that_fails_again_and_again_is_left_alone() {
    let place = Place::new("hostile-again");
    place.drop("again.sh", "#!/bin/sh\n# hostward: stay=true\nkill -SEGV $$\n");
    let begun = std::time::Instant::now();
    let status = loop {
        let status = place.status("again");
        if status["state"] == "quarantined" {
            break status;
        }
        assert!(begun.elapsed() < Duration::from_secs(40), "{status:#}");
        std::thread::sleep(Duration::from_millis(500));
    };
    assert_eq!(status["failures"], 5);
    place.drop("again.sh", "#!/bin/sh\necho 'again 1'\n");
    place.daemon.await_line("again 1");
}
