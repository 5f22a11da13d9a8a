//! Findings over time: what a scan says of those that are known.

use super::Finding;
use super::state::{Event, State};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A finding and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tracked {
    /// As the last scan that saw it tells it.
    pub finding: Finding,
    /// How far it is.
    pub state: State,
    /// When it was first seen, wall clock.
    pub first_ms: i64,
    /// When a scan last saw it.
    pub last_ms: i64,
    /// How often it came back.
    pub reopened: u32,
}

impl Tracked {
    /// A finding that nobody has seen before.
    pub fn new(finding: Finding, at_ms: i64) -> Tracked {
        Tracked { finding, state: State::Open, first_ms: at_ms, last_ms: at_ms, reopened: 0 }
    }

    /// Takes note of what happened to it.
    pub fn note(&mut self, event: Event) {
        self.reopened += u32::from(self.state.reopened_by(event));
        self.state = self.state.after(event);
    }
}

/// What a scan changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// Seen for the first time.
    pub new: usize,
    /// Known and seen again.
    pub known: usize,
    /// Of these: those that had been worked on or closed.
    pub reopened: usize,
    /// No longer seen.
    pub closed: usize,
}

/// Lays a scan over what is known. `complete` holds the tools whose scan shows all that there is: what is known of
/// them and not in it is closed. Without it nothing is closed: a scan of one project says nothing of another.
pub fn lay_over(
    known: &mut BTreeMap<String, Tracked>,
    found: &[Finding],
    complete: &[&str],
    at_ms: i64,
) -> Changes {
    let mut changes = Changes::default();
    for finding in found {
        see(known, finding, at_ms, &mut changes);
    }
    let seen: std::collections::BTreeSet<_> = found.iter().map(|own| own.id.as_str()).collect();
    for (id, own) in known.iter_mut() {
        let gone = complete.contains(&own.finding.tool.as_str()) && !seen.contains(id.as_str());
        if gone && own.state != State::Closed {
            own.note(Event::Gone);
            changes.closed += 1;
        }
    }
    changes
}

fn see(known: &mut BTreeMap<String, Tracked>, finding: &Finding, at_ms: i64, changes: &mut Changes) {
    let Some(own) = known.get_mut(&finding.id) else {
        known.insert(finding.id.clone(), Tracked::new(finding.clone(), at_ms));
        changes.new += 1;
        return;
    };
    changes.known += 1;
    changes.reopened += usize::from(own.state.reopened_by(Event::Seen));
    own.note(Event::Seen);
    own.finding = finding.clone();
    own.last_ms = at_ms;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(id: &str, tool: &str) -> Finding {
        Finding { id: id.to_owned(), tool: tool.to_owned(), ..Finding::default() }
    }

    #[test]
    fn a_scan_opens_closes_and_opens_again() {
        let mut known = BTreeMap::new();
        let (a, b, other) = (finding("a", "bandit"), finding("b", "bandit"), finding("c", "lynis"));
        let first = lay_over(&mut known, &[a.clone(), b.clone(), other], &[], 1);
        assert_eq!(first, Changes { new: 3, ..Changes::default() });
        let partial = lay_over(&mut known, std::slice::from_ref(&a), &[], 2);
        assert_eq!(partial, Changes { known: 1, ..Changes::default() }, "nothing is closed by a part");
        let second = lay_over(&mut known, std::slice::from_ref(&a), &["bandit"], 3);
        assert_eq!(second, Changes { known: 1, closed: 1, ..Changes::default() });
        assert_eq!((known["b"].state, known["c"].state), (State::Closed, State::Open));
        let third = lay_over(&mut known, &[a, b], &["bandit"], 4);
        assert_eq!(third, Changes { known: 2, reopened: 1, ..Changes::default() });
        assert_eq!((known["b"].state, known["b"].reopened, known["b"].first_ms), (State::Open, 1, 1));
    }
}
