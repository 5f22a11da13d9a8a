//! The settings of one probe: the two that all have, and its own.

use super::Span;
use hostward_probes::{Settings, Spec, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Settings of one probe.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProbeConfig {
    /// Whether it runs; unless set, as the probe says.
    pub enabled: Option<bool>,
    /// Time between two runs; unless set, `sampling.interval`, or longer where the probe says so.
    pub interval: Option<Span>,
    /// What only this probe knows.
    #[serde(flatten)]
    pub own: BTreeMap<String, Value>,
}

impl ProbeConfig {
    /// Its own settings; one that does not fit is as if it were not there, for `complaint` has told of it.
    pub fn settings(&self, spec: &Spec) -> Settings {
        self.fill(spec, |_, _| {})
    }

    /// The first of its own settings that does not fit, and why.
    pub fn complaint(&self, spec: &Spec) -> Option<(&str, String)> {
        let mut first = None;
        self.fill(spec, |name, why| {
            first.get_or_insert((name, why));
        });
        first
    }

    fn fill<'a>(&'a self, spec: &Spec, mut refused: impl FnMut(&'a str, String)) -> Settings {
        let mut settings = Settings::new(spec.settings);
        for (name, value) in &self.own {
            if let Err(why) = settings.set(name, value.clone()) {
                refused(name, why);
            }
        }
        settings
    }
}
