//! The time that an explanation of an alert is about.

use crate::clock;
use crate::dataset::instant;
use serde_json::Value;

/// What came so long before the condition held belongs to it.
const BEFORE_S: f64 = 1800.0;
/// So much of what came after is shown.
const AFTER_S: f64 = 1800.0;

/// Seconds since the epoch.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Where the picture begins.
    pub from: f64,
    /// Since when the condition holds.
    pub active: f64,
    /// Where the picture ends.
    pub to: f64,
}

impl Moment {
    /// Of an alert.
    pub fn of(alert: &Value) -> Self {
        let at = |name: &str| seconds(&alert[name]);
        let now = clock::now().wall_ms as f64 / 1000.0;
        let active = at("activeAt").unwrap_or(now);
        let to = at("resolvedAt").unwrap_or(now).min(active + AFTER_S).max(active);
        Moment { from: active - BEFORE_S, active, to }
    }
}

/// A time as the API writes it.
pub fn seconds(value: &Value) -> Option<f64> {
    Some(instant(value.as_str()?)? as f64 / 1000.0)
}
