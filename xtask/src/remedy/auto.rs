//! `cargo xtask remedy-e2e --auto`: from an alert to a change that nobody approved, in a booted Debian through the units as they
//! are installed: what is allowed by name and helps stands, what does not help is undone, also when its process is killed or the
//! power is cut meanwhile, what is not allowed is only proposed, and after two failures nothing more is tried.

use crate::boot::Host;
use crate::{Outcome, table};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

const UNITS: [&str; 5] = [
    "hostward.service",
    "hostward-undo.service",
    "hostward-auto.path",
    "hostward-auto.service",
    "hostward-auto.timer",
];
/// Longer than the timer that looks again, a boot, and the time that a fix has to help, on a crowded machine.
const PATIENCE: Duration = Duration::from_secs(240);
const LOOK_EVERY: Duration = Duration::from_millis(500);
const CONFIG: &str = r#"
[rules]
dirs = ["/etc/hostward/rules"]
evaluation = "1s"
[plugins]
interval = "1s"
[outbox]
auto = ["drill-helps", "drill-idle", "drill-killed", "drill-cut", "drill-late"]
auto_wait = "30s"
auto_per_hour_max = 9
"#;
/// Each alarm that somebody raised; the one that can be mended is over when it was.
const PLUGIN: &str = r#"#!/bin/sh
for alarm in /etc/drill/*.alarm; do
  name=${alarm##*/}; name=${name%.alarm}; bad=1
  [ "$name" != helps ] || [ ! -e /etc/drill/helps.mended ] || bad=0
  echo "drill{name=\"$name\"} $bad"
done
"#;

/// A thing that is wrong, what becomes of the fix that answers it, and what happens meanwhile.
struct Case {
    name: &'static str,
    stage: &'static str,
    stays: bool,
    blow: Blow,
}

#[derive(Clone, Copy, PartialEq)]
enum Blow {
    None,
    Kill,
    Power,
}

/// In this order: the failures before the last are two in a row.
const CASES: [Case; 6] = [
    Case { name: "idle", stage: "failed", stays: false, blow: Blow::None },
    Case { name: "helps", stage: "verified", stays: true, blow: Blow::None },
    Case { name: "other", stage: "proposed", stays: false, blow: Blow::None },
    Case { name: "killed", stage: "failed", stays: false, blow: Blow::Kill },
    Case { name: "cut", stage: "failed", stays: false, blow: Blow::Power },
    Case { name: "late", stage: "proposed", stays: false, blow: Blow::None },
];

/// Boots, and goes through all cases.
pub fn drill(layers: &str, binary: &Path) -> Outcome<()> {
    let mut host = Host::start(layers, binary, furnish)?;
    host.must("systemctl enable --quiet --now hostward.service hostward-auto.path")?;
    let mut rows = Vec::new();
    for case in &CASES {
        let row = trial(&mut host, case).map_err(|why| format!("{}: {why}\n{}", case.name, said(&host)))?;
        eprintln!("{}", row.join(" | "));
        rows.push(row);
    }
    // Two looks of the timer later what is only proposed is only proposed.
    sleep(Duration::from_secs(130));
    for case in CASES.iter().filter(|case| case.stage == "proposed") {
        is_as_it_should(&host, case).map_err(|why| format!("{}: {why}\n{}", case.name, said(&host)))?;
    }
    println!("{}", table::markdown(&["alert", "blow", "fix", "on the host", "took"], &rows));
    Ok(())
}

fn trial(host: &mut Host, case: &Case) -> Outcome<Vec<String>> {
    let begun = Instant::now();
    host.must(&format!("touch /etc/drill/{}.alarm", case.name))?;
    if case.blow != Blow::None {
        let on_trial = || (stage(host, case) == "applied" && is_changed(host, case)).then_some(());
        until("it is on trial", on_trial)?;
    }
    strike(host, case)?;
    until(case.stage, || (stage(host, case) == case.stage).then_some(()))?;
    is_as_it_should(host, case)?;
    let blow = match case.blow {
        Blow::None => "–",
        Blow::Kill => "kill -9",
        Blow::Power => "power cut",
    };
    let left = if case.stays { "stands" } else { "as it was" };
    let took = format!("{:.0} s", begun.elapsed().as_secs_f64());
    Ok([case.name, blow, case.stage, left, &took].map(str::to_owned).to_vec())
}

fn strike(host: &mut Host, case: &Case) -> Outcome<()> {
    match case.blow {
        Blow::None => Ok(()),
        Blow::Kill => host.must("systemctl kill --signal=KILL hostward-auto.service").map(drop),
        Blow::Power => {
            host.cut_power();
            host.boot()?;
            until("the boot", || host.must("systemctl is-active -q hostward-auto.path").ok())?;
            if is_changed(host, case) {
                Err("what was on trial outlived the boot".to_owned())
            } else {
                Ok(())
            }
        }
    }
}

