//! A file of unit tests, as promtool reads it.

use super::super::entries::{Entries, Refusal, duration, get, known_keys, line, list, map, required, text};
use super::super::yaml::{self, Located, Yaml};
use crate::labels::Labels;
use crate::promql::Expr;
use crate::promql::drawn::{self, Drawing};

/// What is wrong in a file of tests: its line and a reason.
pub type Wrong = Refusal;

/// Between two evaluations unless the file says otherwise.
const INTERVAL_MS: u64 = 60_000;

/// A file of unit tests.
#[derive(Debug)]
pub struct Suite {
    /// Paths or patterns of the rule files, relative to this one.
    pub rule_files: Vec<String>,
    /// Between two evaluations.
    pub interval_ms: i64,
    /// Names of groups in the order of their evaluation; the others come after them.
    pub group_order: Vec<String>,
    /// The tests.
    pub tests: Vec<Test>,
}

/// Rule files by name and text.
pub type Files = [(String, String)];

/// One test.
#[derive(Debug)]
pub struct Test {
    /// For messages.
    pub name: String,
    /// Between two values of a series.
    pub interval_ms: i64,
    /// Series and their values.
    pub series: Vec<(Labels, Vec<Drawing>)>,
    /// Alerts that should fire.
    pub alerts: Vec<AlertTest>,
    /// Values that expressions should have.
    pub exprs: Vec<ExprTest>,
    /// What templates see as `$externalLabels`.
    pub external_labels: Labels,
}

/// The alerts with a name that fire at a time.
#[derive(Debug)]
pub struct AlertTest {
    pub line: u64,
    pub at_ms: i64,
    pub name: String,
    /// Labels and annotations of each.
    pub alerts: Vec<(Labels, Labels)>,
}

/// The value of an expression at a time.
#[derive(Debug)]
pub struct ExprTest {
    pub line: u64,
    pub at_ms: i64,
    pub expr: Expr,
    pub samples: Vec<(Labels, f64)>,
}

impl Suite {
    /// Reads a file.
    pub fn parse(text: &str) -> Result<Suite, Refusal> {
        let tree = yaml::parse(text)?;
        if tree.value == Yaml::Null {
            let (rule_files, group_order, tests) = Default::default();
            return Ok(Suite { rule_files, interval_ms: INTERVAL_MS as i64, group_order, tests });
        }
        let entries = map(&tree, "a file of tests")?;
        known_keys(
            entries,
            &["rule_files", "evaluation_interval", "group_eval_order", "tests", "fuzzy_compare"],
            "a file of tests",
        )?;
        let interval_ms = match milliseconds(entries, "evaluation_interval")? {
            Some(0) | None => INTERVAL_MS as i64,
            Some(interval_ms) => interval_ms,
        };
        let tests = items(entries, "tests")?.iter().map(test).collect::<Result<_, _>>()?;
        let (rule_files, group_order) = (texts(entries, "rule_files")?, texts(entries, "group_eval_order")?);
        Ok(Suite { rule_files, interval_ms, group_order, tests })
    }
}

fn milliseconds(entries: Entries<'_>, key: &str) -> Result<Option<i64>, Refusal> {
    Ok(duration(entries, key)?.map(|ms| i64::try_from(ms).unwrap_or(i64::MAX)))
}

fn items<'a>(entries: Entries<'a>, key: &str) -> Result<&'a [Located], Refusal> {
    get(entries, key).map_or(Ok(&[][..]), |value| list(value, &format!("`{key}`")))
}

fn texts(entries: Entries<'_>, key: &str) -> Result<Vec<String>, Refusal> {
    items(entries, key)?.iter().map(|item| text(item).map_err(|why| (line(item), why))).collect()
}

fn pairs(entries: Entries<'_>, key: &str) -> Result<Labels, Refusal> {
    let Some(value) = get(entries, key) else { return Ok(Labels::default()) };
    let mut labels = Labels::default();
    for (name, value) in map(value, &format!("`{key}`"))? {
        labels.set(name.value.as_str(), text(value).map_err(|why| (line(value), why))?);
    }
    Ok(labels)
}

