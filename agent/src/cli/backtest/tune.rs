//! `hostward rules tune`: which `for` or threshold would have been quiet enough.

use super::past::Past;
use super::variant::{Change, Variant};
use super::{Span, only, per_week};
use crate::cli::output::{either, field, items, table};
use crate::cli::{Common, Failure, Found, Outcome};
use crate::run::{Options, take};
use clap::Args;
use hostward_engine::promql::Expr;
use hostward_engine::rules::{Rule, RuleSet};
use serde_json::{Value, json};
use std::sync::Arc;

/// Values of `for` that are tried, in seconds, besides the rule's own.
const FORS: [u64; 9] = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14400];
/// Shares of the values that lie on the quiet side of a threshold that is tried.
const SHARES: [f64; 8] = [0.5, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9999, 1.0];
/// Between two values that thresholds are made of.
const STEP_MS: i64 = 60_000;

/// What `tune` takes.
#[derive(Args)]
pub struct Tune {
    /// Name of an alert of the rules in effect.
    name: String,
    /// How often it may fire.
    #[arg(long, value_name = "N")]
    max_alerts_per_week: f64,
    #[command(flatten)]
    span: Span,
}

/// Proposes the gentlest change of each kind that is quiet enough.
pub fn tune(common: &Common, own: &Tune) -> Outcome {
    let rules = || {
        let taken =
            take(&Options { config: common.config.clone(), ..Options::default() }).map_err(Failure::Usage)?;
        let taken =
            Arc::try_unwrap(taken.rules).map_err(|_| Failure::Failed("the rules are in use".to_owned()))?;
        only(taken, Some(&own.name))
    };
    let past = Past::open(common, &own.span)?;
    let rule = alert(&rules()?, &own.name)?;
    let changes = [vec![None], fors(&rule), thresholds(&rule, &past)?].concat();
    let mut tried = Vec::new();
    for change in changes {
        let variant = Variant(change.into_iter().collect());
        let outcome = past.play(Arc::new(variant.apply(rules()?)?))?;
        let pages = outcome.episodes.iter().filter(|own| own.fired_ms.is_some()).count();
        let rate = per_week(pages, outcome.recorded_ms);
        let is_enough = rate.is_some_and(|rate| rate <= own.max_alerts_per_week);
        tried.push(Tried { variant, pages, rate, is_enough });
    }
    let proposals = [proposal(&tried, Change::is_for), proposal(&tried, Change::is_threshold)];
    let value = json!({
        "rule": own.name,
        "recordedHours": past.recorded_hours(),
        "quietAsItIs": tried.first().is_some_and(|own| own.is_enough),
        "proposals": proposals.into_iter().flatten().collect::<Vec<_>>(),
        "tried": tried.iter().map(Tried::shown).collect::<Vec<_>>(),
    });
    either(common.format, &value, text);
    Ok(Found::Well)
}

/// A change and what it would have come to.
struct Tried {
    variant: Variant,
    pages: usize,
    rate: Option<f64>,
    is_enough: bool,
}

impl Tried {
    fn shown(&self) -> Value {
        let Tried { variant, pages, rate, is_enough } = self;
        let (vary, name) = (variant.shown(), variant.name());
        json!({ "vary": vary, "name": name, "pages": pages, "pagesPerWeek": rate, "enough": is_enough })
    }
}

/// The gentlest change of a kind that is enough.
fn proposal(tried: &[Tried], is_kind: fn(&Change) -> bool) -> Option<Value> {
    let found = tried.iter().find(|own| own.is_enough && own.variant.0.iter().any(is_kind));
    found.map(|own| own.variant.shown())
}

fn alert(rules: &RuleSet, name: &str) -> Result<Rule, Failure> {
    let found = rules.rules().find(|rule| rule.name == name && super::is_alert(rule)).cloned();
    found.ok_or_else(|| Failure::Usage(format!("there is no alert {name:?}")))
}

fn fors(rule: &Rule) -> Vec<Option<Change>> {
    let longer = FORS.iter().map(|seconds| seconds * 1000).filter(|ms| *ms > rule.for_ms);
    longer.map(|ms| Some(Change::For(ms))).collect()
}

/// From the gentlest to the strictest; of a rule that compares with a number by greater or less.
fn thresholds(rule: &Rule, past: &Past) -> Result<Vec<Option<Change>>, Failure> {
    let Some(condition) = rule.expr.conditions().into_iter().next() else { return Ok(Vec::new()) };
    let Ok(measured) = Expr::parse(&condition.measured) else { return Ok(Vec::new()) };
    let is_above = match condition.operator {
        ">" | ">=" => true,
        "<" | "<=" => false,
        _ => return Ok(Vec::new()),
    };
    let mut values = past.values(&measured, STEP_MS)?;
    values.retain(|value| value.is_finite());
    values.sort_by(f64::total_cmp);
    if !is_above {
        values.reverse();
    }
    let at = |share: &f64| values.get(((values.len() as f64 - 1.0) * share) as usize).copied();
    let is_stricter =
        |value: &f64| (*value > condition.threshold) == is_above && *value != condition.threshold;
    let mut thresholds: Vec<f64> = SHARES.iter().filter_map(at).filter(is_stricter).collect();
    thresholds.dedup();
    Ok(thresholds.into_iter().map(|value| Some(Change::Threshold(value))).collect())
}

fn text(value: &Value) -> String {
    let row = |own: &Value| {
        let name =
            if own["vary"].as_object().is_some_and(serde_json::Map::is_empty) { "as it is" } else { "" };
        let name = if name.is_empty() { field(own, "name") } else { name.to_owned() };
        let enough = if own["enough"] == true { "quiet enough" } else { "" };
        vec![name, field(own, "pages"), field(own, "pagesPerWeek"), enough.to_owned()]
    };
    let head = ["change", "times", "a week", ""].map(str::to_owned).to_vec();
    let rows: Vec<_> = [vec![head], items(value, "tried").iter().map(row).collect()].concat();
    let hours = field(value, "recordedHours");
    let proposals = items(value, "proposals");
    let end = match (value["quietAsItIs"] == true, proposals.is_empty()) {
        (true, _) => "it is quiet enough as it is\n".to_owned(),
        (false, true) => "none of these is quiet enough\n".to_owned(),
        (false, false) => {
            let words =
                proposals.iter().map(|own| own.to_string().replace(['{', '}', '"'], "").replace(':', " "));
            format!("proposed: {}\n", words.collect::<Vec<_>>().join(", or "))
        }
    };
    format!("{} over {hours} recorded hours\n{}{end}", field(value, "rule"), table(&rows))
}
