//! `hostward rules`: the rules as they are evaluated, their unit tests, and what they would have said.

use super::backtest::{Backtest, Tune, backtest, tune};
use super::output::{field, items, table};
use super::{Common, Found, Outcome, daemon, output};
use crate::visible::visible;
use clap::Subcommand;
use hostward_engine::rules::unit::{self, Suite};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Larger files are refused: nobody writes such tests by hand.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// What `rules` can do.
#[derive(Subcommand)]
pub enum Rules {
    /// List the rules and how each fares.
    List,
    /// Run unit tests of rules, in promtool's format; no daemon is needed.
    Test {
        /// Files of tests; the rule files that they name are found from where they are.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Play rules over the history on disk: when each alert would have been pending, fired and resolved.
    Backtest(Backtest),
    /// Propose a longer `for` or another threshold, so that an alert fires no more often than it may.
    Tune(Tune),
}

/// Lists or tests.
pub fn act(common: &Common, own: &Rules) -> Outcome {
    match own {
        Rules::List => list(common),
        Rules::Test { files } => test(common, files),
        Rules::Backtest(own) => backtest(common, own),
        Rules::Tune(own) => tune(common, own),
    }
}

fn list(common: &Common) -> Outcome {
    let rules = daemon::get(common, "rules")?;
    output::either(common.format, &rules, |rules| {
        let row = |own: &Value| vec![field(own, "group"), field(own, "name"), state(own)];
        table(&items(rules, "rules").iter().map(row).collect::<Vec<_>>())
    });
    let failing = items(&rules, "rules").iter().any(|own| own["lastError"] != "");
    Ok(if failing { Found::Wrong } else { Found::Well })
}

fn state(rule: &Value) -> String {
    let unseen: Vec<_> = items(rule, "unseenMetrics").iter().filter_map(Value::as_str).collect();
    match rule["lastError"].as_str() {
        Some("") | None if unseen.is_empty() => "ok".to_owned(),
        Some("") | None => visible(&format!(
            "ok, but no probe declares and no series has shown so far: {}",
            unseen.join(", ")
        )),
        Some(error) => visible(error),
    }
}

fn test(common: &Common, files: &[PathBuf]) -> Outcome {
    let mut all_pass = true;
    let mut results = Vec::new();
    for file in files {
        let failures = run(file);
        all_pass &= failures.is_empty();
        results.push(json!({ "file": file, "passed": failures.is_empty(), "failures": failures }));
    }
    output::either(common.format, &json!({ "files": results }), |value| {
        items(value, "files").iter().map(shown).collect()
    });
    Ok(if all_pass { Found::Well } else { Found::Wrong })
}

fn shown(result: &Value) -> String {
    let head = format!("Unit Testing:  {}\n", field(result, "file"));
    if result["passed"] == true {
        return head + "  SUCCESS\n";
    }
    let failures = items(result, "failures").iter().filter_map(Value::as_str);
    let lines = failures.flat_map(str::lines).map(|line| format!("    {}\n", visible(line)));
    format!("{head}  FAILED:\n{}", lines.collect::<String>())
}

/// What does not hold in a file of tests.
fn run(file: &Path) -> Vec<String> {
    let name = file.display();
    let suite = read(file)
        .and_then(|text| Suite::parse(&text).map_err(|(line, reason)| format!("{name}:{line}: {reason}")));
    let read_rules = |suite: &Suite| rule_files(file, suite);
    match suite.and_then(|suite| read_rules(&suite).map(|rules| (suite, rules))) {
        Ok((suite, rules)) => unit::run(&suite, &rules),
        Err(why) => vec![why],
    }
}

/// The rule files that a file of tests names, each once; a pattern may stand for several. One that stands for
/// none is told, and no failure, as with promtool.
fn rule_files(tests: &Path, suite: &Suite) -> Result<Vec<(String, String)>, String> {
    let base = tests.parent().unwrap_or(Path::new(""));
    let mut files = Vec::new();
    for named in &suite.rule_files {
        let pattern = base.join(named).to_string_lossy().into_owned();
        let found = glob::glob(&pattern).map_err(|error| format!("{named}: {error}"))?;
        let paths: Vec<PathBuf> =
            found.collect::<Result<_, _>>().map_err(|error| format!("{named}: {error}"))?;
        if paths.is_empty() {
            output::message(&format!("{}: no file matches {named}", tests.display()));
        }
        for path in paths {
            files.push((path.display().to_string(), read(&path)?));
        }
    }
    files.dedup();
    Ok(files)
}

fn read(path: &Path) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    if std::fs::metadata(path).map_err(failed)?.len() > FILE_BYTES_MAX {
        return Err(format!("{}: larger than {FILE_BYTES_MAX} bytes", path.display()));
    }
    std::fs::read_to_string(path).map_err(failed)
}
