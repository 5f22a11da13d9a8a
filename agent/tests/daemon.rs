//! The life of the real daemon: start, reload, trouble, stop.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use nix::sys::signal::Signal;
use std::os::unix::net::UnixDatagram;
use std::time::Instant;
use support::{Daemon, PATIENCE, Scratch, ask, eventually, files, hostward, printed};

const RELOADED: &str = "hostward_config_last_reload_successful";
const FIRES: &str = "groups:\n- name: test\n  rules:\n  - alert: Always\n    expr: node_load1 >= 0\n    \
                     annotations: {summary: load, description: load, playbook: cpu}\n";

#[test]
fn a_second_instance_is_refused_and_told_by_whom() {
    let scratch = Scratch::new("second");
    let daemon = Daemon::start(&scratch);
    let second = ask(&scratch, &["run", "--listen", "127.0.0.1:0"]);
    let (_, said) = printed(&second);
    assert_eq!(second.status.code(), Some(3), "{said}");
    assert!(said.contains(&format!("process {}", daemon.pid())), "{said}");
    assert!(daemon.scrape().contains("hostward_build_info"), "the first one goes on");
}

#[test]
fn a_bad_configuration_stops_the_start_and_names_the_place() {
    let scratch = Scratch::new("badstart");
    scratch.write("etc/hostward.toml", "[sampling]\nintervall = \"1s\"\n");
    let output = ask(&scratch, &["run", "--listen", "127.0.0.1:0"]);
    let (_, said) = printed(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("hostward.toml:2") && said.contains("interval"), "{said}");
}

#[test]
fn a_bad_new_configuration_keeps_the_old_one_running() {
    let scratch = Scratch::new("reload");
    let daemon = Daemon::start(&scratch);
    daemon.await_line(&format!("{RELOADED} 1"));
    scratch.write("etc/hostward.toml", "[sampling]\ninterval = 7\n");
    daemon.await_line(&format!("{RELOADED} 0"));
    assert_eq!(ask(&scratch, &["check-config"]).status.code(), Some(2));
    scratch.write("etc/hostward.toml", "[probes.loadavg]\nenabled = false\n");
    daemon.await_line(&format!("{RELOADED} 1"));
    daemon.await_metrics("the end of a probe", |text| !text.contains("node_load1 "));
    std::fs::remove_file(scratch.path("etc/hostward.toml")).unwrap();
    daemon.await_line(&format!("{RELOADED} 0"));
    scratch.write("etc/hostward.toml", "");
    daemon.signal(Signal::SIGHUP);
    daemon.await_metrics("the probe again", |text| text.contains("node_load1 "));
}

#[test]
fn a_stop_is_quick_and_loses_nothing_that_was_learnt() {
    let scratch = Scratch::new("stop");
    let mut daemon = Daemon::start(&scratch);
    daemon.await_metrics("ticks", |text| text.contains("hostward_ticks_total 3"));
    let before = ask(&scratch, &["query", "count_over_time(node_load1[5m])"]);
    let begun = Instant::now();
    daemon.signal(Signal::SIGTERM);
    assert_eq!(daemon.wait().code(), Some(0));
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    assert!(!scratch.path("state/hostward.sock").exists());
    let again = Daemon::start(&scratch);
    again.await_metrics("ticks", |text| text.contains("hostward_ticks_total"));
    let after = ask(&scratch, &["query", "count_over_time(node_load1[5m])"]);
    let count = |text: String| text.split_whitespace().last().unwrap().parse::<u32>().unwrap();
    let (before, after) = (count(printed(&before).0), count(printed(&after).0));
    assert!(before >= 3 && after > before, "{before} samples before, {after} after");
}

#[test]
fn a_probe_that_hangs_costs_itself_alone() {
    let scratch = Scratch::new("hang");
    let pipe = scratch.path("auth.log");
    // Opening a pipe that nobody writes to takes for ever, as a dead mount does.
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let config =
        format!("[sampling]\ndeadline = \"300ms\"\n[probes.authlog]\npath = \"{}\"\n", pipe.display());
    scratch.write("etc/hostward.toml", &config);
    let mut daemon = Daemon::start(&scratch);
    daemon.await_line("hostward_probe_up{probe=\"authlog\",reason=\"timeout\"} 0");
    daemon.await_metrics("further ticks", |text| {
        text.contains("hostward_ticks_total 4") && text.contains("hostward_ticks_missed_total 0")
    });
    let begun = Instant::now();
    daemon.signal(Signal::SIGTERM);
    assert_eq!(daemon.wait().code(), Some(0));
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
}

