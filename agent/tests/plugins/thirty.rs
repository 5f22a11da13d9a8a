//! Thirty plugins of all eight formats at once, real ones among them. `cargo xtask plugins-e2e` runs it.

use super::place::{Place, put};
use super::support::{ask, printed};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const LIVE_WITHIN: Duration = Duration::from_secs(2);

/// Checks of monitoring-plugins-basic, with their arguments.
const NAGIOS: [(&str, &str); 7] = [
    ("check_load", "'-w', '900,900,900', '-c', '999,999,999'"),
    ("check_users", "'-w', '900', '-c', '999'"),
    ("check_procs", "'-w', '90000', '-c', '99999'"),
    ("check_swap", "'-w', '1%', '-c', '1%', '-n', 'ok'"),
    ("check_disk", "'-w', '1%', '-c', '1%', '-p', '/'"),
    ("check_dummy", "'0', 'fine'"),
    ("check_cluster", "'-s', '-l', 'web', '-d', '0,0', '-w', '1', '-c', '2'"),
];

/// Plugins of munin-plugins-core.
const MUNIN: [&str; 8] =
    ["cpu", "load", "memory", "uptime", "processes", "forks", "interrupts", "open_files"];

/// Where the examples are that `cargo xtask plugins-e2e` has built.
const EXAMPLES: &str = "HOSTWARD_EXAMPLES";
/// A program in Go, which is there if the compiler is.
const GO: &str = "spool_go";
/// What nginx says at `stub_status`.
const NGINX: &str = "HTTP/1.1 200 OK\r\n\r\nActive connections: 2 \nserver accepts handled requests\n 5 5 9 \n\
    Reading: 0 Writing: 1 Waiting: 1 \n";

/// A script of prometheus-node-exporter-collectors, with its argument.
const TEXTFILE: [(&str, &str); 1] = [("directory-size.sh", "'/usr/share/munin/plugins'")];

/// Those of the formats of which Debian has none, or that stay.
const OWN: [(&str, &str); 11] = [
    ("backup.prom", "# HELP backup_bytes Size.\n# TYPE backup_bytes gauge\nbackup_bytes 5\n"),
    (
        "plain.sh",
        "#!/bin/sh\nprintf '# HELP plain_things Things.\\n# TYPE plain_things gauge\\nplain_things{a=\"1\"} 2\\n'\n",
    ),
    (
        "metered.sh",
        "#!/bin/sh\n# hostward: stay=true\nwhile read -r _; do printf '# HELP metered Things.\\n# TYPE metered gauge\\nmetered 3\\n# EOF\\n'; done\n",
    ),
    ("checkmk/local/disk", "#!/bin/sh\necho 'P Disk used=50;80;90 text'\n"),
    ("checkmk/local/60/backup_age", "#!/bin/sh\necho '0 Backup age=4 fine'\n"),
    ("influx/ssd", "#!/bin/sh\necho 'disk,dev=sda wear=0.2'\n"),
    (
        "influx/heat",
        "#!/bin/sh\n# hostward: stay=true\nwhile read -r _; do echo 'room,floor=1 celsius=21'; done\n",
    ),
    (
        "netdata/apps",
        "#!/bin/sh\necho \"CHART apps.mem '' t things\"; echo 'DIMENSION sql'\nwhile :; do echo 'BEGIN apps.mem'; echo 'SET sql = 5'; echo END; sleep $1; done\n",
    ),
    (
        "netdata/slabs",
        "#!/bin/sh\necho \"CHART slabs.size '' t MiB\"; echo 'DIMENSION all'\nwhile :; do echo 'BEGIN slabs.size'; echo 'SET all = 2'; echo END; sleep $1; done\n",
    ),
    (
        "collectd/mail",
        "#!/bin/sh\nwhile :; do echo 'PUTVAL web/exec-mail/gauge-queue interval=1 N:3'; sleep 1; done\n",
    ),
    (
        "collectd/jobs",
        "#!/bin/sh\nwhile :; do echo 'PUTVAL web/exec/derive-done interval=1 N:9'; sleep 1; done\n",
    ),
];

/// The samples of an exposition, by series.
pub fn samples(text: &str) -> BTreeMap<String, f64> {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let sample = |line: &str| {
        let (series, value) = line.rsplit_once(' ').unwrap();
        (ordered(series), value.parse().unwrap())
    };
    lines.map(sample).collect()
}

/// A series with its labels in the order of their names.
fn ordered(series: &str) -> String {
    let Some((name, labels)) = series.strip_suffix('}').and_then(|series| series.split_once('{')) else {
        return series.to_owned();
    };
    let mut labels: Vec<&str> = labels.split("\",").map(|label| label.trim_end_matches('"')).collect();
    labels.retain(|label| !label.ends_with("=\""));
    labels.sort_unstable();
    format!("{name}{{{}}}", labels.join("\","))
}

