//! Which series a selector asks for, remembered from one evaluation to the next: rules ask the same each time.

use crate::promql::source::Selector;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// All remembered selections together hold so many slots; beyond that all are forgotten and found anew.
const SLOTS_MAX: usize = 1_000_000;
/// So many selectors are remembered; beyond that all are forgotten and found anew.
const SELECTORS_MAX: usize = 10_000;

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
    /// The table's count of changes when it was found.
    changed: u64,
}

impl Selections {
    /// The slots that a selector gave when the table was as it is at `changed`; they are found if nobody remembers.
    pub fn get(&self, selector: &Selector, changed: u64, find: impl FnOnce() -> Arc<[u32]>) -> Arc<[u32]> {
        let mut remembered = self.0.borrow_mut();
        if let Some(known) = remembered.selections.get(selector).filter(|known| known.changed == changed) {
            return known.slots.clone();
        }
        let slots = find();
        remembered.put(selector, Selection { slots: slots.clone(), changed });
        slots
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
