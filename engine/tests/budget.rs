//! Rules that cost too much, and rules that wait for what never comes.

#![allow(clippy::unwrap_used)]

use hostward_engine::rules::RuleSet;
use hostward_engine::{Engine, Input, Settings};
use hostward_model::text::Format;
use hostward_model::{Batch, Metric, Now};
use std::sync::Arc;

static HEAT: Metric = Metric::gauge("heat", "Heat.", &["n"]);
static COLD: Metric = Metric::gauge("cold", "Never seen here.", &[]);

const GROUPS: &str = r#"
groups:
- name: costly
  rules:
  - {alert: Cheap, expr: 'max(heat) > 0'}
  - {alert: Costly, expr: 'avg_over_time(heat[5m]) > 1e9'}
  - {alert: After, expr: 'max(heat) > 0'}
- name: modest
  rules:
  - {alert: Other, expr: 'max(heat) > 0'}
"#;

/// An engine with ten minutes of 100 series and these rules, which may take so long a group.
fn engine(rules: &str, group_ms: u64) -> (Engine, Now) {
    let (mut rules, errors) = RuleSet::parse(&[("r.yml".to_owned(), rules.to_owned())]);
    assert!(errors.is_empty(), "{errors:?}");
    rules.declared = vec![&HEAT, &COLD];
    let mut engine = Engine::new(Settings { group_ms, ..Settings::default() });
    let mut now = Now::new(1_000_000, 1_000_000);
    let mut batch = Batch::new();
    (0..100).for_each(|n| batch.push(&HEAT, &[&n.to_string()], f64::from(n)));
    for _ in 0..600 {
        now = Now::new(now.wall_ms + 1000, now.mono_ms + 1000);
        engine.handle(now, Input::Batch { probe: "test", batch: &batch });
    }
    engine.handle(now, Input::Rules(Arc::new(rules)));
    engine.handle(now, Input::Wake);
    (engine, now)
}

fn fates(engine: &mut Engine) -> Vec<String> {
    let view = engine.view();
    view.rules.iter().map(|rule| format!("{}: {}", rule.name, rule.error)).collect()
}

#[test]
fn a_group_that_uses_up_its_budget_costs_its_own_rest() {
    let (mut engine, now) = engine(GROUPS, 1);
    assert_eq!(
        fates(&mut engine),
        [
            "Cheap: ",
            "Costly: the group's budget of 1 ms is used up: narrow the selectors or the range",
            "After: skipped: Costly used up the group's budget of 1 ms",
            "Other: ",
        ]
    );
    let view = engine.view();
    assert_eq!((view.evaluations_skipped, view.counts.evaluation_failures), (1, 1));
    let mut page = String::new();
    view.write(&mut page, Format::Text);
    let failing: Vec<_> = page.lines().filter(|line| line.starts_with("hostward_rule")).collect();
    assert_eq!(
        failing,
        [
            r#"hostward_rule_failing{group="costly",name="Costly"} 1"#,
            r#"hostward_rule_failing{group="costly",name="After"} 1"#
        ]
    );
    engine.set_settings(Settings::default());
    engine.handle(Now::new(now.wall_ms + 10_000, now.mono_ms + 10_000), Input::Wake);
    assert_eq!(fates(&mut engine), ["Cheap: ", "Costly: ", "After: ", "Other: "]);
}

/// What fires when the budget is used up goes on firing: nobody looked.
#[test]
fn skipped_is_not_resolved() {
    let (mut engine, now) = engine(GROUPS, 200);
    engine.set_settings(Settings { group_ms: 1, ..Settings::default() });
    engine.handle(Now::new(now.wall_ms + 10_000, now.mono_ms + 10_000), Input::Wake);
    let firing: Vec<_> = engine.view().alerts.iter().map(|alert| alert.name.clone()).collect();
    assert_eq!(firing.len(), 3, "{firing:?}");
}

#[test]
fn a_metric_that_nothing_gives_is_told() {
    let rules = "groups:\n- name: g\n  rules:\n  - {record: warm, expr: heat / 2}\n  - {alert: A, expr: \
                 'warm > 1 and cold > 1 and fresh > 1 and on () fresher > 1 or ALERTS'}\n";
    let (mut engine, now) = engine(rules, 200);
    assert_eq!(engine.view().rules[1].unseen, ["fresh", "fresher"]);
    static FRESH: Metric = Metric::gauge("fresh", "From a file.", &[]);
    let mut batch = Batch::new();
    batch.push(&FRESH, &[], 1.0);
    engine.handle(now, Input::Batch { probe: "textfile", batch: &batch });
    assert_eq!(engine.view().rules[1].unseen, ["fresher"]);
    let mut page = String::new();
    engine.view().write(&mut page, Format::Text);
    assert!(
        page.contains("hostward_rule_metric_unseen{group=\"g\",metric=\"fresher\",name=\"A\"} 1\n"),
        "{page}"
    );
}
