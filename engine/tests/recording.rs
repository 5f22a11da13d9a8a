//! What rules record is there for the rules and queries that come after, and ends when it is given no more.

#![allow(clippy::unwrap_used)]

use hostward_engine::promql::{Expr, Value};
use hostward_engine::rules::RuleSet;
use hostward_engine::{Engine, Input, Scope, Settings};
use hostward_model::{Batch, Metric, Now, number};
use std::sync::Arc;

static HEAT: Metric = Metric::gauge("heat", "Heat.", &["zone"]);

struct Host {
    engine: Engine,
    now: Now,
}

fn parsed(rules: &str) -> Arc<RuleSet> {
    let (rules, errors) = RuleSet::parse(&[("r.yml".to_owned(), rules.to_owned())]);
    assert!(errors.is_empty(), "{errors:?}");
    Arc::new(rules)
}

impl Host {
    fn new(rules: &str) -> Self {
        let mut host = Host { engine: Engine::new(Settings::default()), now: Now::new(1_000_000, 1_000_000) };
        host.engine.handle(host.now, Input::Rules(parsed(rules)));
        host
    }

    /// As the daemon does between an orderly end and the next start.
    fn restart(&mut self, rules: &str) {
        self.engine = Engine::restore(Settings::default(), &self.engine.save(Scope::Whole)).unwrap();
        self.engine.handle(self.now, Input::Rules(parsed(rules)));
    }

    /// One sample for each zone, and a look at the rules.
    fn sample(&mut self, zones: &[(&str, f64)]) {
        self.now = Now::new(self.now.wall_ms + 10_000, self.now.mono_ms + 10_000);
        let mut batch = Batch::new();
        zones.iter().for_each(|(zone, value)| batch.push(&HEAT, &[zone], *value));
        self.engine.handle(self.now, Input::Batch { probe: "test", batch: &batch });
        self.engine.handle(self.now, Input::Wake);
    }

    fn query(&self, text: &str) -> String {
        match self.engine.query(&Expr::parse(text).unwrap(), self.now.wall_ms).unwrap() {
            Value::Vector(vector) => {
                let one = |(labels, value)| format!("{labels} {}", number::to_string(value));
                vector.into_iter().map(one).collect::<Vec<_>>().join(", ")
            }
            other => format!("{other:?}"),
        }
    }

    fn errors(&mut self) -> Vec<String> {
        let view = self.engine.view();
        let failing = view.rules.iter().filter(|rule| !rule.error.is_empty());
        failing.map(|rule| format!("{}: {}", rule.name, rule.error)).collect()
    }
}

#[test]
fn a_recorded_series_is_seen_by_later_rules_and_queries() {
    let mut host = Host::new(
        "groups:\n- name: g\n  rules:\n  - {record: 'zone:heat:double', expr: heat * 2, labels: {by: rule}}\n  - {alert: Hot, \
         expr: 'zone:heat:double > 150', for: 20s}\n",
    );
    host.sample(&[("cpu", 50.0), ("disk", 80.0)]);
    assert_eq!(
        host.query("zone:heat:double"),
        r#"zone:heat:double{by="rule",zone="cpu"} 100, zone:heat:double{by="rule",zone="disk"} 160"#
    );
    assert_eq!(
        host.query("ALERTS"),
        r#"ALERTS{alertname="Hot",alertstate="pending",by="rule",zone="disk"} 1"#
    );
    (0..2).for_each(|_| host.sample(&[("cpu", 50.0), ("disk", 80.0)]));
    assert_eq!(
        host.query("ALERTS"),
        r#"ALERTS{alertname="Hot",alertstate="firing",by="rule",zone="disk"} 1"#
    );
    host.sample(&[("cpu", 60.0)]);
    assert_eq!(host.query("zone:heat:double"), r#"zone:heat:double{by="rule",zone="cpu"} 120"#);
    assert_eq!(host.query("ALERTS"), "");
    assert_eq!(
        host.query("count_over_time(zone:heat:double[1m])"),
        r#"{by="rule",zone="cpu"} 4, {by="rule",zone="disk"} 3"#
    );
}

#[test]
fn what_is_recorded_has_bounds() {
    let mut host = Host::new(
        "groups:\n- name: g\n  limit: 1\n  rules:\n  - {record: many, expr: heat}\n- name: h\n  rules:\n  - {record: same, expr: \
         heat, labels: {zone: all}}\n  - {record: short, expr: sum(heat)}\n",
    );
    for _ in 0..120 {
        host.sample(&[("cpu", 50.0), ("disk", 80.0)]);
    }
    assert_eq!(
        host.errors(),
        [
            "many: exceeded limit of 1 with 2 results",
            "same: two results have the same labels once the rule's labels are set"
        ]
    );
    // No rule looks back farther than the look-back; three times that is kept until it is on disk.
    assert_eq!(host.query("count_over_time(short[1h])"), "{} 91");
}

/// Restored after each step, an engine goes on as if nothing had been.
#[test]
fn what_is_recorded_outlasts_a_restore() {
    let rules = "groups:\n- name: g\n  rules:\n  - {record: double, expr: heat * 2}\n  - {record: mean, expr: \
                 'avg_over_time(double[5m])'}\n  - {alert: Hot, expr: mean > 100, for: 20s}\n";
    let (mut calm, mut shaken) = (Host::new(rules), Host::new(rules));
    for step in 0..40 {
        let zones = [("cpu", 50.0 + f64::from(step)), ("disk", 20.0)];
        let zones = &zones[..if step % 7 == 3 { 1 } else { 2 }];
        calm.sample(zones);
        shaken.sample(zones);
        shaken.restart(rules);
        for query in ["double", "mean", "ALERTS", "count_over_time(double[5m])"] {
            assert_eq!(calm.query(query), shaken.query(query), "{query} at step {step}");
        }
        assert_eq!(calm.engine.save(Scope::Whole), shaken.engine.save(Scope::Whole), "step {step}");
    }
    assert!(shaken.query("ALERTS").contains("firing"));
}
