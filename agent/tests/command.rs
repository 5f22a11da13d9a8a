//! Verbs of the real binary that need no daemon, and those that ask one.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use support::{Daemon, Scratch, ask, printed};

#[test]
fn no_arguments_say_what_to_do_next() {
    let scratch = Scratch::new("welcome");
    let output = ask(&scratch, &[]);
    assert!(output.status.success());
    assert!(printed(&output).0.contains("hostward run"));
}

#[test]
fn metrics_need_no_daemon_and_can_look_at_another_root() {
    let scratch = Scratch::new("root");
    scratch.write("root/proc/loadavg", "0.25 0.50 0.75 1/100 42\n");
    let root = scratch.path("root").display().to_string();
    let output = ask(&scratch, &["metrics", "--probe", "loadavg", "--root", &root]);
    let (out, said) = printed(&output);
    assert!(output.status.success(), "{said}");
    assert!(out.contains("\nnode_load5 0.5\n") && !out.contains("hostward_"), "{out}");
    let unknown = ask(&scratch, &["metrics", "--probe", "load"]);
    assert_eq!(unknown.status.code(), Some(2));
}

#[test]
fn an_audit_of_an_image_says_what_fails_and_where() {
    let scratch = Scratch::new("audit");
    scratch.write("root/etc/ssh/sshd_config", "X11Forwarding no\nPermitRootLogin \u{1b}[2Jyes\n");
    let root = scratch.path("root").display().to_string();
    let audit = |more: &[&str]| {
        ask(&scratch, &[&["audit", "--root", &root, "--framework", "cis-debian-12"], more].concat())
    };
    let output = audit(&["--check", "ssh"]);
    let (out, said) = printed(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(out.contains("permitrootlogin: \\u{1b}[2Jyes; wanted no  (/etc/ssh/sshd_config:2)"), "{out}");
    assert!(!out.contains("ssh.x11") && out.contains("cis-debian-12"), "{out}");
    assert_eq!(audit(&["--check", "ssh.x11"]).status.code(), Some(0));
    assert_eq!(audit(&["--check", "ssh.x12"]).status.code(), Some(2));
    scratch.write(
        "w.toml",
        "[[waiver]]\ncheck = 'ssh.root_login'\nowner = 'o'\nreason = 'r'\nexpires = '2999-12-31'\n",
    );
    let waivers = scratch.path("w.toml").display().to_string();
    assert_eq!(audit(&["--check", "ssh.root_login", "--waivers", &waivers]).status.code(), Some(0));
}

/// A scanner's file is taken in, listed and answered with scripts; a complete scan without it closes it.
#[test]
fn findings_are_taken_in_and_answered() {
    let scratch = Scratch::new("findings");
    let sample =
        |name: &str| format!("{}/../harden/tests/samples/findings/{name}", env!("CARGO_MANIFEST_DIR"));
    let import = |more: &[&str]| ask(&scratch, &[&["findings", "import"], more].concat());
    let output = import(&[&sample("bandit.json"), &sample("lynis-report.dat")]);
    let (out, said) = printed(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(out.contains("14 new, 0 known"), "{out}");
    let (again, _) = printed(&import(&[&sample("bandit.sarif")]));
    assert!(again.contains("0 new, 8 known (0 of them opened again), 0 closed"), "{again}");

    let (listed, _) = printed(&ask(&scratch, &["findings", "list", "--severity", "high"]));
    let id =
        listed.lines().find(|line| line.contains("command-injection")).unwrap().split(' ').next().unwrap();
    let remediate = |more: &[&str]| ask(&scratch, &[&["remediate"], more].concat());
    let (script, said) = printed(&remediate(&[id, "--base", "/"]));
    assert!(
        script.starts_with("#!/usr/bin/env bash\n") && script.contains("readonly in_path='/vulnerable.py'"),
        "{said}"
    );
    let (script, _) = printed(&remediate(&[id, "--base", "/", "--lang", "python"]));
    assert!(script.starts_with("#!/usr/bin/env python3\n"), "{script}");
    assert!(printed(&ask(&scratch, &["findings", "show", id])).0.contains("proposed"));

    let dir = scratch.path("scripts").display().to_string();
    let (written, _) = printed(&remediate(&[&sample("lynis-report.dat"), "--out", &dir]));
    assert!(written.contains("ssh-setting-") && written.contains("no fix is known for this"), "{written}");
    assert_eq!(scratch.path("scripts").read_dir().unwrap().count(), 2, "{written}");
    let (unknown, said) = printed(&remediate(&["ssh.x11"]));
    assert!(unknown.is_empty() && said.contains("hostward harden render sshd"), "{said}");

    scratch.write(
        "none.json",
        r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Bandit"}}, "results": []}]}"#,
    );
    let none = scratch.path("none.json").display().to_string();
    let (closed, _) = printed(&import(&[&none, "--complete"]));
    assert!(closed.contains("8 closed"), "{closed}");
    scratch.write("broken.json", "{\n \"runs\": [");
    let broken = import(&[&scratch.path("broken.json").display().to_string()]);
    assert_eq!(broken.status.code(), Some(2));
    assert!(printed(&broken).1.contains("broken.json:2:"), "{:?}", printed(&broken));
}

#[test]
fn the_reference_is_a_configuration() {
    let scratch = Scratch::new("reference");
    let (reference, _) = printed(&ask(&scratch, &["check-config", "--reference"]));
    assert!(reference.contains("interval"), "{reference}");
    scratch.write("etc/hostward.toml", &reference);
    let output = ask(&scratch, &["check-config"]);
    assert!(output.status.success(), "{:?}", printed(&output));
}

#[test]
fn a_rule_with_an_error_is_found_before_it_runs() {
    let scratch = Scratch::new("badrule");
    scratch.write("rules/bad.yml", "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: sum(\n");
    let dirs = scratch.path("rules").display().to_string();
    scratch.write("etc/hostward.toml", &format!("[rules]\ndirs = [{dirs:?}]\n"));
    let output = ask(&scratch, &["check-config"]);
    let (_, said) = printed(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("bad.yml"), "{said}");
}

#[test]
fn every_answer_can_be_json() {
    let scratch = Scratch::new("json");
    let daemon = Daemon::start(&scratch);
    daemon.await_metrics("a tick", |text| text.contains("node_load1 "));
    let verbs: [&[&str]; 9] = [
        &["status"],
        &["probes", "list"],
        &["probes", "show", "cpu"],
        &["query", "node_load1"],
        &["query", "node_load1 * 2", "--range", "3s", "--step", "1s"],
        &["alerts", "list"],
        &["outbox", "list"],
        &["doctor"],
        &["check-config"],
    ];
    for verb in verbs {
        let output = ask(&scratch, &[verb, &["--format", "json"]].concat());
        let (out, said) = printed(&output);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{verb:?}: {said}");
        let value: serde_json::Value =
            serde_json::from_str(&out).unwrap_or_else(|error| panic!("{verb:?}: {error}: {out}"));
        assert!(value.is_object(), "{verb:?}");
    }
}

#[test]
fn a_query_that_makes_no_sense_is_explained() {
    let scratch = Scratch::new("query");
    let _daemon = Daemon::start(&scratch);
    let output = ask(&scratch, &["query", "rate(node_load1)"]);
    let (out, said) = printed(&output);
    assert_eq!((output.status.code(), out.as_str()), (Some(2), ""), "{said}");
    assert!(said.contains("rate") || said.contains("range"), "{said}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let scratch = Scratch::new("pipe");
    let mut child = support::hostward(&scratch, &["check-config", "--reference"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{:?}", printed(&output));
}
