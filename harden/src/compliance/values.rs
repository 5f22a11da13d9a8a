//! Frameworks ask for different values of one setting: one that suits all of them is chosen, and where there is none
//! the conflict is named.

use super::framework::Framework;
use crate::check::{Expect, Unit};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// One setting that frameworks ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Solution {
    /// As `area/key`.
    pub setting: String,
    /// Who asks, and for what.
    pub asked: Vec<(String, String)>,
    /// A value that suits all of them; nothing when they exclude each other.
    pub value: Option<String>,
}

/// What frameworks ask for, by setting, for [`crate::check::Profile::values`].
pub fn demands(frameworks: &[&Framework]) -> BTreeMap<String, Vec<(String, Expect)>> {
    let mut demands: BTreeMap<String, Vec<(String, Expect)>> = BTreeMap::new();
    for framework in frameworks {
        for (setting, asked) in &framework.values {
            demands.entry(setting.clone()).or_default().push((framework.id.clone(), asked.clone()));
        }
    }
    demands
}

/// A value for each setting that frameworks ask for.
pub fn solve(frameworks: &[&Framework]) -> Vec<Solution> {
    let solution = |(setting, asked): (String, Vec<(String, Expect)>)| {
        // Every limit is a value that somebody named, so a value that suits all is among those that are named.
        let mut named: Vec<String> = asked.iter().flat_map(|(_, expect)| expect.named()).collect();
        // The largest that suits is the least that has to change: limits from above are looser, those from below exact.
        named.sort_by_key(|value| Reverse(value.parse::<i64>().ok()));
        let suits = |value: &String| asked.iter().all(|(_, expect)| expect.holds(Some(value), Unit::Number));
        let value = named.into_iter().find(suits);
        Solution {
            setting,
            value,
            asked: asked.iter().map(|(by, expect)| (by.clone(), expect.said())).collect(),
        }
    };
    demands(frameworks).into_iter().map(solution).collect()
}
