//! Findings over time: what a scan says of those that are known.

use super::Finding;
use super::state::{Event, State};
use super::text::line;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Notes that are kept of one finding: the first, and the latest.
const NOTES_MAX: usize = 50;
const NOTE_CHARS_MAX: usize = 500;

/// Something that happened to a finding: with the evidence, what it was before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// When, wall clock.
    pub at_ms: i64,
    /// How far it was then.
    pub state: State,
    /// What was seen or done.
    pub saw: String,
}

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
    /// What changed its state, the oldest first.
    #[serde(default)]
    pub notes: Vec<Note>,
}

impl Tracked {
    /// A finding that nobody has seen before.
    pub fn new(finding: Finding, at_ms: i64) -> Tracked {
        let saw = finding.evidence.lines().next().filter(|own| !own.is_empty()).unwrap_or(&finding.title);
        let first = Note { at_ms, state: State::Open, saw: line(saw, NOTE_CHARS_MAX) };
        let (first_ms, last_ms) = (at_ms, at_ms);
        Tracked { finding, state: State::Open, first_ms, last_ms, reopened: 0, notes: vec![first] }
    }

    /// Takes note of what happened to it. What changes nothing is not worth a note.
    pub fn note(&mut self, event: Event, at_ms: i64, saw: &str) {
        let state = self.state.after(event);
        self.reopened += u32::from(self.state.reopened_by(event));
        if std::mem::replace(&mut self.state, state) == state {
            return;
        }
        if self.notes.len() >= NOTES_MAX {
            self.notes.remove(1);
        }
        self.notes.push(Note { at_ms, state, saw: line(saw, NOTE_CHARS_MAX) });
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
            own.note(Event::Gone, at_ms, "a whole scan does not see it any more");
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
    own.note(Event::Seen, at_ms, "a scan sees it");
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
        let states: Vec<_> = known["b"].notes.iter().map(|own| (own.at_ms, own.state)).collect();
        assert_eq!(states, [(1, State::Open), (3, State::Closed), (4, State::Open)]);
    }

    #[test]
    fn notes_are_bounded_and_the_first_stays() {
        let mut own = Tracked::new(finding("a", "bandit"), 0);
        (1..200)
            .for_each(|at_ms| own.note(if at_ms % 2 == 0 { Event::Seen } else { Event::Gone }, at_ms, "x"));
        let times: Vec<_> = own.notes.iter().map(|own| own.at_ms).collect();
        assert_eq!((times.len(), times[0], times[NOTES_MAX - 1]), (NOTES_MAX, 0, 199));
    }
}
