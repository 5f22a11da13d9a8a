//! What is told to whom, decided and written down in the same transaction as the change that it is about.
//!
//! So a kill at any moment neither loses a notice nor makes one twice: either the change and its notices are both
//! there, or the change comes once more.

use super::deliveries::{self, Delivery, Fate};
use super::fault::StoreError;
use super::notices::{self, NOTICES_MAX};
use super::stance::{Dropped, Stance};
use super::store::Store;
use super::{alerts, audit, silences, standings};
use hostward_engine::telling::{Matchers, Moment, Mute, Notice, Policy, Standing};
use hostward_engine::{Labels, State, Transition};
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};

/// What a look at everything found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// How many alerts are followed.
    pub standings: usize,
    /// How many notices wait for each receiver.
    pub waiting: BTreeMap<String, u64>,
    /// How many were dropped since the last look.
    pub dropped: Dropped,
}

/// The things that a moment points at.
struct Scene {
    now_ms: i64,
    silences: Vec<(String, Matchers)>,
    firing: Vec<(String, Labels)>,
}

impl Scene {
    fn at(db: &Connection, stance: &Stance, now_ms: i64) -> Result<Self, StoreError> {
        let mut firing = Vec::new();
        if !stance.policy.inhibitions.is_empty() {
            let open = alerts::open(db)?.into_iter().filter(|own| own.state == State::Firing);
            firing.extend(open.map(|own| (own.id, stance.policy.outward(&own.labels))));
        }
        Ok(Scene { now_ms, silences: silences::active(&stance.silences, now_ms), firing })
    }

    fn moment(&self) -> Moment<'_> {
        Moment { now_ms: self.now_ms, silences: &self.silences, firing: &self.firing }
    }
}

/// Takes changes that are being written down; says what had to be dropped for what they give to tell.
fn take(db: &Connection, stance: &Stance, transitions: &[Transition]) -> Result<Dropped, StoreError> {
    let mut notices = Vec::new();
    for transition in transitions {
        let alert = &transition.alert;
        if !matches!(alert.state, State::Firing | State::Resolved) {
            continue;
        }
        let mut standing = standings::get(db, &alert.id)?.unwrap_or_else(|| Standing::new(alert.clone()));
        standing.take(transition);
        let scene = Scene::at(db, stance, transition.at_ms)?;
        notices.extend(standing.tell(&stance.policy, scene.moment()));
        standings::put(db, &standing)?;
    }
    queue(db, &notices, transitions.last().map_or(0, |own| own.at_ms))
}

/// Puts notices at the end of the queue; what had to go for them is noted.
fn queue(db: &Connection, notices: &[Notice], now_ms: i64) -> Result<Dropped, StoreError> {
    let dropped = notices::put(db, notices, NOTICES_MAX)?;
    note_dropped(db, &dropped, "too much waited", now_ms)?;
    Ok(dropped)
}

impl Store {
    /// Writes transitions down with what is to be told of them, all or nothing; it is durable when this returns.
    ///
    /// On a full disk it fails and has changed nothing: the caller keeps the transitions, tries again at the next tick, and
    /// goes on sampling.
    pub fn record(&mut self, transitions: &[Transition]) -> Result<(), StoreError> {
        let step = self.db.transaction()?;
        for transition in transitions {
            alerts::write(&step, transition)?;
        }
        audit::append(&step, transitions.iter().map(audit::Entry::of))?;
        let dropped = take(&step, &self.stance, transitions)?;
        step.commit()?;
        self.stance.count(dropped);
        Ok(())
    }

    /// Tells by other rules from now on; what waits for receivers that are gone is dropped.
    pub fn set_policy(&mut self, policy: Policy, now_ms: i64) -> Result<(), StoreError> {
        let receivers: BTreeSet<&str> = policy.routes.iter().map(|route| route.receiver.as_str()).collect();
        let step = self.db.transaction()?;
        let dropped = notices::forget_others(&step, &receivers)?;
        note_dropped(&step, &dropped, "the receiver is not configured any more", now_ms)?;
        step.commit()?;
        self.stance.policy = policy;
        Ok(())
    }

