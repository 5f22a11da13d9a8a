//! `hostward rules backtest` and `hostward rules tune`: what rules would have said over the history on disk.
//!
//! The files are read where they lie, whether or not a daemon runs; what it has not written yet, the last minutes, is
//! not among them.

mod past;
mod text;
mod tune;
mod variant;

pub use tune::{Tune, tune};

use super::output::either;
use super::{Common, Failure, Found, Outcome};
use clap::Args;
use hostward_engine::rules::RuleSet;
use hostward_engine::rules::backtest::{Episode, Outcome as Played};
use hostward_model::{number, time};
use past::{Past, When};
use serde_json::{Map, Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use variant::{Variant, Vary};

/// What `backtest` takes.
#[derive(Args)]
pub struct Backtest {
    /// A file of rules in Prometheus' format.
    file: PathBuf,
    /// Only this rule, and what the file records.
    #[arg(long, value_name = "NAME")]
    rule: Option<String>,
    #[command(flatten)]
    span: Span,
    /// Play it once for each value, side by side: for=1m,5m,15m or threshold=0.8,0.9 (of the first comparison with a number).
    #[arg(long, value_name = "WHAT=VALUES")]
    vary: Vec<Vary>,
}

/// Over which time.
#[derive(Args)]
pub struct Span {
    /// From when on, as a date or as a time before now such as 7d [default: all that is on disk].
    #[arg(long, value_name = "TIME")]
    from: Option<When>,
    /// Until when [default: now].
    #[arg(long, value_name = "TIME")]
    to: Option<When>,
}

/// Plays the rules of a file.
pub fn backtest(common: &Common, own: &Backtest) -> Outcome {
    let rules = read(&own.file)?;
    let past = Past::open(common, &own.span)?;
    let variants = Variant::all(&own.vary);
    let mut played = Vec::new();
    for variant in &variants {
        let set = variant.apply(only(rules()?, own.rule.as_deref())?)?;
        let names: Vec<String> =
            set.rules().filter(|rule| is_alert(rule)).map(|rule| rule.name.clone()).collect();
        played.push((variant, names, past.play(Arc::new(set))?));
    }
    let shown: Vec<Value> =
        played.iter().map(|(variant, names, outcome)| shown(variant, names, outcome)).collect();
    let value = json!({
        "from": time::rfc3339(past.replay.from_ms),
        "to": time::rfc3339(past.replay.to_ms),
        "recordedHours": past.recorded_hours(),
        "variants": shown,
    });
    either(common.format, &value, |_| text::timeline(&past.replay, &played));
    Ok(Found::Well)
}

fn is_alert(rule: &hostward_engine::rules::Rule) -> bool {
    rule.kind == hostward_engine::rules::RuleKind::Alert
}

/// Reads a file of rules; each call of what it gives yields the rules anew.
fn read(file: &std::path::Path) -> Result<impl Fn() -> Result<RuleSet, Failure>, Failure> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|error| Failure::Usage(format!("{name}: {error}")))?;
    let files = [(name, text)];
    Ok(move || match RuleSet::parse(&files) {
        (set, errors) if errors.is_empty() => Ok(set),
        (_, errors) => {
            Err(Failure::Usage(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
        }
    })
}

/// The rule of that name, and the recording rules, which it may need.
fn only(mut set: RuleSet, name: Option<&str>) -> Result<RuleSet, Failure> {
    let Some(name) = name else { return Ok(set) };
    for group in &mut set.groups {
        group.rules.retain(|rule| !is_alert(rule) || rule.name == name);
    }
    set.groups.retain(|group| !group.rules.is_empty());
    let has_alert = set.rules().any(is_alert);
    match has_alert {
        true => Ok(set),
        false => Err(Failure::Usage(format!("there is no alert {name:?} in the rules"))),
    }
}

fn shown(variant: &Variant, names: &[String], outcome: &Played) -> Value {
    let rule = |name: &String| {
        let episodes: Vec<&Episode> = outcome.episodes.iter().filter(|own| own.rule == *name).collect();
        let pages = episodes.iter().filter(|own| own.fired_ms.is_some()).count();
        json!({
            "name": name,
            "pages": pages,
            "pagesPerWeek": per_week(pages, outcome.recorded_ms),
            "error": outcome.errors.get(name),
            "episodes": episodes.iter().map(|own| episode(own)).collect::<Vec<_>>(),
        })
    };
    json!({ "vary": variant.shown(), "rules": names.iter().map(rule).collect::<Vec<_>>() })
}

/// How often in a week; nothing without anything recorded.
fn per_week(pages: usize, recorded_ms: i64) -> Option<f64> {
    let week_ms = (7 * time::DAY_MS) as f64;
    (recorded_ms > 0).then(|| (pages as f64 * week_ms / recorded_ms as f64 * 100.0).round() / 100.0)
}

fn episode(own: &Episode) -> Value {
    let labels = own.labels.iter().map(|(name, value)| (name.to_owned(), Value::from(value)));
    json!({
        "labels": Value::Object(labels.collect::<Map<_, _>>()),
        "value": number::to_string(own.value),
        "pendingAt": time::rfc3339(own.began_ms),
        "firedAt": own.fired_ms.map(time::rfc3339),
        "endedAt": own.ended_ms.map(time::rfc3339),
    })
}
