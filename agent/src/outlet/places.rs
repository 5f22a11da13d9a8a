//! How many connections there are at once, and who leaves when one more comes.
//!
//! At the bound, a newcomer gets the place of whoever has used up most of their patience: a half-open connection
//! after a second weighs as much as a scraper that rests for half a minute. So nobody who asks is kept waiting by
//! those who do not.

use super::patience::Patience;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// The places, and who has them.
#[derive(Clone)]
pub struct Places(Arc<Mutex<Table>>);

struct Table {
    max: usize,
    next: u64,
    guests: HashMap<u64, Guest>,
    dismissed: u64,
}

struct Guest {
    patience: Patience,
    leave: Arc<Notify>,
}

/// A place that is given back when it is dropped.
pub struct Place {
    id: u64,
    leave: Arc<Notify>,
    places: Places,
}

impl Places {
    /// So many.
    pub fn new(max: usize) -> Self {
        Places(Arc::new(Mutex::new(Table { max, next: 0, guests: HashMap::new(), dismissed: 0 })))
    }

    /// A place for a connection; there always is one.
    pub fn take(&self, patience: &Patience) -> Place {
        let mut table = self.table();
        if table.guests.len() >= table.max {
            table.dismiss(|_| true);
        }
        let (id, leave) = (table.next, Arc::new(Notify::new()));
        table.next += 1;
        table.guests.insert(id, Guest { patience: patience.clone(), leave: leave.clone() });
        Place { id, leave, places: self.clone() }
    }

    /// Sends the slowest reader away, and with it the memory of what it does not fetch.
    pub fn make_room(&self) {
        self.table().dismiss(Patience::is_fetching);
    }

    /// How many were sent away.
    pub fn dismissed(&self) -> u64 {
        self.table().dismissed
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Whoever is being answered stays.
    fn dismiss(&mut self, may_go: impl Fn(&Patience) -> bool) {
        let guests = self.guests.iter().filter(|(_, guest)| may_go(&guest.patience));
        let worst = guests.map(|(id, guest)| (*id, guest.patience.used()));
        let worst = worst.filter(|(_, used)| *used > 0.0).max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some(guest) = worst.and_then(|(id, _)| self.guests.remove(&id)) {
            self.dismissed += 1;
            guest.leave.notify_one();
        }
    }
}

impl Place {
    /// Ends when somebody else gets the place.
    pub async fn lost(&self) {
        self.leave.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.table().guests.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::{advance, timeout};

    async fn is_lost(place: &Place) -> bool {
        timeout(Duration::from_millis(1), place.lost()).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn the_least_lively_makes_room_and_whoever_is_answered_stays() {
        let places = Places::new(3);
        let patience = [Patience::default(), Patience::default(), Patience::default()];
        let guests: Vec<_> = patience.iter().map(|patience| places.take(patience)).collect();
        advance(Duration::from_secs(1)).await;
        patience[0].answering();
        patience[1].rest();
        advance(Duration::from_secs(1)).await;
        let newcomer = places.take(&Patience::default());
        assert_eq!(
            [is_lost(&guests[0]).await, is_lost(&guests[1]).await, is_lost(&guests[2]).await],
            [false, false, true]
        );
        advance(Duration::from_millis(5)).await;
        let other = places.take(&Patience::default());
        assert_eq!(
            [is_lost(&guests[0]).await, is_lost(&guests[1]).await, is_lost(&newcomer).await],
            [false, true, false]
        );
        drop(guests);
        assert_eq!(places.table().guests.len(), 2);
        assert_eq!(places.dismissed(), 2);
        drop((newcomer, other));
        assert!(places.table().guests.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_made_by_whoever_reads_slowly() {
        let (places, patience) = (Places::new(3), [Patience::default(), Patience::default()]);
        let guests = [places.take(&patience[0]), places.take(&patience[1])];
        patience[0].rest();
        advance(Duration::from_secs(60)).await;
        patience[1].answered();
        places.make_room();
        assert_eq!(places.dismissed(), 0, "nobody has been slow yet");
        advance(Duration::from_secs(1)).await;
        places.make_room();
        assert_eq!([is_lost(&guests[0]).await, is_lost(&guests[1]).await], [false, true]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_that_was_given_back_is_free() {
        let places = Places::new(1);
        drop(places.take(&Patience::default()));
        let guest = places.take(&Patience::default());
        assert!(!is_lost(&guest).await && places.dismissed() == 0);
    }
}
