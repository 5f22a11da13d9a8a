//! `hostward audit` of images, friendly and hostile, and the audit in the daemon.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use serde_json::Value;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use support::{Daemon, Scratch, ask, hostward, printed};
use wait4::Wait4;

/// A machine with much else to do needs time for the content of a build without optimisation.
const PATIENCE: Duration = Duration::from_secs(90);

fn image(scratch: &Scratch) -> String {
    scratch.write("root/etc/ssh/sshd_config", "X11Forwarding no\nPermitRootLogin no\n");
    scratch.write("root/etc/passwd", "root:x:0:0::/root:/bin/sh\n");
    scratch.path("root").display().to_string()
}

fn audit(scratch: &Scratch, root: &str, more: &[&str]) -> (Option<i32>, String) {
    let output = ask(scratch, &[&["audit", "--root", root], more].concat());
    let (out, said) = printed(&output);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{more:?}: {said}");
    (output.status.code(), out)
}

#[test]
fn each_format_says_the_same() {
    let scratch = Scratch::new("audit-formats");
    let root = image(&scratch);
    let only = ["--check", "ssh", "--framework", "cis-debian-12"];
    let written = |format: &str| audit(&scratch, &root, &[&only[..], &["--format", format]].concat()).1;
    let json: Value = serde_json::from_str(&written("json")).unwrap();
    let verdict = |own: &&Value, word: &str| own["verdict"] == word;
    let checks = json["checks"].as_array().unwrap();
    let failed = checks.iter().filter(|own| verdict(own, "fail")).count();
    assert!(failed > 0 && checks.iter().any(|own| own["id"] == "ssh.root_login" && verdict(&own, "pass")));

    let sarif: Value = serde_json::from_str(&written("sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.iter().filter(|own| own["kind"] == "fail").count(), failed);
    let oscal: Value = serde_json::from_str(&written("oscal")).unwrap();
    let observations = oscal["assessment-results"]["results"][0]["observations"].as_array().unwrap();
    assert_eq!(observations.iter().filter(|own| own["props"][2]["value"] == "fail").count(), failed);
    assert!(written("junit").contains(&format!("failures=\"{failed}\"")));
    assert_eq!(written("html").matches("<section class=\"check fail\">").count(), failed);

    scratch.write("audit.junit.xml", &written("junit"));
    let linted = Command::new("xmllint").arg("--noout").arg(scratch.path("audit.junit.xml")).output();
    let linted = linted.expect("xmllint, from the Debian package libxml2-utils");
    assert!(linted.status.success(), "{}", printed(&linted).1);
    let refused = ask(&scratch, &["status", "--format", "sarif"]);
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn severity_and_an_older_audit_decide_the_exit_code() {
    let scratch = Scratch::new("audit-diff");
    let root = image(&scratch);
    let code = |more: &[&str]| audit(&scratch, &root, &[&["--check", "ssh"], more].concat()).0;
    assert_eq!([code(&[]), code(&["--fail-on", "never"])], [Some(1), Some(0)]);
    assert_eq!(
        audit(&scratch, &root, &["--check", "ssh.banner", "--fail-on", "high"]).0,
        Some(0),
        "a banner is not that bad"
    );
    let old = scratch.write("old.json", &audit(&scratch, &root, &["--check", "ssh", "--format", "json"]).1);
    let old = old.display().to_string();
    assert_eq!(code(&["--diff", &old]), Some(0), "nothing got worse");
    scratch.write("root/etc/ssh/sshd_config", "X11Forwarding no\nPermitRootLogin yes\n");
    let (code, text) = audit(&scratch, &root, &["--check", "ssh", "--diff", &old]);
    assert_eq!(code, Some(1));
    let worse = "worse   high    ssh.root_login              pass -> fail";
    assert!(text.contains(worse) && text.contains("(/etc/ssh/sshd_config:2)"), "{text}");
    assert!(text.contains("1 worse, 0 better"), "{text}");
    let wrong = ask(&scratch, &["audit", "--root", &root, "--diff", "/dev/null"]);
    assert_eq!(wrong.status.code(), Some(2));
}

/// Everything that a hostile image can do to whoever reads it, at once.
fn hostile(scratch: &Scratch) -> String {
    let name = "a\"b'c\u{1b}]0;x\u{7} $(touch pwned) `id`\n<b>.conf";
    scratch.write("root/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\n");
    scratch.write(
        &format!("root/etc/ssh/sshd_config.d/{name}"),
        "PermitRootLogin \u{1b}[2J\u{9b}1m$(touch pwned)\n",
    );
    scratch.write("root/etc/nginx/nginx.conf", "events {}\n\ninclude /etc/nginx/loop.conf;\n");
    scratch.write("root/etc/nginx/loop.conf", "include /etc/nginx/nginx.conf;\n");
    scratch.write("root/etc/apache2/apache2.conf", "Include /etc/apache2/apache2.conf\n".repeat(3).as_str());
    scratch.write("root/etc/redis/redis.conf", &"a".repeat(4 << 20));
    scratch.write("root/etc/modprobe.d/x.conf", "install cramfs /bin/touch pwned\n");
    let unique: String = (0..300_000).map(|number| format!("k{number} v\n")).collect();
    scratch.write("root/etc/login.defs", &unique);
    scratch.write("root/etc/sudoers", "");
    let sudoers = File::options().write(true).open(scratch.path("root/etc/sudoers")).unwrap();
    sudoers.set_len(1 << 30).unwrap();
    for (path, target) in [
        ("etc/fstab", "/etc/fstab"),
        ("etc/pam.d", "/etc/pam.d/x"),
        ("etc/shadow", "/../../../../../../etc/shadow"),
        ("etc/up", "../../../.."),
        ("srv", "/"),
    ] {
        symlink(target, scratch.path("root").join(path)).unwrap();
    }
    let fifo = scratch.path("root/etc/hosts.deny");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::from_bits_truncate(0o644)).unwrap();
    scratch.path("root").display().to_string()
}

#[test]
fn a_hostile_image_gets_errors_with_file_and_line_and_nothing_else() {
    let scratch = Scratch::new("audit-hostile");
    let root = hostile(&scratch);
    let begun = Instant::now();
    let mut command =
        hostward(&scratch, &["audit", "--root", &root, "--format", "json", "--fail-on", "never"]);
    let out = File::create(scratch.path("out.json")).unwrap();
    let mut child = command.current_dir(&root).stdout(out).stderr(Stdio::piped()).spawn().unwrap();
    let used = child.wait4().unwrap();
    assert!(begun.elapsed() < PATIENCE, "it took {:?}", begun.elapsed());
    assert!(used.status.success());
    let peak_mib = used.rusage.maxrss >> 20;
    assert!(peak_mib < 160, "it took {peak_mib} MiB");

    let text = fs::read_to_string(scratch.path("out.json")).unwrap();
    let record: Value = serde_json::from_str(&text).unwrap();
    let reasons: Vec<&str> = record["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|own| own["verdict"] == "error")
        .map(|own| own["reason"].as_str().unwrap())
        .collect();
    for reason in [
        "/etc/sudoers:1: larger than 4194304 bytes",
        "/etc/nginx/loop.conf:1: /etc/nginx/nginx.conf: files are included 16 deep: does it include itself?",
        "/etc/apache2/apache2.conf:1: /etc/apache2/apache2.conf: files are included 16 deep: does it include itself?",
        "/etc/login.defs:50001: more than 50000 lines with what was read before it",
        "/etc/fstab: Too many levels of symbolic links (os error 40)",
    ] {
        assert!(reasons.iter().any(|own| own.contains(reason)), "{reason} is not in {reasons:#?}");
    }
    let login =
        record["checks"].as_array().unwrap().iter().find(|own| own["id"] == "ssh.root_login").unwrap();
    let flaw = &login["observations"][0];
    assert_eq!(flaw["observed"], "\\u{1b}[2J\\u{9b}1m$(touch pwned)");
    let name = "/etc/ssh/sshd_config.d/a\"b'c\\u{1b}]0;x\\u{7} $(touch pwned) `id` <b>.conf:1";
    assert_eq!(flaw["origin"], name);
    assert!(!scratch.path("root/pwned").exists());
    assert!(
        !record["checks"].to_string().contains(&fs::read_to_string("/etc/shadow").unwrap_or("\0".to_owned()))
    );
}

#[test]
fn no_format_passes_on_what_steers_a_terminal() {
    let scratch = Scratch::new("audit-escapes");
    let text = "PermitRootLogin \u{1b}[2J\u{9b}1m\u{202e}<script>\u{7}\n";
    scratch.write("root/etc/ssh/sshd_config", text);
    let root = scratch.path("root").display().to_string();
    for format in ["text", "json", "sarif", "oscal", "junit", "html"] {
        let out = audit(&scratch, &root, &["--check", "ssh", "--format", format]).1;
        let steers = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!out.contains(steers), "{format}");
        assert!(out.contains("script"), "{format}");
        assert!(!matches!(format, "html" | "junit") || !out.contains("<script>"), "{format}");
    }
}

fn eventually(daemon: &Daemon, what: &str) -> String {
    let begun = Instant::now();
    loop {
        let text = daemon.scrape();
        if text.lines().any(|line| line.starts_with(what)) {
            return text;
        }
        let ours: Vec<_> =
            text.lines().filter(|line| line.contains("audit") || line.contains("check")).collect();
        assert!(begun.elapsed() < PATIENCE, "{what} did not come; there is\n{}", ours.join("\n"));
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn daemon(scratch: &Scratch, root: &str) -> Daemon {
    Daemon::start_by(hostward(
        scratch,
        &["run", "--listen", "127.0.0.1:0", "--interval", "1s", "--root", root],
    ))
}

/// A check that passed and fails after somebody edits a file: seen, told, noted, a finding; also after a restart.
#[test]
fn drift_is_seen_and_outlasts_a_restart() {
    let scratch = Scratch::new("audit-drift");
    let root = image(&scratch);
    scratch.write("etc/hostward.toml", "[audit]\nsettle = \"100ms\"\npercent = 100.0\n");
    let drift =
        "hostward_check_drift_timestamp_seconds{check=\"ssh.root_login\",file=\"/etc/ssh/sshd_config\"";
    {
        let daemon = daemon(&scratch, &root);
        let text = eventually(&daemon, "hostward_audit_success 1");
        assert!(text.contains("hostward_compliance_ratio{framework=\"cis-debian-12\""), "{text}");
        assert!(!text.contains(drift) && !text.contains("hostward_check_status{check=\"ssh.root_login\""));
        scratch.write("root/etc/ssh/sshd_config", "X11Forwarding no\nPermitRootLogin yes\n");
        eventually(&daemon, drift);
        let fires = |text: &str| text.contains("alertname=\"CheckDrifted\"");
        let begun = Instant::now();
        while !fires(&printed(&ask(&scratch, &["query", "ALERTS{alertname=\"CheckDrifted\"}"])).0) {
            assert!(begun.elapsed() < PATIENCE, "no alert");
            std::thread::sleep(Duration::from_millis(200));
        }
        let log = printed(&ask(&scratch, &["audit-log", "list"])).0;
        assert!(log.contains("check drifted") && log.contains("/etc/ssh/sshd_config changed at"), "{log}");
    }
    let found = printed(&ask(&scratch, &["findings", "list"])).0;
    assert!(found.contains("ssh.root_login") || found.contains("/etc/ssh/sshd_config"), "{found}");
    let again = daemon(&scratch, &root);
    eventually(&again, drift);
    scratch.write("root/etc/ssh/sshd_config", "X11Forwarding no\nPermitRootLogin no\n");
    let begun = Instant::now();
    while again.scrape().contains(drift) {
        assert!(begun.elapsed() < PATIENCE, "it is mended");
        std::thread::sleep(Duration::from_millis(100));
    }
}
