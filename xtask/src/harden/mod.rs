//! `cargo xtask harden-e2e`: hardened configurations in a Debian 12 with OpenSSH, nginx, Apache, PostgreSQL and MariaDB, at
//! each level: what is predicted is what is measured, a second time changes nothing, every parser accepts, and the servers
//! start and answer. It takes root's rights; mounts and the network are its own and end with it.

pub(crate) mod program;
pub(crate) mod root;
mod serve;

use crate::live::agent;
use crate::options::Options;
use crate::{Outcome, table};
use program::{Ran, ask, good};
use root::Laid;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Set in the process that has mounts and a network of its own.
const INSIDE: &str = "HOSTWARD_HARDEN_E2E";
const LEVELS: [&str; 3] = ["basic", "moderate", "strict"];
/// The role of the host; each is also tried with the values of these frameworks.
const ROLE: [&str; 6] = ["--profile", "web-server", "--framework", "cis-debian-12", "--framework", "pci-dss"];

/// Runs all of it; `--root DIR` takes a root that is there, `--binary FILE` a hostward that is built.
pub fn run(options: &Options) -> Outcome<()> {
    options.only(&["root", "binary"])?;
    let binary = options.text("binary").map_or_else(agent::build, |path| Ok(PathBuf::from(path)))?;
    let stock = root::stock(options.text("root"))?;
    if std::env::var_os(INSIDE).is_none() {
        return alone(&stock, &binary);
    }
    good(Command::new("ip").args(["link", "set", "lo", "up"]))?;
    LEVELS.iter().try_for_each(|level| trial(&stock, &binary, level))
}

/// The same again, where mounts and ports are nobody else's.
fn alone(stock: &Path, binary: &Path) -> Outcome<()> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new("unshare");
    command
        .args(["--mount", "--net", "--pid", "--fork", "--kill-child", "--propagation", "private"])
        .arg(own);
    command.arg("harden-e2e").arg("--root").arg(stock).arg("--binary").arg(binary).env(INSIDE, "1");
    let status = command.status().map_err(|error| format!("unshare: {error}"))?;
    if status.success() { Ok(()) } else { Err("a level failed".to_owned()) }
}

fn trial(stock: &Path, binary: &Path, level: &str) -> Outcome<()> {
    let laid = Laid::new(stock)?;
    let place = laid.root();
    let key = root::prepare(place)?;
    serve::all(place, &key).map_err(|why| format!("{level}, before: {why}"))?;
    let plan = hostward(binary, place, &["harden", "plan", "--trust", "--level", level])?;
    accepted(&plan)?;
    let tree = laid.scratch().join("tree");
    let out = tree.display().to_string();
    hostward(binary, place, &["harden", "plan", "--level", level, "--out", &out])?;
    root::deploy(&tree, place)?;
    let again = hostward(binary, place, &["harden", "plan", "--level", level])?;
    let steps = again["steps"].as_array().map_or(0, Vec::len);
    if steps > 0 {
        return Err(format!("{level}: rendered on its own result it changes {steps} configurations"));
    }
    let differing = differing(&plan, &again);
    if !differing.is_empty() {
        return Err(format!("{level}: predicted and measured differ: {}", differing.join(", ")));
    }
    let answers = serve::all(place, &key).map_err(|why| format!("{level}, after: {why}"))?;
    show(level, &plan, &again, &answers);
    Ok(())
}

fn hostward(binary: &Path, place: &Path, words: &[&str]) -> Outcome<Value> {
    let mut command = Command::new(binary);
    command.args(words).args(ROLE).args(["--format", "json", "--root"]).arg(place);
    let Ran { code, text, complaint } = ask(&mut command)?;
    // 1 is that something is wrong with the host.
    if code > 1 {
        return Err(format!("hostward {}: {complaint}", words.join(" ")));
    }
    serde_json::from_str(&text).map_err(|error| format!("hostward {}: {error}", words.join(" ")))
}

/// Every parser that was asked accepted what was rendered.
fn accepted(plan: &Value) -> Outcome<()> {
    let steps = plan["steps"].as_array().map_or(&[][..], Vec::as_slice);
    let refused =
        steps.iter().find(|step| step["parser"].as_str().is_some_and(|said| said.contains(": REFUSED")));
    refused.map_or(Ok(()), |step| Err(format!("{}: {}", step["target"], step["parser"])))
}

/// Checks and scores that came out otherwise than they were predicted.
fn differing(plan: &Value, after: &Value) -> Vec<String> {
    let pairs = |list: &str, name: &str| {
        let of = |value: &Value, key: &str| -> Vec<(String, Value)> {
            let all = value[list].as_array().map_or(&[][..], Vec::as_slice);
            all.iter().map(|own| (own[name].to_string(), own[key].clone())).collect()
        };
        let (predicted, measured) = (of(plan, "predicted"), of(after, "now"));
        let pairs = predicted.into_iter().zip(measured).filter(|(a, b)| a != b);
        pairs.map(|((name, a), (_, b))| format!("{name} {a} {b}")).collect::<Vec<_>>()
    };
    [pairs("checks", "check"), pairs("scores", "framework")].concat()
}

fn show(level: &str, plan: &Value, after: &Value, answers: &[String]) {
    let percent =
        |value: &Value| value.as_f64().map_or("-".to_owned(), |ratio| format!("{:.0} %", ratio * 100.0));
    let failing = |value: &Value, key: &str| {
        let all = value["checks"].as_array().map_or(&[][..], Vec::as_slice);
        all.iter().filter(|own| own[key] == "fail").count().to_string()
    };
    let mut rows = Vec::new();
    let scores = plan["scores"].as_array().map_or(&[][..], Vec::as_slice);
    for (at, own) in scores.iter().enumerate() {
        let name = own["framework"].as_str().unwrap_or("").to_owned();
        let measured = percent(&after["scores"][at]["now"]);
        rows.push(vec![name, percent(&own["now"]), percent(&own["predicted"]), measured]);
    }
    rows.push(vec![
        "checks that fail".to_owned(),
        failing(plan, "now"),
        failing(plan, "predicted"),
        failing(after, "now"),
    ]);
    println!(
        "{}parsers: {}\n{}\n",
        table::markdown(&[level, "before", "predicted", "measured"], &rows),
        parsers(plan),
        answers.join("\n")
    );
}

fn parsers(plan: &Value) -> String {
    let steps = plan["steps"].as_array().map_or(&[][..], Vec::as_slice);
    let accepted =
        steps.iter().filter(|step| step["parser"].as_str().is_some_and(|said| said.contains(": accepted")));
    let names: Vec<_> = accepted.filter_map(|step| step["target"].as_str()).collect();
    format!("accepted {}", names.join(", "))
}