fn test(item: &Located) -> Result<Test, Refusal> {
    let entries = map(item, "a test")?;
    known_keys(
        entries,
        &[
            "name",
            "interval",
            "input_series",
            "alert_rule_test",
            "promql_expr_test",
            "external_labels",
            "external_url",
            "start_timestamp",
        ],
        "a test",
    )?;
    if let Some(value) = get(entries, "start_timestamp") {
        return Err((line(value), "`start_timestamp` is not supported: tests begin at 0".to_owned()));
    }
    Ok(Test {
        name: get(entries, "name").and_then(|name| text(name).ok()).unwrap_or_default(),
        interval_ms: milliseconds(entries, "interval")?.unwrap_or(0),
        series: items(entries, "input_series")?.iter().map(series).collect::<Result<_, _>>()?,
        alerts: items(entries, "alert_rule_test")?.iter().map(alert_test).collect::<Result<_, _>>()?,
        exprs: items(entries, "promql_expr_test")?.iter().map(expr_test).collect::<Result<_, _>>()?,
        external_labels: pairs(entries, "external_labels")?,
    })
}

fn series(item: &Located) -> Result<(Labels, Vec<Drawing>), Refusal> {
    let entries = map(item, "a series")?;
    known_keys(entries, &["series", "values"], "a series")?;
    let at = |why: String| (line(item), why);
    let name = required(entries, "series", line(item), "a series")?;
    let values = get(entries, "values").map_or(Ok(String::new()), text).map_err(at)?;
    let values = drawn::values(&values).map_err(at)?;
    if values.contains(&Drawing::Histogram) {
        return Err(at("native histograms are not supported".to_owned()));
    }
    Ok((labels(&name).map_err(at)?, values))
}

/// A label set and nothing after it.
fn labels(written: &str) -> Result<Labels, String> {
    match drawn::labels(written)? {
        (labels, rest) if rest.trim().is_empty() => Ok(labels),
        (_, rest) => Err(format!("`{}` is out of place after the labels", rest.trim())),
    }
}

fn alert_test(item: &Located) -> Result<AlertTest, Refusal> {
    let entries = map(item, "an alert test")?;
    known_keys(entries, &["eval_time", "alertname", "exp_alerts"], "an alert test")?;
    let name = required(entries, "alertname", line(item), "an alert test")?;
    let mut alerts = Vec::new();
    for expected in items(entries, "exp_alerts")? {
        let entries = map(expected, "an expected alert")?;
        known_keys(entries, &["exp_labels", "exp_annotations"], "an expected alert")?;
        let mut labels = pairs(entries, "exp_labels")?;
        labels.set("alertname", name.as_str());
        alerts.push((labels, pairs(entries, "exp_annotations")?));
    }
    let at_ms = milliseconds(entries, "eval_time")?.unwrap_or(0);
    Ok(AlertTest { line: line(item), at_ms, name, alerts })
}

fn expr_test(item: &Located) -> Result<ExprTest, Refusal> {
    let entries = map(item, "an expression test")?;
    known_keys(entries, &["expr", "eval_time", "exp_samples"], "an expression test")?;
    let at = |why: String| (line(item), why);
    let written = required(entries, "expr", line(item), "an expression test")?;
    let expr = Expr::parse(&written).map_err(|error| at(format!("expr: {error}")))?;
    let mut samples = Vec::new();
    for expected in items(entries, "exp_samples")? {
        let entries = map(expected, "an expected sample")?;
        known_keys(entries, &["labels", "value"], "an expected sample")?;
        let named = get(entries, "labels").map_or(Ok(String::new()), text).map_err(at)?;
        let labels = if named.trim().is_empty() { Labels::default() } else { labels(&named).map_err(at)? };
        samples.push((labels, value(entries, line(item))?));
    }
    Ok(ExprTest { line: line(item), at_ms: milliseconds(entries, "eval_time")?.unwrap_or(0), expr, samples })
}

fn value(entries: Entries<'_>, at: u64) -> Result<f64, Refusal> {
    let Some(value) = get(entries, "value") else { return Ok(0.0) };
    let written = text(value).map_err(|why| (at, why))?;
    // YAML's own words for what is no finite number begin with a point.
    let word = written.to_ascii_lowercase();
    let number = match word.trim_start_matches(['+', '-']) {
        ".inf" | ".nan" => word.replace('.', "").parse(),
        _ => word.parse(),
    };
    number.map_err(|_| (line(value), format!("`{written}` is not a number")))
}
