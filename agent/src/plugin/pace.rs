//! How often a shared object is asked and how long it may take: what it says of itself, unless its administrator says otherwise.

use super::spec::{EVERY_MIN, Plugin, TIMEOUT_MIN};
use hostward_plugin_host::Wants;
use std::time::Duration;

/// What an object can ask for by itself; its administrator can say more.
const EVERY_MAX: Duration = Duration::from_secs(24 * 60 * 60);
const TIMEOUT_MAX: Duration = Duration::from_secs(60);

/// How a plugin is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// Time between two readings.
    pub every: Duration,
    /// How long a reading may take.
    pub timeout: Duration,
}

impl Pace {
    /// As is settled before the plugin has said anything.
    pub fn of(plugin: &Plugin) -> Pace {
        Pace { every: plugin.every, timeout: plugin.timeout }
    }

    /// After it has said what it wants.
    pub fn wanted(plugin: &Plugin, wants: Wants) -> Pace {
        let ms = |number: u32| Duration::from_millis(number.into());
        let every = ms(wants.interval_ms).clamp(EVERY_MIN, EVERY_MAX);
        let timeout = ms(wants.timeout_ms).clamp(TIMEOUT_MIN, TIMEOUT_MAX);
        Pace { every: plugin.said.every.unwrap_or(every), timeout: plugin.said.timeout.unwrap_or(timeout) }
    }
}
