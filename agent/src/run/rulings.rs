//! What is wrong with rules while they run, said once in the log.

use hostward_engine::view::RuleStatus;
use hostward_model::Now;
use std::collections::BTreeSet;

/// Plugins and text files have so long to bring a metric before a rule that names it is told of.
const GRACE_MS: u64 = 10 * 60_000;

/// What was told since the rules were taken.
#[derive(Debug, Default)]
pub struct Rulings {
    failing: BTreeSet<RuleName>,
    waiting: BTreeSet<RuleName>,
    since_ms: Option<u64>,
}

/// Group and name.
type RuleName = (String, String);

impl Rulings {
    /// What is to be told now and was not told before.
    pub fn news(&mut self, now: Now, rules: &[RuleStatus]) -> Vec<String> {
        let since_ms = *self.since_ms.get_or_insert(now.mono_ms);
        let is_late = now.mono_ms.saturating_sub(since_ms) >= GRACE_MS;
        let key = |rule: &RuleStatus| (rule.group.clone(), rule.name.clone());
        let mut news = Vec::new();
        for rule in rules {
            let head = || format!("rule {} of group {}", rule.name, rule.group);
            if !rule.error.is_empty() && self.failing.insert(key(rule)) {
                news.push(format!("{}: {}", head(), rule.error));
            }
            if is_late && !rule.unseen.is_empty() && self.waiting.insert(key(rule)) {
                let text = "names what no probe declares and no series has shown so far";
                news.push(format!("{} {text}: {}", head(), rule.unseen.join(", ")));
            }
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(error: &str, unseen: &[&str]) -> RuleStatus {
        RuleStatus {
            group: "g".to_owned(),
            name: "Rule".to_owned(),
            error: error.to_owned(),
            unseen: unseen.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    #[test]
    fn each_is_told_once_and_a_metric_has_time_to_come() {
        let mut rulings = Rulings::default();
        let mut news = |minute: u64, rules: &[RuleStatus]| rulings.news(Now::new(0, minute * 60_000), rules);
        assert_eq!(news(100, &[rule("no", &["a"])]), ["rule Rule of group g: no"]);
        assert_eq!(news(101, &[rule("no", &["a"])]), [""; 0]);
        assert_eq!(news(102, &[rule("", &["a"])]), [""; 0]);
        let told = ["rule Rule of group g names what no probe declares and no series has shown so far: a, b"];
        assert_eq!(news(110, &[rule("no", &["a", "b"])]), told);
        assert_eq!(news(111, &[rule("no", &["a", "b"])]), [""; 0]);
    }
}
