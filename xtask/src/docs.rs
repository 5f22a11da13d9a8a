//! `cargo xtask docs`: the pages of docs/reference that are printed from the code.

use crate::options::Options;
use crate::{Outcome, root};
use hostward_model::Metric;
use hostward_probes::{PROBES, Pace, Spec};
use std::fmt::Write;
use std::fs;
use std::process::Command;

/// Writes the pages, or with `--check` says which differ from what is in the checkout.
pub fn run(options: &Options) -> Outcome<()> {
    options.only(&["check"])?;
    let pages = [("metrics.md", metrics()), ("probes.md", probes()), ("config.md", config()?)];
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

fn metrics() -> String {
    let mut out = format!(
        "# Metrics of the host\n\n{PRINTED}\nA `*` in a name stands for a part that only the host knows. A value \
         that cannot be read is absent; `hostward_probe_up` says why.\n"
    );
    for spec in PROBES {
        let _ =
            writeln!(out, "\n## {}\n\n| metric | type | labels | meaning |\n|---|---|---|---|", spec.name);
        spec.metrics.iter().for_each(|metric| metric_row(&mut out, metric));
    }
    out
}

fn metric_row(out: &mut String, metric: &Metric) {
    let labels: Vec<_> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
    let help = metric.help.replace('|', "\\|").replace('\n', " ");
    let _ = writeln!(out, "| `{}` | {} | {} | {help} |", metric.name, metric.kind.as_str(), labels.join(" "));
}

fn probes() -> String {
    let mut out = format!("# Probes\n\n{PRINTED}\n| probe | tells | reads | runs |\n|---|---|---|---|\n");
    for spec in PROBES {
        let reads: Vec<_> = spec.reads.iter().map(|path| format!("`{path}`")).collect();
        let _ = writeln!(out, "| `{}` | {} | {} | {} |", spec.name, spec.about, reads.join(" "), pace(spec));
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
