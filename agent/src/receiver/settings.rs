//! What receivers run by, made of the configuration.

use super::kind;
use crate::config::{Address, Config, Receiver};
use hostward_engine::Labels;
use hostward_engine::telling::{Inhibition, Policy, Route};

/// What receivers run by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// Who is told what.
    pub policy: Policy,
    /// Receivers that are used, by name.
    pub receivers: Vec<(String, Receiver)>,
    /// The host's name among others.
    pub instance: String,
    /// Where expressions can be looked at.
    pub external_url: String,
    /// After how long without a tick hostward does not watch any more.
    pub silent_ms: u64,
}

impl Settings {
    /// From a configuration that was checked.
    pub fn of(config: &Config, host: &str) -> Self {
        let instance = config.alerts.instance.clone().unwrap_or_else(|| host.to_owned());
        let own_url = || format!("http://{instance}:{}", port(config));
        let external_url = config.alerts.external_url.clone().unwrap_or_else(own_url);
        let receivers = config.receivers.iter().filter(|(_, own)| own.enabled);
        let receivers: Vec<_> = receivers.map(|(name, own)| (name.clone(), own.clone())).collect();
        let mut labels = Labels::new(config.rules.external_labels.clone());
        if labels.get("instance").is_empty() {
            labels.set("instance", &instance);
        }
        let inhibitions = config.inhibitions.values().map(|own| Inhibition {
            source: own.source.clone(),
            target: own.target.clone(),
            equal: own.equal.clone(),
        });
        let routes = receivers.iter().map(|(name, own)| route(name, own)).collect();
        let policy = Policy { labels, routes, inhibitions: inhibitions.collect() };
        let silent_ms = 60_000 + 3 * config.sampling.interval.ms();
        Settings { policy, receivers, instance, external_url, silent_ms }
    }
}

/// Where /metrics is, if anywhere.
fn port(config: &Config) -> u16 {
    let ports = config.listen.metrics.iter().filter_map(|address| match address {
        Address::Tcp(address) => Some(address.port()),
        Address::Unix(_) => None,
    });
    ports.chain([80]).next().unwrap_or_default()
}

/// A receiver that is confirmed needs no reminders.
fn route(name: &str, own: &Receiver) -> Route {
    let confirms = kind(&own.r#type).is_some_and(|kind| kind.confirm.is_some());
    let repeat = own.repeat.filter(|_| !confirms);
    Route {
        receiver: name.to_owned(),
        matchers: own.r#match.clone(),
        min_severity: own.min_severity,
        send_resolved: own.send_resolved,
        repeat_ms: repeat.map(|repeat| i64::try_from(repeat.ms()).unwrap_or(i64::MAX)),
    }
}
