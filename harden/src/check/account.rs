//! Properties of accounts that no single setting says.

use super::level::Levels;
use super::outcome::{Observation, Outcome};
use super::test::{WhenAbsent, area};
use hostward_model::{Fact, Facts, Wanted};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Accounts of services have numbers below this, as in Debian's login.defs(5).
const PEOPLE_FROM: u32 = 1000;
/// Programs that let nobody in; sync, shutdown and halt are accounts of Debian that do one thing and end.
const NO_SHELLS: [&str; 7] = ["nologin", "false", "sync", "shutdown", "halt", "true", "git-shell"];

/// Parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    pub expect: Levels<Property>,
}

/// What should hold for all accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Property {
    /// No other account has the number of root.
    OnlyRootIsZero,
    /// No password is in passwd(5).
    Shadowed,
    /// Nobody gets in without a password.
    NoneEmpty,
    /// Names and numbers are given once.
    Unique,
    /// Accounts of services have no shell.
    ServicesHaveNoShell,
}

impl Account {
    pub fn wants(&self) -> Wanted {
        let shadow = self.expect.values().any(|property| *property == Property::NoneEmpty);
        let area = if shadow { "shadow" } else { "accounts" };
        Wanted { areas: [area.to_owned()].into(), ..Wanted::default() }
    }

    pub fn judge(&self, facts: &Facts, property: Property) -> Outcome {
        let name = if property == Property::NoneEmpty { "shadow" } else { "accounts" };
        match area(facts, name, WhenAbsent::NotApplicable) {
            Ok(all) => Outcome::of(property.observe(all)),
            Err(outcome) => outcome,
        }
    }
}

impl Property {
    fn observe(self, all: &[Fact]) -> Vec<Observation> {
        let keyed = |key: &'static str| all.iter().filter(move |fact| fact.key == key);
        match self {
            Property::OnlyRootIsZero => {
                let zero = keyed("uid").filter(|fact| fact.value == "0");
                zero.map(|fact| Observation::of(fact, "root alone", fact.scope == "root")).collect()
            }
            Property::Shadowed => {
                let told = keyed("password");
                told.map(|fact| {
                    Observation::of(fact, "elsewhere", matches!(fact.value.as_str(), "elsewhere" | "locked"))
                })
                .collect()
            }
            Property::NoneEmpty => keyed("password")
                .map(|fact| Observation::of(fact, "not empty", fact.value != "empty"))
                .collect(),
            Property::Unique => unique(&keyed("uid").collect::<Vec<_>>()),
            Property::ServicesHaveNoShell => services(all),
        }
    }
}

fn unique(uids: &[&Fact]) -> Vec<Observation> {
    let (mut names, mut numbers) = (BTreeMap::new(), BTreeMap::new());
    for fact in uids {
        *names.entry(&fact.scope).or_insert(0) += 1;
        *numbers.entry(&fact.value).or_insert(0) += 1;
    }
    let once = |fact: &Fact| names[&fact.scope] == 1 && numbers[&fact.value] == 1;
    uids.iter().map(|fact| Observation::of(fact, "given once", once(fact))).collect()
}

fn services(all: &[Fact]) -> Vec<Observation> {
    let of = |account: &str, key: &str| all.iter().find(|fact| fact.scope == account && fact.key == key);
    let service = |fact: &&Fact| {
        let uid = of(&fact.scope, "uid").and_then(|uid| uid.value.parse::<u32>().ok());
        fact.scope != "root" && uid.is_some_and(|uid| uid < PEOPLE_FROM)
    };
    let shells = all.iter().filter(|fact| fact.key == "shell").filter(service);
    shells
        .map(|fact| {
            let shell = fact.value.rsplit('/').next().unwrap_or("");
            Observation::of(fact, "nologin", NO_SHELLS.contains(&shell))
        })
        .collect()
}
