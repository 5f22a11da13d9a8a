//! What a value should be. There are no expressions: each way of asking is a word, and all words that are given must
//! hold.

use super::pattern::fits;
use serde::Deserialize;

/// What a value should be.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// It is one of these.
    is: Vec<String>,
    /// It is a number that is not smaller, in the unit of the test.
    at_least: Option<i64>,
    /// It is a number that is not larger.
    at_most: Option<i64>,
    /// These are accepted whatever else is asked.
    or: Vec<String>,
    /// Of its words, between commas and blanks, each fits one of these patterns.
    only: Vec<String>,
    /// None of its words fits any of these.
    without: Vec<String>,
    /// For each of these there is a word that fits.
    with: Vec<String>,
    /// One of its words fits one of these.
    any: Vec<String>,
    /// None of these texts is in it.
    lacks: Vec<String>,
    /// It is an octal mode that allows no more than this.
    mode: Option<String>,
    /// It is an octal mask that takes away at least this.
    mask: Option<String>,
    /// It is there at all, or is not.
    set: Option<bool>,
    /// It need not be there.
    or_unset: bool,
}

/// How a number is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// As it is.
    #[default]
    Number,
    /// Seconds, or with units: `1h30m`, `90s`, `500ms`.
    Seconds,
    /// Bytes, or with units of 1024: `8k`, `1m`, `2G`.
    Bytes,
}

impl Expect {
    /// Whether a value, or its absence, is as it should be.
    pub fn holds(&self, value: Option<&str>, unit: Unit) -> bool {
        let Some(value) = value else { return self.set == Some(false) || self.or_unset };
        if self.or.iter().any(|own| own.eq_ignore_ascii_case(value)) {
            return true;
        }
        let words: Vec<&str> = value.split([',', ' ', '\t']).filter(|word| !word.is_empty()).collect();
        let fitting = |patterns: &[String], word: &str| patterns.iter().any(|pattern| fits(pattern, word));
        self.set != Some(false)
            && (self.is.is_empty() || self.is.iter().any(|own| own.eq_ignore_ascii_case(value)))
            && self.within(value, unit)
            && (self.only.is_empty() || words.iter().all(|word| fitting(&self.only, word)))
            && !words.iter().any(|word| fitting(&self.without, word))
            && self.with.iter().all(|pattern| words.iter().any(|word| fits(pattern, word)))
            && (self.any.is_empty() || words.iter().any(|word| fitting(&self.any, word)))
            && !self.lacks.iter().any(|text| value.contains(text.as_str()))
            && self.bits(value)
    }

    /// The expectation as a person would say it.
    pub fn said(&self) -> String {
        let list = |before: &str, words: &[String], between: &str| {
            (!words.is_empty()).then(|| format!("{before}{}", words.join(between)))
        };
        let limit = |before: &str, number: Option<i64>| number.map(|number| format!("{before}{number}"));
        let parts = [
            list("", &self.is, " or "),
            limit("at least ", self.at_least),
            limit("at most ", self.at_most),
            list("only ", &self.only, ", "),
            list("without ", &self.without, ", "),
            list("with ", &self.with, " and "),
            list("one of ", &self.any, ", "),
            list("no ", &self.lacks, ", "),
            self.mode.as_ref().map(|mode| format!("{mode} or less")),
            self.mask.as_ref().map(|mask| format!("{mask} or more")),
            self.set.map(|set| if set { "set" } else { "not set" }.to_owned()),
        ];
        let said = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let or = list(", or ", &self.or, ", ").unwrap_or_default();
        format!("{said}{or}{}", if self.or_unset { ", or not set" } else { "" })
    }

    /// Values that it names, of which one that suits others as well can be chosen.
    pub fn named(&self) -> Vec<String> {
        let limits = [self.at_least, self.at_most].into_iter().flatten().map(|limit| limit.to_string());
        let modes = [&self.mode, &self.mask].into_iter().flatten().cloned();
        limits.chain(modes).chain(self.is.iter().chain(&self.or).chain(&self.any).cloned()).collect()
    }

    /// What is wrong with the expectation itself.
    pub fn flaw(&self) -> Option<String> {
        if self.said().is_empty() {
            return Some(
                "an expectation without a word; one of is, at_least, at_most, only, … is needed".to_owned(),
            );
        }
        let octal = [&self.mode, &self.mask].into_iter().flatten();
        octal
            .clone()
            .find(|text| mode(text).is_none())
            .map(|text| format!("expected an octal mode, found {text:?}"))
    }

    fn within(&self, value: &str, unit: Unit) -> bool {
        if self.at_least.is_none() && self.at_most.is_none() {
            return true;
        }
        number(value, unit).is_some_and(|number| {
            self.at_least.is_none_or(|least| number >= least)
                && self.at_most.is_none_or(|most| number <= most)
        })
    }

