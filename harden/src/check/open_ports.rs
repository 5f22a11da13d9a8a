//! Every port that somebody listens on is meant to be reached: a rule of the firewall names it.

use super::level::Levels;
use super::outcome::{Observation, Outcome};
use super::test::{WhenAbsent, area};
use hostward_model::{Fact, Facts};
use serde::Deserialize;

/// Parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenPorts {
    pub expect: Levels<State>,
}

/// What is expected.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Named,
}

impl OpenPorts {
    pub fn judge(&self, facts: &Facts) -> Outcome {
        let look = || {
            let listening = area(facts, "listening", WhenAbsent::NotApplicable)?;
            Ok((listening, area(facts, "firewall", WhenAbsent::Fail)?))
        };
        match look() {
            Ok((listening, rules)) => {
                Outcome::of(listening.iter().map(|fact| observe(fact, rules)).collect())
            }
            Err(outcome) => outcome,
        }
    }
}

fn observe(fact: &Fact, rules: &[Fact]) -> Observation {
    let named = |rule: &&Fact| rule.key == "input.accept" && covers(&rule.value, &fact.key);
    let wanted = "a firewall rule that lets it in";
    match rules.iter().find(named) {
        Some(rule) => Observation { what: fact.key.clone(), ..Observation::of(rule, wanted, true) },
        None => Observation {
            observed: format!("{}, no rule", fact.value),
            ..Observation::of(fact, wanted, false)
        },
    }
}

/// `tcp/22`, or a range as `tcp/60000-61000` or `udp/5000:5010`.
fn covers(rule: &str, port: &str) -> bool {
    let (Some((protocol, ports)), Some((own, number))) = (rule.split_once('/'), port.split_once('/')) else {
        return false;
    };
    let (first, last) = ports.split_once(['-', ':']).unwrap_or((ports, ports));
    let within = || Some((first.parse::<u16>().ok()?..=last.parse().ok()?).contains(&number.parse().ok()?));
    (protocol == own || protocol == "any") && within().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn single_ports_and_ranges() {
        assert!(
            covers("tcp/22", "tcp/22")
                && covers("any/53", "udp/53")
                && covers("udp/60000-61000", "udp/60500")
        );
        assert!(!covers("tcp/22", "udp/22") && !covers("tcp/ssh", "tcp/22") && !covers("tcp/5:4", "tcp/5"));
    }
}