#[test]
fn an_alert_survives_a_kill_and_so_does_who_has_seen_it() {
    let scratch = Scratch::new("kill");
    scratch.write("rules/test.yml", FIRES);
    let rules = scratch.path("rules");
    scratch.write(
        "etc/hostward.toml",
        &format!("[rules]\nbuiltin = false\ndirs = [{:?}]\n", rules.display().to_string()),
    );
    let mut daemon = Daemon::start(&scratch);
    daemon.await_metrics("the alert", |text| text.contains("hostward_alert_state{"));
    let list = ask(&scratch, &["alerts", "list"]);
    assert_eq!(list.status.code(), Some(1), "an alert that fires is something wrong");
    let listed = printed(&list).0;
    let id = listed.split_whitespace().next().unwrap();
    let seen = ask(&scratch, &["alerts", "ack", id, "--comment", "I know"]);
    assert!(seen.status.success(), "{:?}", printed(&seen));
    eventually("the script", || !files(&scratch.path("state/outbox")).is_empty());
    daemon.signal(Signal::SIGKILL);
    daemon.wait();
    let again = Daemon::start(&scratch);
    let text = again.await_metrics("the alert", |text| text.contains("hostward_alert_state{"));
    assert!(text.contains("acknowledged=\"true\"") && text.contains("state=\"firing\""), "{text}");
    let shown = printed(&ask(&scratch, &["alerts", "show", id])).0;
    assert!(shown.contains("I know"), "{shown}");
}

#[test]
fn an_alert_is_explained_by_its_rule_and_its_moment() {
    let scratch = Scratch::new("explain");
    scratch.write("rules/test.yml", &format!("{FIRES}  - {{alert: Waits, expr: 'no_such_metric > 1'}}\n"));
    let rules = scratch.path("rules");
    scratch.write(
        "etc/hostward.toml",
        &format!("[rules]\nbuiltin = false\ndirs = [{:?}]\n", rules.display().to_string()),
    );
    let daemon = Daemon::start(&scratch);
    daemon.await_metrics("the alert", |text| text.contains("hostward_alert_state{"));
    let explain = || printed(&ask(&scratch, &["explain", "Always"])).0;
    eventually("the script", || explain().contains("hostward outbox show "));
    let text = explain();
    for part in [
        "alert Always (firing)",
        "\n  node_load1 >= 0\n",
        " value outside ",
        "processes then",
        "all evidence: ",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let (json, _) = printed(&ask(&scratch, &["explain", "Always", "--format", "json"]));
    assert!(json.contains("\"threshold\": 0.0") && json.contains("\"sections\""), "{json}");
    let (rules, _) = printed(&ask(&scratch, &["rules", "list"]));
    assert!(rules.contains("no probe declares and no series has shown so far: no_such_metric"), "{rules}");
    assert!(daemon.scrape().contains("hostward_rule_metric_unseen{group=\"test\",metric=\"no_such_metric\""));
}

#[test]
fn systemd_is_told_and_the_watchdog_is_fed() {
    let scratch = Scratch::new("notify");
    let path = scratch.path("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut command = hostward(&scratch, &["run", "--listen", "127.0.0.1:0", "--interval", "1s"]);
    command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "400000");
    let mut daemon = Daemon::start_by(command);
    let hear = || {
        let mut bytes = [0; 256];
        let length = socket.recv(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes[..length]).into_owned()
    };
    let mut heard = vec![hear(), hear(), hear()];
    assert_eq!(heard[0], "READY=1");
    assert!(heard[1..].iter().all(|state| state == "WATCHDOG=1"), "{heard:?}");
    daemon.signal(Signal::SIGTERM);
    while heard.last().is_none_or(|state| state != "STOPPING=1") {
        heard.push(hear());
    }
    daemon.wait();
}

#[test]
fn a_missing_daemon_is_said_plainly() {
    let scratch = Scratch::new("nobody");
    for verb in [vec!["status"], vec!["alerts", "list"], vec!["query", "1"]] {
        let output = ask(&scratch, &verb);
        let (out, said) = printed(&output);
        assert_eq!((output.status.code(), out.as_str()), (Some(3), ""), "{said}");
        assert!(said.contains("systemctl start hostward"), "{said}");
    }
}
