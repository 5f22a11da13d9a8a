//! `cargo xtask docs`: the pages of docs/reference that are printed from the code.

mod hardening;

use crate::options::Options;
use crate::{Outcome, root};
use hostward_model::Metric;
use hostward_probes::{PROBES, Pace, Spec};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::process::Command;

/// Writes the pages, or with `--check` says which differ from what is in the checkout.
pub fn run(options: &Options) -> Outcome<()> {
    options.only(&["check"])?;
    let pages = [
        ("metrics.md", metrics()?),
        ("probes.md", probes()),
        ("config.md", config()?),
        ("hardening.md", hardening::page()?),
    ];
    let stale: Vec<_> = pages.iter().filter(|(name, text)| !is_current(name, text)).collect();
    if options.has("check") {
        let names: Vec<_> = stale.iter().map(|(name, _)| *name).collect();
        return match names.is_empty() {
            true => Ok(()),
            false => {
                Err(format!("docs/reference is out of date: {}; run `cargo xtask docs`", names.join(", ")))
            }
        };
    }
    stale.into_iter().try_for_each(|(name, text)| write(name, text))
}

fn is_current(name: &str, text: &str) -> bool {
    fs::read_to_string(root().join("docs/reference").join(name)).is_ok_and(|kept| kept == *text)
}

fn write(name: &str, text: &str) -> Outcome<()> {
    let path = root().join("docs/reference").join(name);
    fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    println!("wrote {}", path.display());
    Ok(())
}

const PRINTED: &str = "Printed from the code by `cargo xtask docs`; edit the declarations instead.\n";

fn metrics() -> Outcome<String> {
    let readers = readers()?;
    let mut out = format!(
        "# Metrics of the host\n\n{PRINTED}\nA `*` in a name stands for a part that only the host knows. A value \
         that cannot be read is absent; `hostward_unavailable_info` says why. `hostward metrics --explain NAME` says \
         more of one metric on the host at hand.\n\nRead by: D the dashboard Node Exporter Full (1860); A, R, M \
         node-mixin's alerts, rules and dashboards; W the host rules of awesome-prometheus-alerts.\n"
    );
    for spec in PROBES {
        let off = if spec.enabled { "" } else { " Off unless switched on." };
        let _ = writeln!(
            out,
            "\n## {}\n\n{}{}: {}.{off} See {}.\n\n| metric | type | unit | labels | meaning | read by |\n|---|---|---|---|---|---|",
            spec.name,
            spec.about[..1].to_uppercase(),
            &spec.about[1..],
            pace(spec),
            spec.doc
        );
        spec.metrics.iter().for_each(|metric| metric_row(&mut out, metric, &readers));
    }
    Ok(out)
}

/// The letters of the readers of each metric of node_exporter.
fn readers() -> Outcome<BTreeMap<String, String>> {
    let path = root().join("content/readers.tsv");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let letter = |reader: &str| match reader {
        "dashboard-1860" => "D",
        "node-mixin-alerts" => "A",
        "node-mixin-rules" => "R",
        "node-mixin-dashboards" => "M",
        _ => "W",
    };
    let lines = text.lines().filter_map(|line| line.split_once('\t'));
    Ok(lines.map(|(name, words)| (name.to_owned(), words.split(' ').map(letter).collect())).collect())
}

fn metric_row(out: &mut String, metric: &Metric, readers: &BTreeMap<String, String>) {
    let labels: Vec<_> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
    let help = metric.help.replace('|', "\\|").replace('\n', " ");
    let read_by: BTreeSet<char> = readers
        .iter()
        .filter(|(name, _)| metric.can_be(name))
        .flat_map(|(_, letters)| letters.chars())
        .collect();
    let _ = writeln!(
        out,
        "| `{}` | {} | {} | {} | {help} | {} |",
        metric.name,
        metric.kind.as_str(),
        metric.unit(),
        labels.join(" "),
        read_by.iter().collect::<String>()
    );
}

fn probes() -> String {
    let mut out = format!(
        "# Probes\n\n{PRINTED}\nA probe runs unless `[probes.NAME] enabled` says otherwise; those that are off by default \
         are marked.\n\n| probe | tells | reads | runs | default |\n|---|---|---|---|---|\n"
    );
    for spec in PROBES {
        let reads: Vec<_> = spec.reads.iter().map(|path| format!("`{path}`")).collect();
        let default = if spec.enabled { "on" } else { "off" };
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} | {default} |",
            spec.name,
            spec.about,
            reads.join(" "),
            pace(spec)
        );
    }
    out
}

fn pace(spec: &Spec) -> String {
    let room = match spec.pace {
        Pace::Inline => "in the tick",
        Pace::Aside => "aside, under a deadline",
    };
    match spec.every_ms {
        0 => room.to_owned(),
        every_ms => format!("{room}, at most each {} s", every_ms / 1000),
    }
}

fn config() -> Outcome<String> {
    let arguments = ["run", "--quiet", "--package", "hostward", "--", "check-config", "--reference"];
    let printed = Command::new(env!("CARGO")).current_dir(root()).args(arguments).output();
    let printed = printed.map_err(|error| format!("cargo run: {error}"))?;
    if !printed.status.success() {
        return Err(format!(
            "hostward check-config --reference: {}",
            String::from_utf8_lossy(&printed.stderr).trim()
        ));
    }
    let text = String::from_utf8_lossy(&printed.stdout);
    Ok(format!("# Configuration\n\n{PRINTED}\n```toml\n{}\n```\n", text.trim_end()))
}
