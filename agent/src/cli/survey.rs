//! Looking at the host without a daemon, by the daemon's own sampler.

use super::{Common, Failure};
use crate::clock;
use crate::config::{self, Config};
use crate::sampler::{Plan, Report, Sampled, Sampler};
use crate::vitals::Vitals;
use std::path::Path;
use std::sync::Arc;

/// Runs probes `ticks` times, a second apart; all of them, or the one that is named.
pub fn look(
    common: &Common,
    root: &Path,
    probe: Option<&str>,
    ticks: usize,
    mut seen: impl FnMut(&Sampled),
) -> Result<Arc<Report>, Failure> {
    // Nothing of the configuration but the probes' settings matters here, so a broken one does not, either.
    let config = Config::load(&config::paths(common.config.as_deref()))
        .map_or_else(|_| Config::default(), |own| own.config);
    let mut plan = Plan::new(&config, root.to_owned());
    plan.interval_ms = 1000;
    plan.probes.retain(|chosen| probe.is_none_or(|name| name == chosen.spec.name));
    plan.probes.iter_mut().for_each(|chosen| chosen.every_ms = 1000);
    let started = Sampler::start(plan, Arc::new(Vitals::new(clock::now())));
    let (_sampler, mut readings) = started.map_err(|error| Failure::Failed(error.to_string()))?;
    let mut reports = Vec::new();
    while reports.len() < ticks {
        let Some(sampled) = readings.blocking_recv() else { break };
        seen(&sampled);
        reports.extend(sampled.report);
    }
    reports.pop().ok_or_else(|| Failure::Failed("the sampler ended".to_owned()))
}