    /// Looks at every alert once more: what there is to tell because time has passed, a silence has ended or the
    /// policy is another one.
    pub fn reconcile(&mut self, now_ms: i64) -> Result<Reconciled, StoreError> {
        let step = self.db.transaction()?;
        let scene = Scene::at(&step, &self.stance, now_ms)?;
        let (mut notices, mut matched, mut count) = (Vec::new(), BTreeSet::new(), 0);
        for mut standing in standings::current(&step, now_ms)? {
            let before = standing.clone();
            notices.extend(standing.tell(&self.stance.policy, scene.moment()));
            if standing.alert.state == State::Firing {
                let labels = self.stance.policy.outward(&standing.alert.labels);
                let hits = scene.silences.iter().filter(|(_, matchers)| matchers.matches(&labels));
                matched.extend(hits.map(|(id, _)| id.clone()));
            }
            if standing.is_over() {
                standings::remove(&step, &standing)?;
                continue;
            }
            count += 1;
            if standing != before {
                standings::put(&step, &standing)?;
            }
        }
        let dropped = queue(&step, &notices, now_ms)?;
        step.commit()?;
        self.stance.count(dropped);
        self.note_matched(&matched.into_iter().collect::<Vec<_>>(), now_ms)?;
        let dropped = std::mem::take(&mut self.stance.dropped);
        Ok(Reconciled { standings: count, waiting: notices::lengths(&self.db)?, dropped })
    }

    /// How each alert that fires, or did lately, stands, and why nothing is said of it if so.
    pub fn standings(&self, now_ms: i64) -> Result<Vec<(Standing, Option<Mute>)>, StoreError> {
        let scene = Scene::at(&self.db, &self.stance, now_ms)?;
        let muted = |own: Standing| {
            let mute = own.mute(&self.stance.policy, scene.moment());
            (own, mute)
        };
        Ok(standings::all(&self.db)?.into_iter().map(muted).collect())
    }
}

