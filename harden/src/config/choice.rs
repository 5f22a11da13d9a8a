//! Which value a setting gets: what the level takes, unless a framework or an administrator asks for something else.

use super::front::Parameter;
use super::wish::Wish;
use crate::check::{Expect, Unit};
use std::cmp::Reverse;

/// The value of a setting, and who asked for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Name of the value in the template.
    pub name: String,
    /// What was chosen.
    pub value: String,
    /// Who asks for what: the level's check, and each framework.
    pub asked: Vec<(String, String)>,
    /// Those of whom it does not hold what they ask, because others ask for something that excludes it.
    pub unmet: Vec<String>,
}

struct Asked<'w> {
    by: &'w str,
    expect: &'w Expect,
    unit: Unit,
}

impl Asked<'_> {
    fn met(&self, value: &str) -> bool {
        self.expect.holds(Some(value), self.unit)
    }
}

/// The choice for one value; nothing when the level does not set it and nobody asks for it.
pub fn choose(target: &str, name: &str, own: &Parameter, wish: &Wish) -> Option<Choice> {
    let asked = asked(own, wish);
    let tailored = wish.parameters.get(&format!("{target}.{name}"));
    let value = match tailored {
        Some(value) => Some(value.clone()),
        None => suiting(own.at(wish.level), &asked),
    }?;
    let unmet = asked.iter().filter(|own| !own.met(&value)).map(|own| own.by.to_owned()).collect();
    let asked = asked.iter().map(|own| (own.by.to_owned(), own.expect.said())).collect();
    Some(Choice { name: name.to_owned(), value, asked, unmet })
}

fn asked<'w>(own: &Parameter, wish: &'w Wish) -> Vec<Asked<'w>> {
    let Some(setting) = &own.setting else { return Vec::new() };
    let expected = wish.expected.get(&setting.to_ascii_lowercase());
    let unit = expected.and_then(|all| all.first()).map_or(Unit::Number, |(_, _, unit)| *unit);
    let checks = expected.into_iter().flatten().map(|(by, expect, unit)| Asked { by, expect, unit: *unit });
    let demanded = wish.demands.iter().filter(|(name, _)| name.eq_ignore_ascii_case(setting));
    let frameworks = demanded.flat_map(|(_, all)| all).map(|(by, expect)| Asked { by, expect, unit });
    checks.chain(frameworks).collect()
}

/// The level's own value if it suits all; else, of the values that are named, the largest that does: limits from above are
/// looser, those from below exact. Where none suits, the one that suits most.
fn suiting(own: Option<&str>, asked: &[Asked<'_>]) -> Option<String> {
    let mut named: Vec<String> = asked.iter().flat_map(|asked| asked.expect.named()).collect();
    named.sort_by_key(|value| Reverse(value.parse::<i64>().ok()));
    let candidates: Vec<&str> = own.into_iter().chain(named.iter().map(String::as_str)).collect();
    let met = |value: &str| asked.iter().filter(|asked| asked.met(value)).count();
    let most = candidates.iter().map(|value| met(value)).max()?;
    candidates.into_iter().find(|value| met(value) == most).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Level;

    fn parameter(text: &str) -> Parameter {
        toml::from_str(&format!("{text}\ntype = 'integer'\nabout = 'N.'\nsetting = 'faillock/unlock_time'"))
            .unwrap()
    }

    fn wish(demands: &[(&str, &str)]) -> Wish {
        let asked = |(by, text): &(&str, &str)| ((*by).to_owned(), toml::from_str(text).unwrap());
        let all = demands.iter().map(asked).collect();
        Wish {
            level: Level::Moderate,
            demands: [("faillock/unlock_time".to_owned(), all)].into(),
            ..Wish::default()
        }
    }

    fn chosen(own: &str, demands: &[(&str, &str)]) -> (String, Vec<String>) {
        let choice = choose("faillock", "unlock_time", &parameter(own), &wish(demands)).unwrap();
        (choice.value, choice.unmet)
    }

    #[test]
    fn one_value_for_all_who_ask() {
        let cis = ("cis", "at_least = 900\nor = ['0', 'never']");
        let pci = ("pci", "at_least = 1800\nor = ['0', 'never']");
        let stig = ("stig", "is = ['0', 'never']");
        assert_eq!(chosen("basic = '900'", &[cis]), ("900".to_owned(), vec![]));
        assert_eq!(chosen("basic = '900'", &[cis, pci]), ("1800".to_owned(), vec![]));
        assert_eq!(chosen("basic = '900'", &[cis, pci, stig]), ("0".to_owned(), vec![]));
        assert_eq!(chosen("strict = '900'", &[pci]), ("1800".to_owned(), vec![]));
    }

    #[test]
    fn a_conflict_names_whom_the_value_does_not_suit() {
        let short = ("short", "at_most = 600");
        let long = ("long", "at_least = 900");
        assert_eq!(chosen("basic = '900'", &[short, long]), ("900".to_owned(), vec!["short".to_owned()]));
    }

    #[test]
    fn an_administrator_has_the_last_word() {
        let mut wish = wish(&[("pci", "at_least = 1800")]);
        wish.parameters.insert("faillock.unlock_time".to_owned(), "60".to_owned());
        let choice = choose("faillock", "unlock_time", &parameter("basic = '900'"), &wish).unwrap();
        assert_eq!((choice.value.as_str(), choice.unmet), ("60", vec!["pci".to_owned()]));
        assert!(choose("faillock", "x", &parameter("strict = '1'"), &Wish::default()).is_none());
    }
}
