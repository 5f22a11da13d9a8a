//! Which series a selector asks for, remembered from one evaluation to the next: rules ask the same each time.

use super::Table;
use crate::promql::source::Selector;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// All remembered selections together hold so many slots; beyond that all are forgotten and found anew.
const SLOTS_MAX: usize = 1_000_000;
/// So many selectors are remembered; beyond that all are forgotten and found anew.
const SELECTORS_MAX: usize = 10_000;

/// The slots of the series with one name, in order.
#[derive(Clone, Debug, Default)]
pub struct Named {
    pub slots: Vec<u32>,
    /// The table's count of changes when they last changed.
    pub changed: u64,
}

/// What selectors gave. It is found anew from the table when it is missing, so no snapshot holds it.
#[derive(Clone, Debug, Default)]
pub struct Selections(RefCell<Remembered>);

#[derive(Clone, Debug, Default)]
struct Remembered {
    selections: HashMap<Selector, Selection>,
    slots: usize,
}

#[derive(Clone, Debug)]
struct Selection {
    slots: Arc<[u32]>,
    /// Of what it was made from.
    changed: u64,
}

impl Table {
    /// The slots of the series that a selector asks for, in order.
    pub fn select(&self, selector: &Selector) -> Arc<[u32]> {
        let changed = match &selector.name {
            Some(name) => self.by_name.get(name).map_or(0, |named| named.changed),
            None => self.changes,
        };
        let mut remembered = self.selections.0.borrow_mut();
        if let Some(known) = remembered.selections.get(selector).filter(|known| known.changed == changed) {
            return known.slots.clone();
        }
        let slots: Arc<[u32]> = self.matching(selector).collect();
        remembered.put(selector, Selection { slots: slots.clone(), changed });
        slots
    }

    fn matching(&self, selector: &Selector) -> impl Iterator<Item = u32> {
        let named = selector.name.as_ref().map(|name| self.named(name).iter().copied());
        let all = named.is_none().then(|| 0..self.slots());
        let slots = named.into_iter().flatten().chain(all.into_iter().flatten());
        slots.filter(|slot| self.get(*slot).is_some_and(|series| selector.matches(&series.labels)))
    }
}

impl Remembered {
    fn put(&mut self, selector: &Selector, selection: Selection) {
        if self.slots + selection.slots.len() > SLOTS_MAX || self.selections.len() >= SELECTORS_MAX {
            *self = Remembered::default();
        }
        self.slots += selection.slots.len();
        if let Some(before) = self.selections.insert(selector.clone(), selection) {
            self.slots -= before.slots.len();
        }
    }
}
