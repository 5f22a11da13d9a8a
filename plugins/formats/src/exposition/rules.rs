//! What the type of a family asks of its samples.

use super::family::{Family, Sample, Type};
use super::number::bound;
use super::order::{Refusal, metric_labels};
use hostward_model::text::Format;

/// What may follow the family's name in the name of a sample.
pub fn suffixes(kind: Type, format: Format) -> &'static [&'static str] {
    match (kind, format) {
        (Type::Counter, Format::OpenMetrics) => &["_total", "_created"],
        (Type::Histogram, Format::Text) => &["_bucket", "_sum", "_count"],
        (Type::Histogram, Format::OpenMetrics) => &["_bucket", "_sum", "_count", "_created"],
        (Type::GaugeHistogram, _) => &["_bucket", "_gcount", "_gsum"],
        (Type::Summary, Format::Text) => &["", "_sum", "_count"],
        (Type::Summary, Format::OpenMetrics) => &["", "_sum", "_count", "_created"],
        (Type::Info, _) => &["_info"],
        _ => &[""],
    }
}

/// What a sample must satisfy by itself.
pub fn check_sample(family: &Family, sample: &Sample, format: Format) -> Result<(), &'static str> {
    let suffix = sample.name.strip_prefix(&family.name).unwrap_or("");
    check_bound(family.kind, suffix, sample)?;
    match format {
        Format::Text => Ok(()),
        Format::OpenMetrics => {
            check_exemplar(family.kind, suffix, sample).and_then(|()| check_value(family, suffix, sample))
        }
    }
}

fn check_bound(kind: Type, suffix: &str, sample: &Sample) -> Result<(), &'static str> {
    match (kind, suffix) {
        (Type::Histogram | Type::GaugeHistogram, "_bucket") => {
            let le = sample.label("le").and_then(bound);
            le.map(drop).ok_or("a bucket needs a label le with a number or +Inf")
        }
        (Type::Summary, "") => {
            let quantile = sample.label("quantile").and_then(bound);
            let inside = quantile.filter(|quantile| (0.0..=1.0).contains(quantile));
            inside.map(drop).ok_or("a summary needs a label quantile from 0 to 1")
        }
        _ => Ok(()),
    }
}

fn check_exemplar(kind: Type, suffix: &str, sample: &Sample) -> Result<(), &'static str> {
    let allowed = matches!(
        (kind, suffix),
        (Type::Counter, "_total") | (Type::Histogram | Type::GaugeHistogram, "_bucket")
    );
    if sample.exemplar.is_none() || allowed {
        Ok(())
    } else {
        Err("only counters and buckets have exemplars")
    }
}

fn check_value(family: &Family, suffix: &str, sample: &Sample) -> Result<(), &'static str> {
    let value = sample.value;
    match (family.kind, suffix) {
        (Type::Counter | Type::Histogram, _) | (Type::GaugeHistogram, "_bucket" | "_gcount") => {
            natural(value)
        }
        (Type::Summary, "") if value < 0.0 => Err("a quantile is not negative"),
        (Type::Summary, "_sum" | "_count") => natural(value),
        (Type::GaugeHistogram, "_gsum") if value.is_nan() => Err("a sum is a number"),
        (Type::Info, _) if value != 1.0 => Err("the value of an info is 1"),
        (Type::StateSet, _) if sample.label(&family.name).is_none() => {
            Err("a state needs a label named like its family")
        }
        (Type::StateSet, _) if value != 0.0 && value != 1.0 => Err("the value of a state is 0 or 1"),
        _ => Ok(()),
    }
}

fn natural(value: f64) -> Result<(), &'static str> {
    if value >= 0.0 { Ok(()) } else { Err("what only grows is a number and not negative") }
}

/// What the samples of a family must satisfy together.
pub fn check_family(family: &Family, format: Format) -> Result<(), Refusal> {
    if family.unit.as_deref().is_some_and(|unit| !unit.is_empty())
        && matches!(family.kind, Type::Info | Type::StateSet)
    {
        return Err((0, "infos and statesets have no unit".to_owned()));
    }
    if format == Format::Text || !matches!(family.kind, Type::Histogram | Type::GaugeHistogram) {
        return Ok(());
    }
    let mut start = 0;
    for metric in family.samples.chunk_by(|a, b| metric_labels(family, a) == metric_labels(family, b)) {
        check_buckets(family, metric).map_err(|why| (start, why.to_owned()))?;
        start += metric.len();
    }
    Ok(())
}

fn check_buckets(family: &Family, metric: &[Sample]) -> Result<(), &'static str> {
    let named = |suffix: &str| metric.iter().find(|sample| sample.name == format!("{}{suffix}", family.name));
    let buckets: Vec<(f64, f64)> = metric
        .iter()
        .filter(|sample| sample.name.ends_with("_bucket"))
        .filter_map(|sample| Some((sample.label("le").and_then(bound)?, sample.value)))
        .collect();
    let (sum, count) = match family.kind {
        Type::Histogram => (named("_sum"), named("_count")),
        _ => (named("_gsum"), named("_gcount")),
    };
    let all = buckets
        .last()
        .filter(|(le, _)| *le == f64::INFINITY)
        .ok_or("the last bucket must have le=\"+Inf\"")?;
    if buckets.windows(2).any(|pair| pair[0].0 >= pair[1].0 || pair[0].1 > pair[1].1) {
        return Err("buckets must grow in le and in count");
    }
    let negative = buckets.iter().any(|(le, _)| *le < 0.0);
    match (sum, count) {
        (None, None) => Ok(()),
        (Some(_), None) | (None, Some(_)) => Err("sum and count come together"),
        (Some(_), Some(_)) if negative && family.kind == Type::Histogram => {
            Err("a histogram with negative buckets has no sum")
        }
        (Some(sum), Some(_)) if sum.value < 0.0 && !negative => {
            Err("without negative buckets the sum is not negative")
        }
        (Some(_), Some(count)) if count.value != all.1 => Err("the count must equal the bucket le=\"+Inf\""),
        _ => Ok(()),
    }
}
