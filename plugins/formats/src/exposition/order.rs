//! The order in which the samples of a family may come.

use super::family::{Family, Sample, Type};
use hostward_model::text::Format;
use std::collections::HashSet;

/// Which sample is at fault, and why.
pub type Refusal = (usize, String);

/// The labels that tell one metric of a family from another: without the bucket, quantile or state.
pub fn metric_labels<'a>(family: &Family, sample: &'a Sample) -> Vec<(&'a str, &'a str)> {
    let within = match family.kind {
        Type::Histogram | Type::GaugeHistogram => "le",
        Type::Summary => "quantile",
        Type::StateSet => family.name.as_str(),
        _ => "",
    };
    let own = sample.labels.iter().filter(|(name, _)| name != within);
    let mut labels: Vec<_> = own.map(|(name, value)| (name.as_str(), value.as_str())).collect();
    labels.sort_unstable();
    labels
}

/// Each series once, and in OpenMetrics each metric in one piece with its timestamps in order.
pub fn check(family: &Family, format: Format) -> Result<(), Refusal> {
    unique(family)?;
    match format {
        Format::Text => Ok(()),
        Format::OpenMetrics => together(family).and_then(|()| in_time(family)),
    }
}

fn unique(family: &Family) -> Result<(), Refusal> {
    let mut seen = HashSet::new();
    for (index, sample) in family.samples.iter().enumerate() {
        let timestamp = sample.timestamp_s.map(f64::to_bits);
        if !seen.insert(series(sample)) && timestamp.is_none() {
            return Err((index, "each series once".to_owned()));
        }
    }
    Ok(())
}

fn series(sample: &Sample) -> (&str, Vec<&(String, String)>) {
    let mut labels: Vec<_> = sample.labels.iter().collect();
    labels.sort_unstable();
    (&sample.name, labels)
}

fn together(family: &Family) -> Result<(), Refusal> {
    let mut closed = HashSet::new();
    let mut current = None;
    for (index, sample) in family.samples.iter().enumerate() {
        let labels = metric_labels(family, sample);
        if current.as_ref() == Some(&labels) {
            continue;
        }
        if closed.contains(&labels) {
            return Err((index, "the samples of a metric must stand together".to_owned()));
        }
        closed.extend(current.replace(labels));
    }
    Ok(())
}

fn in_time(family: &Family) -> Result<(), Refusal> {
    for (index, pair) in family.samples.windows(2).enumerate() {
        if series(&pair[0]) != series(&pair[1]) {
            continue;
        }
        let ordered = match (pair[0].timestamp_s, pair[1].timestamp_s) {
            (Some(before), Some(after)) => before <= after,
            (before, after) => before == after,
        };
        if !ordered {
            return Err((index + 1, "the timestamps of a series must not go back".to_owned()));
        }
    }
    Ok(())
}
