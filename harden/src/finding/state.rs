//! What becomes of a finding.
//!
//! ```text
//! open ─ proposed ─▶ proposed ─ applied ─▶ applied ─ verified ─▶ verified
//!   ▲                   │                     │                     │
//!   └──── withdrawn ────┴─────────────────────┴─────────────────────┤
//!   ▲                                                               │ gone (a fresh look does not see it)
//!   └─────────────── seen (a fresh look sees it) ◀── closed ◀───────┘
//! ```
//!
//! Only a fresh look closes a finding, never what a script says of itself.

use serde::{Deserialize, Serialize};

/// How far the work on a finding has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Nobody has done anything.
    #[default]
    Open,
    /// A script lies ready.
    Proposed,
    /// The script ran.
    Applied,
    /// Its own verification holds.
    Verified,
    /// A fresh look no longer sees it.
    Closed,
}

/// What can happen to a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A script was made for it.
    Proposed,
    /// The script changed the host.
    Applied,
    /// The script's verification holds.
    Verified,
    /// The script was rejected, failed or was rolled back.
    Withdrawn,
    /// A fresh look sees it.
    Seen,
    /// A fresh look at the same thing does not see it.
    Gone,
}

impl State {
    /// Each, in order.
    pub const ALL: [State; 5] =
        [State::Open, State::Proposed, State::Applied, State::Verified, State::Closed];

    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Proposed => "proposed",
            State::Applied => "applied",
            State::Verified => "verified",
            State::Closed => "closed",
        }
    }

    /// The state after an event; an event that makes no sense in a state changes nothing.
    #[must_use]
    pub fn after(self, event: Event) -> State {
        match (self, event) {
            (_, Event::Gone) => State::Closed,
            (State::Applied | State::Verified | State::Closed, Event::Seen) => State::Open,
            (State::Proposed | State::Applied | State::Verified, Event::Withdrawn) => State::Open,
            (State::Open, Event::Proposed) => State::Proposed,
            (State::Open | State::Proposed, Event::Applied) => State::Applied,
            (State::Applied, Event::Verified) => State::Verified,
            (state, _) => state,
        }
    }

    /// True when an event opens again what was done or thought to be done.
    pub fn reopened_by(self, event: Event) -> bool {
        event == Event::Seen && self != State::Open && self.after(event) == State::Open
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const EVENTS: [Event; 6] =
        [Event::Proposed, Event::Applied, Event::Verified, Event::Withdrawn, Event::Seen, Event::Gone];

    fn after(events: &[Event]) -> State {
        events.iter().fold(State::Open, |state, event| state.after(*event))
    }

    #[test]
    fn the_way_through_and_back() {
        use Event::*;
        let cases: [(&[Event], State); 8] = [
            (&[Proposed, Applied, Verified], State::Verified),
            (&[Proposed, Applied, Verified, Gone], State::Closed),
            (&[Gone], State::Closed),
            (&[Gone, Seen], State::Open),
            (&[Proposed, Seen], State::Proposed),
            (&[Proposed, Applied, Seen], State::Open),
            (&[Proposed, Applied, Withdrawn], State::Open),
            (&[Verified, Withdrawn], State::Open),
        ];
        for (events, state) in cases {
            assert_eq!(after(events), state, "{events:?}");
        }
    }

    proptest! {
        /// Whatever happened before: what a fresh look says last decides whether it is closed.
        #[test]
        fn only_a_fresh_look_closes(events in prop::collection::vec(prop::sample::select(&EVENTS[..]), 0..40)) {
            let looks = events.iter().rev().find(|own| matches!(own, Event::Seen | Event::Gone));
            prop_assert_eq!(after(&events) == State::Closed, looks == Some(&Event::Gone));
        }

        /// Verified comes from applied alone, and what is seen again is neither.
        #[test]
        fn nothing_is_verified_that_was_not_applied(
            events in prop::collection::vec(prop::sample::select(&EVENTS[..]), 0..40),
        ) {
            let mut state = State::Open;
            for event in events {
                let next = state.after(event);
                prop_assert!(next != State::Verified || matches!(state, State::Applied | State::Verified));
                prop_assert!(event != Event::Seen || matches!(next, State::Open | State::Proposed));
                prop_assert_eq!(next, next.after(event), "an event told twice is told once");
                state = next;
            }
        }
    }
}
