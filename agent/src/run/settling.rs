//! New levels that series settled at, as events: they are noted in the audit log, of which others need the room, too.

use super::turn::Loop;
use crate::state::Entry;
use hostward_engine::NewLevel;
use hostward_model::number;

/// Events of this kind in an hour. The baselines themselves tell of all of them.
const PER_HOUR_MAX: u32 = 20;
const HOUR_MS: i64 = 3_600_000;

/// How many were noted in which hour.
#[derive(Default)]
pub struct Settling {
    hour: i64,
    count: u32,
}

impl Settling {
    /// What is to be noted; nothing beyond the bound.
    fn entry(&mut self, own: &NewLevel) -> Option<Entry> {
        let at_ms = own.settled.at_ms;
        let hour = at_ms.div_euclid(HOUR_MS);
        if hour != self.hour {
            *self = Settling { hour, count: 0 };
        }
        self.count = self.count.saturating_add(1);
        let [was, is] = [own.settled.was, own.settled.is].map(number::brief);
        let reason = match self.count {
            ..PER_HOUR_MAX => format!("was {was}, is {is}"),
            PER_HOUR_MAX => format!("was {was}, is {is}; others of this hour: hostward baseline list"),
            _ => return None,
        };
        let (by, verb) = ("hostward".to_owned(), "baseline settled".to_owned());
        Some(Entry { at_ms, by, verb, object: own.series.to_string(), reason })
    }
}

impl Loop {
    /// Has a new level noted; nobody waits for it.
    pub(super) fn settled(&mut self, own: &NewLevel) {
        let Some(entry) = self.settling.entry(own) else { return };
        let series = entry.object.clone();
        let taken = self.parts.recorder.tell(move |store| {
            if let Err(error) = store.audit(&entry) {
                tracing::warn!("the new level of {} is not noted: {error}", entry.object);
            }
        });
        if !taken {
            tracing::warn!("the new level of {series} is not noted: the store is busy");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hostward_engine::Settled;
    use hostward_engine::labels::Labels;

    #[test]
    fn an_hour_has_room_for_some_and_the_last_says_where_the_others_are() {
        let mut settling = Settling::default();
        let mut at = |at_ms| {
            let series = Labels::new([("__name__", "load")]).into();
            let own = NewLevel { series, settled: Settled { at_ms, was: 20.0, is: 80.5 } };
            settling.entry(&own).map(|entry| format!("{} {}: {}", entry.verb, entry.object, entry.reason))
        };
        let said: Vec<_> = (0..30).filter_map(&mut at).collect();
        assert_eq!(said.len(), 20);
        assert_eq!(said[0], "baseline settled load: was 20, is 80.5");
        assert_eq!(
            said[19],
            "baseline settled load: was 20, is 80.5; others of this hour: hostward baseline list"
        );
        assert!(at(HOUR_MS).is_some());
    }
}
