//! How one alert stands: what it is, who was told what of it, and what there is to tell now.

use super::flap;
use super::{Matchers, Policy, Route};
use crate::alert::{Alert, State, Transition};
use crate::labels::Labels;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One alert in the eyes of the receivers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// The alert as it was last written down.
    pub alert: Alert,
    /// When it fired lately, wall clock.
    #[serde(default)]
    pub fired: Vec<i64>,
    /// It comes and goes too often for each change to be told.
    #[serde(default)]
    pub flapping: bool,
    /// What each receiver was told last.
    #[serde(default)]
    pub told: BTreeMap<String, Told>,
}

/// What a receiver was told last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// That it fires, or that it has resolved.
    pub state: State,
    /// Which episode.
    pub fired_ms: i64,
    /// When.
    pub at_ms: i64,
    /// Whether it was told that it flaps.
    #[serde(default)]
    pub flapping: bool,
}

/// Something to tell a receiver.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// Who is to be told.
    pub receiver: String,
    /// The alert, with the labels that others see.
    pub alert: Alert,
    /// Whether it flaps.
    #[serde(default)]
    pub flapping: bool,
    /// It was told before and still fires.
    #[serde(default)]
    pub reminder: bool,
    /// When it came to be told, wall clock.
    pub at_ms: i64,
}

/// What else holds at the moment.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// Wall clock.
    pub now_ms: i64,
    /// Silences whose time it is: id and what they match.
    pub silences: &'a [(String, Matchers)],
    /// Alerts that fire: id and the labels that others see.
    pub firing: &'a [(String, Labels)],
}

/// Why nothing is said of an alert that fires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mute {
    /// By this silence.
    Silenced(String),
    /// By this alert.
    Inhibited(String),
    /// Somebody has seen it.
    Acknowledged(String),
}

impl Standing {
    /// An alert of which nobody was told.
    pub fn new(alert: Alert) -> Self {
        Standing { alert, fired: Vec::new(), flapping: false, told: BTreeMap::new() }
    }

    /// Takes a change that is written down.
    pub fn take(&mut self, transition: &Transition) {
        self.alert.clone_from(&transition.alert);
        if transition.alert.state == State::Firing && transition.from != State::Firing {
            flap::note(&mut self.fired, transition.at_ms);
        }
    }

    /// Says what there is to tell now, and counts it as told.
    pub fn tell(&mut self, policy: &Policy, moment: Moment<'_>) -> Vec<Notice> {
        self.flapping = flap::judge(self.flapping, &mut self.fired, moment.now_ms);
        self.told.retain(|name, _| policy.routes.iter().any(|route| route.receiver == *name));
        let alert = policy.outward_alert(&self.alert);
        let is_muted = self.mute(policy, moment).is_some();
        let is_due = |route: &&Route| self.is_due(route, &alert, is_muted, moment.now_ms);
        let due: Vec<&Route> = policy.routes.iter().filter(is_due).collect();
        due.into_iter().map(|route| self.note(route, &alert, moment.now_ms)).collect()
    }

    /// Whether there is something to tell: the end of what was told, a beginning, or a reminder.
    fn is_due(&self, route: &Route, alert: &Alert, is_muted: bool, now_ms: i64) -> bool {
        let told = self.told.get(&route.receiver);
        let knows_firing = told.is_some_and(|told| told.state == State::Firing);
        let knows_episode = told.is_some_and(|told| Some(told.fired_ms) == alert.fired_ms);
        let is_quiet = self.flapping && told.is_some_and(|told| told.flapping);
        match alert.state {
            State::Resolved => knows_firing && route.send_resolved && !is_quiet,
            State::Firing if knows_firing && knows_episode => {
                let told_ms = told.map_or(now_ms, |told| told.at_ms);
                !is_muted && !is_quiet && route.is_reminder_due(told_ms, now_ms)
            }
            State::Firing => !is_muted && !is_quiet && route.takes(&alert.labels),
            State::Inactive | State::Pending => false,
        }
    }

    fn note(&mut self, route: &Route, alert: &Alert, now_ms: i64) -> Notice {
        let fired_ms = alert.fired_ms.unwrap_or(alert.active_ms);
        let told = Told { state: alert.state, fired_ms, at_ms: now_ms, flapping: self.flapping };
        let before = self.told.insert(route.receiver.clone(), told.clone());
        let reminder = before.is_some_and(|own| own.state == told.state && own.fired_ms == told.fired_ms);
        let (receiver, alert) = (route.receiver.clone(), alert.clone());
        Notice { receiver, alert, flapping: self.flapping, reminder, at_ms: now_ms }
    }

    /// Why nothing is said of it, if so.
    pub fn mute(&self, policy: &Policy, moment: Moment<'_>) -> Option<Mute> {
        let labels = policy.outward(&self.alert.labels);
        let silence = moment.silences.iter().find(|(_, matchers)| matchers.matches(&labels));
        let hides = |(id, source): &&(String, Labels)| {
            *id != self.alert.id && policy.inhibitions.iter().any(|own| own.hides(source, &labels))
        };
        let acknowledged = self.alert.acknowledged.as_ref().map(|own| Mute::Acknowledged(own.by.clone()));
        acknowledged
            .or_else(|| silence.map(|(id, _)| Mute::Silenced(id.clone())))
            .or_else(|| moment.firing.iter().find(hides).map(|(id, _)| Mute::Inhibited(id.clone())))
    }

    /// Whether nothing is left to remember: it has ended, and how often it fired does not matter any more.
    pub fn is_over(&self) -> bool {
        !matches!(self.alert.state, State::Pending | State::Firing) && self.fired.is_empty() && !self.flapping
    }
}
