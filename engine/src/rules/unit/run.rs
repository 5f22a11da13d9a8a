//! Runs unit tests: the series are drawn, the rules evaluated step by step, and what they give is compared.

use super::file::{AlertTest, ExprTest, Files, Suite, Test};
use crate::alert::State;
use crate::labels::Labels;
use crate::lifecycle::{Joined, Lifecycle};
use crate::promql::Value;
use crate::promql::drawn::Drawn;
use crate::rules::RuleSet;
use hostward_model::{Now, number};
use std::sync::Arc;

/// A test may have so many evaluations.
const STEPS_MAX: i64 = 1_000_000;
/// Points that rules may record in one test.
const RECORDED_POINTS_MAX: usize = 10_000_000;

/// What does not hold, one text for each; none when all tests pass.
pub fn run(suite: &Suite, files: &Files) -> Vec<String> {
    let mut failures = Vec::new();
    for test in &suite.tests {
        let named = |text: String| if test.name.is_empty() { text } else { format!("{}: {text}", test.name) };
        failures.extend(run_test(suite, test, files).into_iter().map(named));
    }
    failures
}

fn run_test(suite: &Suite, test: &Test, files: &Files) -> Vec<String> {
    let (mut rules, errors) = RuleSet::parse(files);
    if !errors.is_empty() {
        return errors.iter().map(ToString::to_string).collect();
    }
    rules.external_labels = test.external_labels.clone();
    // Each group is evaluated at each step, whatever interval it has.
    rules.groups.iter_mut().for_each(|group| group.interval_ms = None);
    let place = |name: &String| suite.group_order.iter().position(|own| own == name).unwrap_or(usize::MAX);
    rules.groups.sort_by_key(|group| place(&group.name));
    let mut drawn = Drawn::default();
    for (labels, values) in &test.series {
        drawn.draw(labels.clone(), values, 0, test.interval_ms);
    }
    Running::new(suite.interval_ms, rules, drawn).run(test)
}

struct Running {
    interval_ms: i64,
    lifecycle: Lifecycle,
    drawn: Drawn,
    failures: Vec<String>,
}

impl Running {
    fn new(interval_ms: i64, rules: RuleSet, drawn: Drawn) -> Self {
        let mut lifecycle = Lifecycle::default();
        lifecycle.set_rules(at(0), Arc::new(rules), u64::try_from(interval_ms).unwrap_or(1));
        lifecycle.keep_recorded(i64::MAX, RECORDED_POINTS_MAX);
        Running { interval_ms, lifecycle, drawn, failures: Vec::new() }
    }

    fn run(mut self, test: &Test) -> Vec<String> {
        let times = test.alerts.iter().map(|test| test.at_ms).chain(test.exprs.iter().map(|test| test.at_ms));
        let end_ms = times.max().unwrap_or(0);
        if end_ms / self.interval_ms > STEPS_MAX {
            return vec![format!("the test has more than {STEPS_MAX} evaluations: take a longer interval")];
        }
        let mut now_ms = 0;
        while now_ms <= end_ms {
            self.lifecycle.play(at(now_ms), &self.drawn);
            let failed = self.lifecycle.failures();
            let failed: Vec<_> = failed
                .map(|(name, error)| format!("rule {name}, time {}s: {error}", now_ms / 1000))
                .collect();
            if !failed.is_empty() {
                self.failures.extend(failed);
                return self.failures;
            }
            let next_ms = now_ms + self.interval_ms;
            let due = test.alerts.iter().filter(|test| test.at_ms >= now_ms && test.at_ms < next_ms);
            due.for_each(|test| self.check_alerts(test));
            now_ms = next_ms;
        }
        test.exprs.iter().for_each(|test| self.check_expr(test));
        self.failures
    }

    fn check_alerts(&mut self, test: &AlertTest) {
        let firing =
            self.lifecycle.alerts().filter(|alert| alert.state == State::Firing && alert.name == test.name);
        let mut found: Vec<_> =
            firing.map(|alert| (alert.labels.clone(), alert.annotations.clone())).collect();
        let mut wanted = test.alerts.clone();
        found.sort();
        wanted.sort();
        if found != wanted {
            let shown = |alerts: &[(Labels, Labels)]| -> String {
                alerts.iter().map(|(labels, texts)| format!("\n        {labels} {texts}")).collect()
            };
            self.failures.push(format!(
                "line {}: alert {} at {}s:\n    expected:{}\n    got:{}",
                test.line,
                test.name,
                test.at_ms / 1000,
                shown(&wanted),
                shown(&found)
            ));
        }
    }

    fn check_expr(&mut self, test: &ExprTest) {
        let source = Joined { host: &self.drawn, recorded: self.lifecycle.recorded() };
        let mut found = match test.expr.eval(&source, test.at_ms) {
            Ok(Value::Vector(vector)) => vector,
            Ok(Value::Scalar(value)) => vec![(Labels::default(), value)],
            Ok(_) => return self.fail(test, "it gives neither a vector nor a number"),
            Err(error) => return self.fail(test, &error.to_string()),
        };
        let mut wanted = test.samples.clone();
        let order = |a: &(Labels, f64), b: &(Labels, f64)| a.0.cmp(&b.0);
        found.sort_by(order);
        wanted.sort_by(order);
        if found != wanted {
            let shown = |samples: &[(Labels, f64)]| -> String {
                samples
                    .iter()
                    .map(|(labels, value)| format!("\n        {labels} {}", number::to_string(*value)))
                    .collect()
            };
            let text = format!("\n    expected:{}\n    got:{}", shown(&wanted), shown(&found));
            self.fail(test, &text);
        }
    }

    fn fail(&mut self, test: &ExprTest, why: &str) {
        let (line, expr, seconds) = (test.line, test.expr.text(), test.at_ms / 1000);
        self.failures.push(format!("line {line}: {expr} at {seconds}s: {why}"));
    }
}

fn at(ms: i64) -> Now {
    Now { wall_ms: ms, mono_ms: u64::try_from(ms).unwrap_or(0) }
}
