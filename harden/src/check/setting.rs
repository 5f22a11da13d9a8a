//! A setting of an area has the value that it should have, wherever it is set.

use super::expect::{Expect, Unit};
use super::level::{Level, Levels, Profile};
use super::outcome::{Observation, Outcome};
use super::pattern::fits;
use super::test::{WhenAbsent, area};
use hostward_model::{Fact, Facts};
use serde::Deserialize;
use std::collections::BTreeSet;

/// Parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// Where it is looked for.
    pub area: String,
    /// Its name, whatever the case.
    key: String,
    /// Only where the scope fits this pattern; everywhere if not given.
    scope: Option<String>,
    /// Not where the scope fits one of these.
    #[serde(default)]
    except: Vec<String>,
    /// In each scope that fits this pattern, where it must be set if the expectation says so.
    each: Option<String>,
    /// Only on a host that has a scope which fits this pattern.
    if_scope: Option<String>,
    /// It is enough when one of several values is right.
    #[serde(default)]
    any: bool,
    #[serde(default)]
    unit: Unit,
    /// What it means when the host does not have the area.
    #[serde(default)]
    when_absent: WhenAbsent,
    pub expect: Levels<Expect>,
}

impl Setting {
    pub fn asked(&self, level: Level) -> Option<(String, &Expect, Unit)> {
        Some((format!("{}/{}", self.area, self.key), self.expect.at(level)?, self.unit))
    }

    pub fn judge(&self, facts: &Facts, expect: &Expect, profile: &Profile) -> Outcome {
        let wish = self.wish(expect, profile);
        let expect = &wish;
        let all = match area(facts, &self.area, self.when_absent) {
            Ok(all) => all,
            Err(outcome) => return outcome,
        };
        if let Some(pattern) =
            self.if_scope.as_ref().filter(|own| !all.iter().any(|fact| fits(own, &fact.scope)))
        {
            return Outcome::not_applicable(&format!("no {pattern} in {}", self.area));
        }
        match &self.each {
            None => Outcome::of(self.observe(
                &all.iter().filter(|fact| self.asks(fact)).collect::<Vec<_>>(),
                "",
                expect,
            )),
            Some(pattern) => self.judge_each(all, pattern, expect),
        }
    }

    fn judge_each(&self, all: &[Fact], pattern: &str, expect: &Wish<'_>) -> Outcome {
        let of_scope = |fact: &&Fact| fits(pattern, &fact.scope) && !fact.scope.contains(" location ");
        let scopes: BTreeSet<&str> = all.iter().filter(of_scope).map(|fact| fact.scope.as_str()).collect();
        if scopes.is_empty() {
            return Outcome::not_applicable(&format!("no {pattern} in {}", self.area));
        }
        let observed = scopes.iter().flat_map(|scope| {
            // What a location says otherwise counts where it says something.
            let inner = format!("{scope} location ");
            let own = all.iter().filter(|fact| fact.scope == *scope && self.asks(fact));
            let deeper = all.iter().filter(|fact| fact.scope.starts_with(&inner) && self.asks(fact));
            let mut observed = self.observe(&own.collect::<Vec<_>>(), scope, expect);
            observed.extend(deeper.map(|fact| self.observation(fact, expect)));
            observed
        });
        Outcome::of(observed.collect())
    }

    fn wish<'w>(&self, expect: &'w Expect, profile: &'w Profile) -> Wish<'w> {
        let name = format!("{}/{}", self.area, self.key);
        let asked = profile.values.iter().find(|(own, _)| own.eq_ignore_ascii_case(&name));
        Wish { level: expect, frameworks: asked.map_or(&[], |(_, asked)| asked) }
    }

    fn asks(&self, fact: &Fact) -> bool {
        fact.key.eq_ignore_ascii_case(&self.key)
            && self.scope.as_ref().is_none_or(|pattern| fits(pattern, &fact.scope))
            && !self.except.iter().any(|pattern| fits(pattern, &fact.scope))
    }

    fn observe(&self, facts: &[&Fact], scope: &str, expect: &Wish<'_>) -> Vec<Observation> {
        if facts.is_empty() {
            let what = if scope.is_empty() { self.key.clone() } else { format!("{scope}: {}", self.key) };
            let met = expect.holds(None, self.unit);
            return vec![Observation::without(&what, "not set", &expect.said(), met)];
        }
        let observed: Vec<_> = facts.iter().map(|fact| self.observation(fact, expect)).collect();
        if self.any && observed.iter().any(|own| own.met) {
            return observed.into_iter().filter(|own| own.met).collect();
        }
        observed
    }

    fn observation(&self, fact: &Fact, expect: &Wish<'_>) -> Observation {
        Observation::of(fact, &expect.said(), expect.holds(Some(&fact.value), self.unit))
    }
}

/// What the level expects, and what frameworks ask for beside it.
struct Wish<'w> {
    level: &'w Expect,
    frameworks: &'w [(String, Expect)],
}

impl Wish<'_> {
    fn holds(&self, value: Option<&str>, unit: Unit) -> bool {
        self.level.holds(value, unit) && self.frameworks.iter().all(|(_, asked)| asked.holds(value, unit))
    }

    fn said(&self) -> String {
        let asked = self.frameworks.iter().map(|(by, asked)| format!("; {by}: {}", asked.said()));
        std::iter::once(self.level.said()).chain(asked).collect()
    }
}
