//! From a report to a batch for the engine: names that are somebody else's and values of another time are left out.

use super::claims::Claims;
use super::spec::Plugin;
use hostward_formats::exposition::Family;
use hostward_formats::{Rejected, Report};
use hostward_model::Batch;
use hostward_probes::exposition_rows;

/// A value counts for so long after its time.
const AGE_S_MAX: f64 = 300.0;
/// Clocks of one host agree better.
const AHEAD_S_MAX: f64 = 60.0;

/// What a report says at `now_s`, and what is left out of it.
pub fn batch(
    report: &Report,
    plugin: &Plugin,
    name: &'static str,
    claims: &mut Claims,
    now_s: f64,
) -> (Batch, Vec<Rejected>) {
    let (mut batch, mut refused) = (Batch::new(), Vec::new());
    let mut families = Vec::with_capacity(report.families.len());
    for family in &report.families {
        match claims.take(name, family) {
            Ok(()) => families.push(dressed(family, plugin, now_s, &mut refused)),
            Err(owner) => refused
                .push(format!("{} is a metric of the plugin {owner}; choose another name", family.name)),
        }
    }
    let (rows, others) = exposition_rows([(plugin.name.as_str(), families.as_slice())].into_iter());
    for row in &rows {
        batch.push_named(row.metric, row.part, &row.labels(), row.value);
    }
    refused.extend(others.into_iter().map(|(_, why)| why));
    (batch, refused.into_iter().map(|reason| Rejected { line: 0, reason }).collect())
}

/// A family with the labels that the administrator gives, without values of another time.
fn dressed(family: &Family, plugin: &Plugin, now_s: f64, refused: &mut Vec<String>) -> Family {
    let mut family = family.clone();
    let count = family.samples.len();
    family.samples.retain(|sample| {
        sample.timestamp_s.is_none_or(|at| (now_s - AGE_S_MAX..=now_s + AHEAD_S_MAX).contains(&at))
    });
    if family.samples.len() < count {
        let gone = count - family.samples.len();
        refused.push(format!("{}: {gone} of its values are of another time than now", family.name));
    }
    for sample in &mut family.samples {
        sample.labels.retain(|(label, _)| plugin.labels.iter().all(|(own, _)| own != label));
        sample.labels.extend(plugin.labels.iter().cloned());
    }
    family
}
