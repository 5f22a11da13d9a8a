//! What must always hold.

#![allow(clippy::unwrap_used)]

use hostward_engine::{Effect, Engine, Settings, State, Transition};
use hostward_model::Now;
use std::collections::BTreeMap;

const JITTER_MS: u64 = 10;

/// What the transitions so far say about each alert.
#[derive(Default)]
pub struct Law {
    told: BTreeMap<String, (State, u64)>,
}

impl Law {
    /// Times are of a boot; another one's clock is behind by so much.
    pub fn reboot(&mut self, back_ms: i64) {
        self.told.values_mut().for_each(|(_, since)| *since = since.saturating_add_signed(-back_ms));
    }

    pub fn check(&mut self, now: Now, engine: &mut Engine, effects: &[Effect], settings: &Settings) {
        for effect in effects {
            if let Effect::Alert(change) = effect {
                self.legal(now, change);
            }
        }
        assert!(engine.deadline().unwrap() > now.mono_ms, "the engine asks to be woken at once");
        self.view(engine, settings);
    }

    fn legal(&mut self, now: Now, change: &Transition) {
        use State::{Firing, Inactive, Pending, Resolved};
        let id = &change.alert.id;
        let (known, since) = self.told.get(id).copied().unwrap_or((Inactive, 0));
        let legal = match (change.from, change.alert.state) {
            (Inactive, Pending) => matches!(known, Inactive | Resolved),
            (Inactive, Firing) => matches!(known, Inactive | Resolved),
            (from, Firing) | (from, Inactive) => known == Pending && from == Pending,
            (from, Resolved) => known == Firing && from == Firing,
            _ => false,
        };
        assert!(
            legal,
            "{:?} to {:?}, but it was {known:?}: {}",
            change.from, change.alert.state, change.alert.labels
        );
        if change.alert.name == "Busy" && change.alert.state == Firing {
            // A reboot is measured on the wall clock, which jitters.
            assert!(now.mono_ms - since >= 300_000 - JITTER_MS, "fired before its `for` had passed");
        }
        self.told.insert(id.clone(), (change.alert.state, now.mono_ms));
    }

    fn view(&self, engine: &mut Engine, settings: &Settings) {
        let view = engine.view();
        for alert in &view.alerts {
            let told = self.told.get(&alert.id).map(|(state, _)| *state);
            assert_eq!(told, Some(alert.state), "the view shows what was not told: {}", alert.labels);
        }
        assert!(view.anomalies.len() <= settings.anomalies_max);
        for anomaly in &view.anomalies {
            let confidence = anomaly.evidence.confidence.unwrap();
            assert!((0.0..=1.0).contains(&confidence), "confidence {confidence}");
        }
        assert!(view.counts.history_bytes <= settings.history_bytes_max as u64);
    }
}
