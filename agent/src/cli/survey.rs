//! Looking at the host without a daemon, by the daemon's own sampler.

use super::{Common, Failure};
use crate::clock;
use crate::config::{self, Config};
use crate::sampler::{Plan, Report, Sampled, Sampler};
use crate::vitals::Vitals;
use std::path::Path;
use std::sync::Arc;

/// Slow probes are waited for so many ticks.
const TICKS_MAX: usize = 30;

/// Runs probes `ticks` times, a second apart; all of them, or the one that is named.
/// Goes on until each has answered once.
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
    let (mut last, mut reports) = (None, 0);
    while reports < ticks || reports < TICKS_MAX && last.as_deref().is_some_and(is_owed) {
        let Some(sampled) = readings.blocking_recv() else { break };
        seen(&sampled);
        if let Some(report) = sampled.report {
            (last, reports) = (Some(report), reports + 1);
        }
    }
    last.ok_or_else(|| Failure::Failed("the sampler ended".to_owned()))
}

/// Whether some probe has not answered yet.
fn is_owed(report: &Report) -> bool {
    report.probes.iter().any(|status| status.at_ms.is_none())
}