fn note_dropped(db: &Connection, dropped: &Dropped, why: &str, at_ms: i64) -> Result<(), StoreError> {
    dropped.iter().try_for_each(|(receiver, count)| {
        let (receiver, message) = (receiver.clone(), why.to_owned());
        let notices = usize::try_from(*count).unwrap_or(usize::MAX);
        let first = String::new();
        deliveries::append(db, &Delivery { at_ms, receiver, fate: Fate::Dropped, notices, first, message })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::silence::{Silence, Window};
    use crate::state::testing::{Scratch, alert, transition};
    use hostward_engine::State::{Firing, Inactive, Pending, Resolved};
    use hostward_engine::telling::Route;

    const LATER_MS: i64 = 1_795_235_000_000;

    fn store(scratch: &Scratch) -> Store {
        let mut store = scratch.store();
        let routes = vec![Route { receiver: "a".to_owned(), send_resolved: true, ..Route::default() }];
        store.set_policy(Policy { routes, ..Policy::default() }, 0).unwrap();
        store
    }

    fn waiting(store: &Store) -> Vec<(u64, State)> {
        let due = store.due_notices("a", usize::MAX).unwrap();
        due.into_iter()
            .map(|(_, own)| (own.alert.labels.get("n").parse().unwrap(), own.alert.state))
            .collect()
    }

    #[test]
    fn changes_and_their_notices_are_written_together_and_a_restart_adds_nothing() {
        let scratch = Scratch::new("told");
        let mut own = store(&scratch);
        own.record(&[transition(1, Inactive, Pending), transition(2, Inactive, Firing)]).unwrap();
        own.record(&[transition(1, Pending, Firing), transition(2, Firing, Resolved)]).unwrap();
        drop(own);
        let mut own = store(&scratch);
        let found = own.reconcile(LATER_MS).unwrap();
        assert_eq!(waiting(&own), [(2, Firing), (1, Firing), (2, Resolved)]);
        assert_eq!((found.standings, found.waiting.get("a")), (2, Some(&3)));
        assert_eq!(own.told_alerts("a", LATER_MS).unwrap().len(), 1);
        assert_eq!(own.told_alerts("a", 0).unwrap().len(), 2);
        let much_later = own.reconcile(LATER_MS + 2 * 3_600_000).unwrap();
        assert_eq!((much_later.standings, waiting(&own).len()), (1, 3));
    }

    #[test]
    fn nothing_is_told_of_what_could_not_be_written() {
        let scratch = Scratch::new("untold");
        let mut own = store(&scratch);
        own.db.query_row("PRAGMA max_page_count = 1", [], |_| Ok(())).unwrap();
        let many: Vec<_> = (0..50).map(|n| transition(n, Inactive, Firing)).collect();
        own.record(&many).unwrap_err();
        assert_eq!(waiting(&own), []);
        own.db.query_row("PRAGMA max_page_count = 1000000", [], |_| Ok(())).unwrap();
        own.record(&many).unwrap();
        assert_eq!(waiting(&own).len(), 50);
    }

    #[test]
    fn on_a_full_disk_nothing_changes_and_a_retry_succeeds() {
        let scratch = Scratch::new("full");
        let mut store = scratch.store();
        store.record(&[transition(1, Inactive, Firing)]).unwrap();
        store.db.query_row("PRAGMA max_page_count = 1", [], |_| Ok(())).unwrap();
        let many: Vec<Transition> = (2..50).map(|n| transition(n, Inactive, Firing)).collect();
        let error = store.record(&many).unwrap_err();
        assert!(error.to_string().contains("disk is full") && !error.is_damage(), "{error}");
        assert_eq!(store.open_alerts().unwrap(), [alert(1, Firing)]);
        store.db.query_row("PRAGMA max_page_count = 1000000", [], |_| Ok(())).unwrap();
        store.record(&many).unwrap();
        assert_eq!(store.open_alerts().unwrap().len(), 49);
    }

    #[test]
    fn an_alert_that_outlived_its_silence_is_told() {
        let scratch = Scratch::new("silenced");
        let mut own = store(&scratch);
        let silence = Silence {
            id: "1".to_owned(),
            matchers: Matchers::parse(vec!["n=1".to_owned()]).unwrap(),
            window: Window::Once { from_ms: 0, until_ms: LATER_MS },
            by: "ann".to_owned(),
            comment: String::new(),
            created_ms: 0,
            ended: None,
            matched_ms: None,
        };
        own.add_silence(&silence).unwrap();
        own.record(&[transition(1, Inactive, Firing)]).unwrap();
        own.reconcile(LATER_MS - 1000).unwrap();
        assert_eq!(waiting(&own), []);
        assert_eq!(own.standings(LATER_MS - 1000).unwrap()[0].1, Some(Mute::Silenced("1".to_owned())));
        assert_eq!(own.silences()[0].matched_ms, Some(LATER_MS - 1000));
        own.reconcile(LATER_MS).unwrap();
        assert_eq!(waiting(&own), [(1, Firing)]);
    }

    #[test]
    fn tables_that_disagree_are_brought_in_line() {
        let scratch = Scratch::new("disagree");
        let mut own = store(&scratch);
        own.record(&[transition(1, Inactive, Firing), transition(2, Inactive, Firing)]).unwrap();
        own.db
            .execute("DELETE FROM alerts WHERE key = ?1", [&transition(1, Inactive, Firing).alert.id])
            .unwrap();
        own.db
            .execute("DELETE FROM standings WHERE key = ?1", [&transition(2, Inactive, Firing).alert.id])
            .unwrap();
        own.reconcile(LATER_MS).unwrap();
        assert_eq!(waiting(&own), [(1, Firing), (2, Firing), (1, Resolved), (2, Firing)]);
    }

    #[test]
    fn a_receiver_that_is_gone_keeps_nothing_waiting() {
        let scratch = Scratch::new("gone");
        let mut own = store(&scratch);
        own.record(&[transition(1, Inactive, Firing)]).unwrap();
        own.set_policy(Policy::default(), LATER_MS).unwrap();
        assert_eq!(waiting(&own), []);
        let log = own.deliveries(1).unwrap();
        assert_eq!((log[0].fate, log[0].notices), (Fate::Dropped, 1));
    }
}
