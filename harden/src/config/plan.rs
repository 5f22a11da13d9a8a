//! What would be changed in which order, and what comes of it.

use super::artifact::Rendering;
use super::front::Front;
use crate::check::{Check, Judgement, Verdict};
use serde::Deserialize;
use std::collections::BTreeSet;

/// How much may go wrong with a configuration; what may go wrong least comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Danger {
    /// Hardly anything.
    Low,
    /// A service may refuse what it did before.
    Medium,
    /// Somebody may be locked out, or a service be out of reach.
    High,
}

impl Danger {
    /// The word in content and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Danger::Low => "low",
            Danger::Medium => "medium",
            Danger::High => "high",
        }
    }
}

/// One configuration that changes.
pub struct Step<'p> {
    /// Its template.
    pub front: &'p Front,
    /// What changes.
    pub rendering: &'p Rendering,
    /// Checks that fail now and would pass.
    pub fixes: Vec<String>,
    /// Checks that its template is for and that would fail all the same.
    pub remaining: Vec<String>,
}

/// What would be changed, in order.
pub struct Plan<'p> {
    /// What may go wrong least comes first.
    pub steps: Vec<Step<'p>>,
    /// Checks that fail now and that no template is for.
    pub by_hand: Vec<String>,
    /// Checks that pass now and would not: none, unless a template is wrong.
    pub broken: Vec<String>,
}

/// The plan for what was rendered, by what checks say before and after.
pub fn plan<'p>(
    rendered: &'p [(&'p Front, Rendering)],
    checks: &[Check],
    before: &[Judgement],
    after: &[Judgement],
) -> Plan<'p> {
    let failed = |all: &[Judgement]| -> BTreeSet<String> {
        all.iter().filter(|own| own.verdict == Verdict::Fail).map(|own| own.check.clone()).collect()
    };
    let (before, after) = (failed(before), failed(after));
    let of = |name: &str, ids: &dyn Fn(&String) -> bool| -> Vec<String> {
        let own = checks.iter().filter(|check| check.template.as_deref() == Some(name));
        own.map(|check| check.id.clone()).filter(ids).collect()
    };
    let changed = rendered.iter().filter(|(_, own)| !own.artifacts.is_empty());
    let step = |(front, rendering): &'p (&'p Front, Rendering)| Step {
        front,
        rendering,
        fixes: of(&front.name, &|id| before.contains(id) && !after.contains(id)),
        remaining: of(&front.name, &|id| after.contains(id)),
    };
    let mut steps: Vec<Step<'p>> = changed.map(step).collect();
    steps.sort_by(|a, b| (a.front.danger, &a.front.name).cmp(&(b.front.danger, &b.front.name)));
    let known = |check: &&Check| {
        let template = check.template.as_deref();
        rendered.iter().any(|(front, own)| Some(front.name.as_str()) == template && own.absent.is_none())
    };
    let without = checks.iter().filter(|check| before.contains(&check.id) && !known(check));
    let by_hand = without.map(|check| check.id.clone()).collect();
    Plan { steps, by_hand, broken: after.difference(&before).cloned().collect() }
}
