//! Planned, deployed and audited: what is predicted has to be what is measured, and a second plan is empty.

use super::waf::known_good;
use crate::boot::laid::Laid;
use crate::boot::program::{Ran, ask};
use crate::boot::root;
use crate::{Outcome, table};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Of which the scores are shown; the values that they ask for are rendered.
const FRAMEWORKS: [&str; 5] = ["anssi-bp-028", "cis-debian-12", "disa-stig", "nist-800-53", "pci-dss"];

/// What a plan says of a parser.
pub const REFUSED: &str = ": REFUSED";
const ACCEPTED: &str = ": accepted";

/// What became of one level.
pub struct Tried {
    level: String,
    plan: Value,
    after: Value,
}

/// Lays what is planned over a root. An error is a difference, or a second plan that is not empty.
pub fn tried(laid: &Laid, binary: &Path, level: &str) -> Outcome<Tried> {
    let place = laid.root();
    let good = known_good();
    let words = ["harden", "plan", "--profile", "web-server", "--set", &good];
    let planned = |more: &[&str]| hostward(binary, place, level, &[words.as_slice(), more].concat());
    let tree = laid.scratch().join("tree");
    let plan = planned(&["--trust", "--out", &tree.display().to_string()])?;
    if let Some(why) = plan["not_measured"].as_str() {
        return Err(format!("nothing is predicted: {why}"));
    }
    root::deploy(&tree, place)?;
    let again = planned(&[])?;
    let steps: Vec<String> = list(&again, "steps").iter().map(|own| own["target"].to_string()).collect();
    if !steps.is_empty() {
        return Err(format!("rendered on its own result it changes {}", steps.join(", ")));
    }
    let after = hostward(binary, place, level, &["audit", "--declare", "web-server"])?;
    let differing = differing(&plan, &after);
    if differing.is_empty() {
        Ok(Tried { level: level.to_owned(), plan, after })
    } else {
        Err(format!("predicted and measured differ: {}", differing.join(", ")))
    }
}

/// What hostward says of a root, as JSON.
pub fn hostward(binary: &Path, place: &Path, level: &str, words: &[&str]) -> Outcome<Value> {
    let mut command = Command::new(binary);
    command.args(words).args(["--level", level]).args(FRAMEWORKS.iter().flat_map(|own| ["--framework", own]));
    let Ran { code, text, complaint } = ask(command.args(["--format", "json", "--root"]).arg(place))?;
    // 1 is that something is wrong with the host.
    if code > 1 {
        return Err(format!("hostward {}: {complaint}", words.join(" ")));
    }
    serde_json::from_str(&text).map_err(|error| format!("hostward {}: {error}", words.join(" ")))
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

impl Tried {
    /// What was rendered and not accepted, with what its parser or the plan says of that.
    pub fn unaccepted(&self) -> impl Iterator<Item = (&str, &str)> {
        let said = list(&self.plan, "steps")
            .iter()
            .filter_map(|step| Some((step["target"].as_str()?, step["parser"].as_str()?)));
        said.filter(|(_, said)| !said.contains(ACCEPTED))
    }

    /// An error names a parser that refused.
    pub fn accepted(self) -> Outcome<Self> {
        let refused = self.unaccepted().find(|(_, said)| said.contains(REFUSED));
        let why = refused.map(|(target, said)| format!("{target}: {said}"));
        why.map_or(Ok(self), Err)
    }
}

/// Verdicts and scores of an audit that are not what was predicted.
fn differing(plan: &Value, audit: &Value) -> Vec<String> {
    let of = |own: &Value, name: &str, key: &str| (own[name].clone(), own[key].clone());
    let pairs = |predicted: &str, name: &str, measured: &str, key: &str| {
        let found = list(audit, measured).iter().map(|own| of(own, "id", key)).collect::<Vec<_>>();
        let own = list(plan, predicted).iter().map(|own| of(own, name, "predicted"));
        own.filter(|pair| !found.contains(pair))
            .map(|(name, value)| format!("{name} {value}"))
            .collect::<Vec<_>>()
    };
    [
        pairs("checks", "check", "checks", "verdict"),
        pairs("scores", "framework", "frameworks", "ratio_of_decided"),
    ]
    .concat()
}

/// Scores before and after: those after are both predicted and measured, or there was an error before.
pub fn scores(tries: &[Tried]) -> String {
    let percent =
        |value: &Value| value.as_f64().map_or("-".to_owned(), |ratio| format!("{:.1} %", ratio * 100.0));
    let score = |own: &Tried, name: &str| {
        let before = list(&own.plan, "scores").iter().find(|own| own["framework"] == name);
        let after = list(&own.after, "frameworks").iter().find(|own| own["id"] == name);
        let shown = |found: Option<&Value>, key: &str| found.map_or("-".to_owned(), |own| percent(&own[key]));
        format!("{} -> {}", shown(before, "now"), shown(after, "ratio_of_decided"))
    };
    let failing = |all: &[Value], key: &str| all.iter().filter(|own| own[key] == "fail").count();
    let mut rows: Vec<Vec<String>> = FRAMEWORKS
        .iter()
        .map(|name| {
            std::iter::once((*name).to_owned()).chain(tries.iter().map(|own| score(own, name))).collect()
        })
        .collect();
    let failed = |own: &Tried| {
        let (before, after) =
            (failing(list(&own.plan, "checks"), "now"), failing(list(&own.after, "checks"), "verdict"));
        format!("{before} -> {after}")
    };
    rows.push(std::iter::once("checks that fail".to_owned()).chain(tries.iter().map(failed)).collect());
    table::markdown(&head("before -> after", tries), &rows)
}

/// What each program's own parser said of what was rendered for it.
pub fn parsers(tries: &[Tried]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for step in tries.iter().flat_map(|own| list(&own.plan, "steps")) {
        names.extend(step["target"].as_str().filter(|name| !names.contains(name)));
    }
    names.sort_unstable();
    let said = |own: &Tried, name: &str| {
        let step = list(&own.plan, "steps").iter().find(|step| step["target"] == name);
        let said = step.map_or("nothing changes", |step| step["parser"].as_str().unwrap_or("-"));
        if said.contains(ACCEPTED) { "accepted".to_owned() } else { said.to_owned() }
    };
    let row = |name: &&str| {
        std::iter::once((*name).to_owned()).chain(tries.iter().map(|own| said(own, name))).collect()
    };
    table::markdown(&head("parser of", tries), &names.iter().map(row).collect::<Vec<_>>())
}

fn head<'t>(first: &'t str, tries: &'t [Tried]) -> Vec<&'t str> {
    std::iter::once(first).chain(tries.iter().map(|own| own.level.as_str())).collect()
}
