//! An alert that fires can hide others that follow from it, by Alertmanager's rules.

use super::Matchers;
use crate::labels::Labels;

/// While an alert that matches `source` fires, those that match `target` and have the same `equal` labels are not told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inhibition {
    /// What hides.
    pub source: Matchers,
    /// What is hidden.
    pub target: Matchers,
    /// Labels that must have the same value on both sides; absent on both is the same, too.
    pub equal: Vec<String>,
}

impl Inhibition {
    /// Whether `source`, which fires, hides `target`.
    ///
    /// What is on both sides of a rule is not hidden by its like, or two alerts could hide each other.
    pub fn hides(&self, source: &Labels, target: &Labels) -> bool {
        let is_pair = self.target.matches(target) && self.source.matches(source);
        let are_alike = || self.source.matches(target) && self.target.matches(source);
        is_pair && self.equal.iter().all(|name| source.get(name) == target.get(name)) && !are_alike()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Labels {
        Labels::new(text.split(' ').filter_map(|pair| pair.split_once('=')))
    }

    fn rule(source: &str, target: &str, equal: &[&str]) -> Inhibition {
        let matchers = |text: &str| Matchers::parse(text.split(' ').map(str::to_owned).collect()).unwrap();
        let equal = equal.iter().map(|&name| name.to_owned()).collect();
        Inhibition { source: matchers(source), target: matchers(target), equal }
    }

    #[test]
    fn the_graver_alert_of_the_same_disk_hides_the_other() {
        let rule = rule("severity=critical", "severity=~warning|info", &["mountpoint"]);
        let hides = |source, target| rule.hides(&labels(source), &labels(target));
        assert!(hides("severity=critical mountpoint=/srv", "severity=warning mountpoint=/srv"));
        assert!(hides("severity=critical", "severity=info"), "absent on both sides is equal");
        assert!(!hides("severity=critical mountpoint=/srv", "severity=warning mountpoint=/home"));
        assert!(!hides("severity=warning mountpoint=/srv", "severity=info mountpoint=/srv"));
    }

    #[test]
    fn nothing_hides_itself_or_its_like() {
        let rule = rule("team=a", "team=a", &[]);
        assert!(!rule.hides(&labels("team=a n=1"), &labels("team=a n=1")));
        assert!(!rule.hides(&labels("team=a n=1"), &labels("team=a n=2")));
    }
}