/// How far the fix has come, what is left of it on the host, and who was told.
fn is_as_it_should(host: &Host, case: &Case) -> Outcome<()> {
    let (stage, changed) = (stage(host, case), is_changed(host, case));
    if (stage.as_str(), changed) != (case.stage, case.stays) {
        return Err(format!("it is {stage}, changed: {changed}"));
    }
    if case.stage == "proposed" && is_acknowledged(host, case) {
        return Err("nobody hears of it, although nothing is tried".to_owned());
    }
    if case.stage == "failed" && case.blow == Blow::None {
        until("the quiet to end", || (!is_acknowledged(host, case)).then_some(()))?;
        let query = "hostward query 'hostward_workflow_failed{workflow=\"auto-mend\"} == 1'";
        until("its workflow to fail", || host.shell(query).ok()?.text.contains("auto-mend").then_some(()))?;
    }
    Ok(())
}

fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> Outcome<T> {
    let end = Instant::now() + PATIENCE;
    loop {
        match look() {
            Some(found) => return Ok(found),
            None if Instant::now() > end => return Err(format!("{what} did not come")),
            None => sleep(LOOK_EVERY),
        }
    }
}

fn json(host: &Host, words: &str) -> Value {
    let ran = host.shell(&format!("hostward {words} --format json"));
    ran.ok().and_then(|ran| serde_json::from_str(&ran.text).ok()).unwrap_or_default()
}

/// How far the fix has come that answers the alert.
fn stage(host: &Host, case: &Case) -> String {
    let all = json(host, "outbox list");
    let fix = format!("drill-{}", case.name);
    let own = all["artifacts"].as_array().into_iter().flatten().find(|own| own["playbook"] == fix.as_str());
    own.and_then(|own| own["state"].as_str()).unwrap_or_default().to_owned()
}

fn is_acknowledged(host: &Host, case: &Case) -> bool {
    let all = json(host, "alerts list");
    let name = alert(case.name);
    let mut own = all["alerts"].as_array().into_iter().flatten();
    own.any(|own| own["name"] == name.as_str() && !own["acknowledged"].is_null())
}

fn is_changed(host: &Host, case: &Case) -> bool {
    host.root().join(format!("etc/drill/{}.mended", case.name)).exists()
}

fn said(host: &Host) -> String {
    let text = "hostward outbox list; journalctl -q --no-pager -n 60 -u 'hostward*'";
    host.shell(text).map_or_else(|why| why, |ran| ran.text)
}

fn alert(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    format!("Drill{}{rest}", first.to_uppercase())
}

/// Everything as it is installed, with alarms, rules and fixes of the drill's own.
fn furnish(root: &Path) -> Outcome<()> {
    let shipped = crate::root().join("systemd");
    let units = root.join("etc/systemd/system");
    for name in UNITS {
        copy(&shipped.join(name), &units.join(name))?;
    }
    copy(&shipped.join("hostward.tmpfiles"), &root.join("usr/lib/tmpfiles.d/hostward.conf"))?;
    copy(&shipped.join("hostward.sysusers"), &root.join("usr/lib/sysusers.d/hostward.conf"))?;
    let wanted = units.join("sysinit.target.wants");
    let said = |error: std::io::Error| error.to_string();
    fs::create_dir_all(&wanted).map_err(said)?;
    std::os::unix::fs::symlink("../hostward-undo.service", wanted.join("hostward-undo.service"))
        .map_err(said)?;
    fs::create_dir_all(root.join("etc/drill")).map_err(said)?;
    let own = root.join("etc/hostward");
    write(&own.join("hostward.toml"), CONFIG)?;
    write(&own.join("plugins.d/drill.sh"), PLUGIN)?;
    for path in [own.join("plugins.d/drill.sh"), own.join("plugins.d")] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).map_err(said)?;
    }
    let mut rules = String::from("groups:\n- name: drill\n  interval: 1s\n  rules:\n");
    for case in &CASES {
        let (name, alert) = (case.name, alert(case.name));
        rules += &format!(
            "  - alert: {alert}\n    expr: drill{{name=\"{name}\"}} == 1\n    annotations: {{summary: a drill}}\n"
        );
        write(&own.join(format!("fixes/drill-{name}.toml")), &fix(name, &alert))?;
    }
    write(&own.join("rules/drill.yml"), &rules)
}

fn fix(name: &str, alert: &str) -> String {
    let path = format!("/etc/drill/{name}.mended");
    format!(
        "name = \"drill-{name}\"\ntitle = \"A drill\"\nrisk = \"low\"\nreversible = true\nchanges = \"{path}\"\n\
         answers.alerts = [\"{alert}\"]\n\n[[step]]\ndo = \"write_file\"\npath = \"{path}\"\nlines = [\"mended\"]\n\
         why = \"to see what becomes of it\"\n"
    )
}

fn copy(from: &Path, to: &Path) -> Outcome<()> {
    write(to, &fs::read_to_string(from).map_err(|error| format!("{}: {error}", from.display()))?)
}

fn write(path: &Path, text: &str) -> Outcome<()> {
    let said = |error: std::io::Error| format!("{}: {error}", path.display());
    fs::create_dir_all(path.parent().unwrap_or(path)).map_err(said)?;
    fs::write(path, text).map_err(said)
}