fn installed(place: &Place) -> Vec<String> {
    let mut names = Vec::new();
    let mut real = |format: &str, name: &str, target: &str, arguments: &str| {
        assert!(Path::new(target).exists(), "{target} is missing: see CONTRIBUTING.md");
        let path = place.path(&format!("{format}/{name}"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        if !arguments.is_empty() {
            put(&path.with_file_name(format!("{name}.toml")), &format!("arguments = [{arguments}]\n"), 0o644);
        }
        symlink(target, &path).unwrap();
        names.push(path.display().to_string());
    };
    for (name, arguments) in NAGIOS {
        real("nagios", name, &format!("/usr/lib/nagios/plugins/{name}"), arguments);
    }
    for name in MUNIN {
        real("munin", name, &format!("/usr/share/munin/plugins/{name}"), "");
    }
    for (name, arguments) in TEXTFILE {
        let target = format!("/usr/share/prometheus-node-exporter-collectors/{name}");
        real("textfile", name, &target, arguments);
    }
    for (name, text) in OWN {
        place.drop(name, text);
        names.push(place.path(name).display().to_string());
    }
    names.extend(built(place));
    names
}

/// The examples in C, C++ and Rust, each with what it needs, and one in Go.
fn built(place: &Place) -> Vec<String> {
    let examples = std::env::var(EXAMPLES).expect("cargo xtask plugins-e2e builds the examples");
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/examples");
    for what in ["testdata/sys", "tls_expiry/testdata/cert.pem"] {
        let copied =
            Command::new("cp").arg("-r").arg(sources.join(what)).arg(place.scratch.path("")).status();
        assert!(copied.unwrap().success());
    }
    let (sysfs, cert) = (place.scratch.path("sys"), place.scratch.path("cert.pem"));
    let sidecars = [
        ("wear", format!("config = {{ sysfs = {sysfs:?} }}\n[grants]\nread = [{sysfs:?}]\n")),
        ("tls_expiry", format!("config = {{ files = [{cert:?}] }}\n[grants]\nread = [{cert:?}]\n")),
        ("nginx_status", format!("config = {{ port = {} }}\n[grants]\nnetwork = true\n", nginx())),
    ];
    let mut names = Vec::new();
    for (name, sidecar) in &sidecars {
        put(&place.path(&format!("{name}.toml")), sidecar, 0o644);
        names.push(copied(place, &Path::new(&examples).join(format!("{name}.so"))));
    }
    let go = Path::new(&examples).join(GO);
    names.extend(go.exists().then(|| copied(place, &go)));
    names
}

/// Puts a file among the plugins, atomically.
fn copied(place: &Place, from: &Path) -> String {
    let path = place.path(from.file_name().unwrap().to_str().unwrap());
    let beside = path.with_extension("tmp");
    std::fs::copy(from, &beside).unwrap();
    std::fs::rename(&beside, &path).unwrap();
    path.display().to_string()
}

/// A server that says the same to everybody, for as long as the tests run.
fn nginx() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            let mut asked = [0; 500];
            let _ = socket.read(&mut asked).and_then(|_| socket.write_all(NGINX.as_bytes()));
        }
    });
    port
}

/// Waits until each plugin was read, and says how long that took.
fn await_all(place: &Place, count: usize) -> (Vec<Value>, Duration) {
    let begun = Instant::now();
    loop {
        let (out, _) = printed(&ask(&place.scratch, &["plugin", "list", "--format", "json"]));
        let answer: Value = serde_json::from_str(&out).unwrap();
        let all = answer["plugins"].as_array().unwrap().clone();
        if all.len() == count && all.iter().all(|plugin| plugin["state"] != "starting") {
            return (all, begun.elapsed());
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{answer:#}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
#[ignore = "needs plugins of Debian's packages; cargo xtask plugins-e2e runs it"]
fn thirty_plugins_of_all_formats_are_live_within_two_seconds() {
    // What costs processor time on a machine with two cores is not part of the promise.
    let place = Place::with("thirty", "concurrent = 8\n");
    let paths = installed(&place);
    assert!(paths.len() >= 30, "{paths:?}");
    let (all, took) = await_all(&place, paths.len() + 1);
    println!("{} plugins live after {took:?}", paths.len());
    for plugin in &all {
        assert_eq!(plugin["state"], "ok", "{plugin:#}");
    }
    // A build for debugging takes its time.
    assert!(took < LIVE_WITHIN || cfg!(debug_assertions), "{took:?}");
    let page = place.daemon.scrape();
    let told = samples(&page);
    let (mut equal, mut count) = (0, 0);
    for path in &paths {
        let (out, err) = printed(&ask(&place.scratch, &["plugin", "test", path, "--format", "json"]));
        let trial: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{path}: {err}"));
        let own = samples(trial["runs"][0]["metrics"].as_str().unwrap());
        let services = trial["runs"][0]["services"].as_array().unwrap();
        for rule in trial["rules"].as_array().unwrap() {
            assert_eq!(rule["kept"], true, "{path}: {rule}");
        }
        assert!(!own.is_empty() || !services.is_empty(), "{path}: {trial:#}");
        for (series, value) in &own {
            let there = told.get(series).unwrap_or_else(|| panic!("{path}: {series} is not on the page"));
            equal += usize::from(there == value);
            count += 1;
            let is_own = path.ends_with(".so") || OWN.iter().any(|(name, _)| path.ends_with(name));
            assert!(!is_own || there == value, "{path}: {series} is {there}, and the plugin said {value}");
        }
    }
    println!(
        "{count} series of {} plugins are on the page, {equal} of them with the same value again",
        paths.len()
    );
    assert_eq!(promtool(&page, &told), "");
    place.clear();
}

/// What promtool says of the metrics of plugins.
fn promtool(page: &str, told: &BTreeMap<String, f64>) -> String {
    assert!(!told.is_empty());
    let ours = |line: &&str| {
        let line = line.trim_start_matches("# HELP ").trim_start_matches("# TYPE ");
        !["node_", "hostward_", "process_"].iter().any(|start| line.starts_with(start))
            || line.starts_with("hostward_plugin")
    };
    let text: String = page.lines().filter(ours).map(|line| format!("{line}\n")).collect();
    let mut child = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let (out, err) = printed(&output);
    out + &err
}
