//! `--vary`: the same rules with another `for` or another threshold.

use crate::cli::Failure;
use hostward_engine::rules::{Rule, RuleKind, RuleSet, parse_duration_ms};
use hostward_model::number;
use serde_json::{Map, Value};
use std::str::FromStr;

/// Variants that are played side by side.
const VARIANTS_MAX: usize = 100;

/// A value that takes the place of the file's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// How long a condition must hold, in milliseconds.
    For(u64),
    /// What the rule compares with.
    Threshold(f64),
}

/// `for=1m,5m` or `threshold=0.8,0.9`.
#[derive(Clone, Debug, PartialEq)]
pub struct Vary(pub Vec<Change>);

/// Changes that are made together; none is the file as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Variant(pub Vec<Change>);

impl FromStr for Vary {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (what, values) =
            text.split_once('=').ok_or("write it as in for=1m,5m,15m or threshold=0.8,0.9")?;
        let change = |value: &str| match what {
            "for" => parse_duration_ms(value).map(Change::For),
            "threshold" => {
                let wrong = || format!("{value:?} is not a number");
                value
                    .parse()
                    .ok()
                    .filter(|value: &f64| value.is_finite())
                    .map(Change::Threshold)
                    .ok_or_else(wrong)
            }
            _ => Err(format!("{what:?} cannot be varied; for and threshold can")),
        };
        values.split(',').map(change).collect::<Result<_, _>>().map(Vary)
    }
}

impl Variant {
    /// Each value of one with each value of the others.
    pub fn all(vary: &[Vary]) -> Vec<Variant> {
        let mut all = vec![Variant::default()];
        for Vary(changes) in vary {
            let with = |own: &Variant| {
                let own = own.clone();
                changes.iter().map(move |change| Variant([own.0.clone(), vec![*change]].concat()))
            };
            all = all.iter().flat_map(with).take(VARIANTS_MAX).collect();
        }
        all
    }

    /// Makes the changes in all alerts of a file.
    pub fn apply(&self, mut rules: RuleSet) -> Result<RuleSet, Failure> {
        let alerts = rules.groups.iter_mut().flat_map(|group| &mut group.rules);
        for rule in alerts.filter(|rule| rule.kind == RuleKind::Alert) {
            self.0.iter().try_for_each(|change| change.apply(rule))?;
        }
        Ok(rules)
    }

    /// For programs.
    pub fn shown(&self) -> Value {
        let one = |change: &Change| match change {
            Change::For(ms) => ("for".to_owned(), Value::from(*ms as f64 / 1000.0)),
            Change::Threshold(value) => ("threshold".to_owned(), Value::from(*value)),
        };
        Value::Object(self.0.iter().map(one).collect::<Map<_, _>>())
    }

    /// For people.
    pub fn name(&self) -> String {
        let one = |change: &Change| match change {
            Change::For(ms) => format!("for={}s", *ms as f64 / 1000.0),
            Change::Threshold(value) => format!("threshold={}", number::to_string(*value)),
        };
        self.0.iter().map(one).collect::<Vec<_>>().join(" ")
    }
}

impl Change {
    /// Whether it changes `for`.
    pub fn is_for(&self) -> bool {
        matches!(self, Change::For(_))
    }

    /// Whether it changes a threshold.
    pub fn is_threshold(&self) -> bool {
        matches!(self, Change::Threshold(_))
    }

    fn apply(self, rule: &mut Rule) -> Result<(), Failure> {
        match self {
            Change::For(ms) => rule.for_ms = ms,
            Change::Threshold(value) => {
                let none = || {
                    let (name, text) = (&rule.name, rule.expr.text());
                    Failure::Usage(format!(
                        "{name} compares with no number: {text}; choose a rule with --rule NAME"
                    ))
                };
                rule.expr = rule.expr.with_threshold(value).ok_or_else(none)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_and_multiplied() {
        let vary: Vec<Vary> = ["for=1m,5m", "threshold=0.5,2"].map(|text| text.parse().unwrap()).into();
        let names: Vec<String> = Variant::all(&vary).iter().map(Variant::name).collect();
        assert_eq!(
            names,
            [
                "for=60s threshold=0.5",
                "for=60s threshold=2",
                "for=300s threshold=0.5",
                "for=300s threshold=2"
            ]
        );
        assert_eq!(Variant::all(&[]).len(), 1);
        for bad in ["for", "for=1", "threshold=x", "severity=page", "threshold=NaN"] {
            assert!(bad.parse::<Vary>().is_err(), "{bad}");
        }
    }
}