    fn bits(&self, value: &str) -> bool {
        let more =
            |limit: &String| mode(value).zip(mode(limit)).is_some_and(|(own, limit)| own & !limit == 0);
        let less =
            |least: &String| mode(value).zip(mode(least)).is_some_and(|(own, least)| own & least == least);
        self.mode.as_ref().is_none_or(more) && self.mask.as_ref().is_none_or(less)
    }
}

/// An octal mode, as `0640` or `640`.
pub fn mode(text: &str) -> Option<u32> {
    u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o7777)
}

fn number(value: &str, unit: Unit) -> Option<i64> {
    match unit {
        Unit::Number => value.parse().ok(),
        Unit::Seconds => seconds(value),
        Unit::Bytes => bytes(value),
    }
}

/// Numbers with units one after the other; a part of a second counts as a whole one.
fn seconds(value: &str) -> Option<i64> {
    let (mut total, mut rest) = (0_i64, value.trim());
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (digits, after) = rest.split_at(end);
        let unit_end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        let number: i64 = digits.parse().ok()?;
        let each = match unit.trim().to_ascii_lowercase().as_str() {
            "" | "s" | "sec" => number,
            "ms" => number.checked_add(999)? / 1000,
            "m" | "min" => number.checked_mul(60)?,
            "h" => number.checked_mul(3600)?,
            "d" => number.checked_mul(86_400)?,
            "w" => number.checked_mul(604_800)?,
            _ => return None,
        };
        total = total.checked_add(each)?;
        rest = after;
    }
    (!value.trim().is_empty()).then_some(total)
}

fn bytes(value: &str) -> Option<i64> {
    let end = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    let (digits, unit) = value.split_at(end);
    let factor = match unit.trim().to_ascii_lowercase().trim_end_matches('b') {
        "" => 1,
        "k" => 1 << 10,
        "m" => 1 << 20,
        "g" => 1 << 30,
        _ => return None,
    };
    digits.parse::<i64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn expect(text: &str) -> Expect {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn words_hold_or_do_not() {
        let cases = [
            ("is = ['no', 'None']", vec!["No", "none"], vec!["yes", "", "no no"]),
            ("at_least = 1\nat_most = 4", vec!["1", "4"], vec!["0", "5", "-1", "x", ""]),
            ("at_least = 900\nor = ['never']", vec!["900", "never"], vec!["600", "0"]),
            ("only = ['aes*', 'c']", vec!["aes1,c", "c", ""], vec!["aes1,d"]),
            ("without = ['*-cbc']", vec!["a,b"], vec!["a,x-cbc"]),
            ("with = ['nodev', 'size=*']", vec!["rw,nodev,size=1"], vec!["nodev", "size=1"]),
            ("any = ['yescrypt', 'sha512']", vec!["obscure yescrypt"], vec!["obscure md5", ""]),
            ("lacks = ['\\v']", vec!["hello"], vec!["on \\v"]),
            ("mode = '0640'", vec!["0640", "600", "0"], vec!["0644", "0750", "x"]),
            ("mask = '027'", vec!["027", "077", "0027"], vec!["022", "026", "x"]),
            ("set = true", vec!["", "x"], vec![]),
        ];
        for (text, good, bad) in cases {
            let own = expect(text);
            good.iter().for_each(|value| assert!(own.holds(Some(value), Unit::Number), "{text}: {value:?}"));
            bad.iter().for_each(|value| assert!(!own.holds(Some(value), Unit::Number), "{text}: {value:?}"));
            assert!(!own.holds(None, Unit::Number), "{text}: not set");
        }
        assert!(expect("set = false").holds(None, Unit::Number));
        assert!(!expect("set = false").holds(Some("x"), Unit::Number));
        assert!(expect("is = ['a']\nor_unset = true").holds(None, Unit::Number));
    }

    #[test]
    fn units() {
        assert_eq!(["60", "1m", "1h30m", "500ms", "2 min"].map(seconds), [60, 60, 5400, 1, 120].map(Some));
        assert_eq!(["", "m", "1x", "99999999999999999999"].map(seconds), [None; 4]);
        assert_eq!(["10", "10k", "1M", "2gb"].map(bytes), [10, 10_240, 1_048_576, 2_147_483_648].map(Some));
        assert_eq!(["", "k", "1x", "-1"].map(bytes), [None; 4]);
    }

    #[test]
    fn said_and_refused() {
        assert_eq!(
            expect("at_least = 1\nat_most = 60\nor = ['none']").said(),
            "at least 1, at most 60, or none"
        );
        assert_eq!(expect("mode = '0640'\nor_unset = true").said(), "0640 or less, or not set");
        assert!(expect("").flaw().is_some() && expect("mode = '9'").flaw().is_some());
        assert_eq!(expect("is = ['x']").flaw(), None);
        assert!(toml::from_str::<Expect>("iss = ['x']").is_err());
    }

    proptest! {
        #[test]
        fn any_value_is_survived(value in any::<String>()) {
            let own = expect("at_least = 1\nmode = '0640'\nwith = ['a*b']");
            for unit in [Unit::Number, Unit::Seconds, Unit::Bytes] {
                own.holds(Some(&value), unit);
            }
        }
    }
}
