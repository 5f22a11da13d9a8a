//! Families as text again.

use super::family::{Family, Labels, Sample, Type};
use hostward_model::number;
use hostward_model::text::{self, Format};

/// The exposition of families that [`super::read`] gave, or that follow the same rules.
pub fn write(families: &[Family], format: Format) -> String {
    let mut out = String::new();
    for family in families {
        head(&mut out, family, format);
        family.samples.iter().for_each(|sample| line(&mut out, sample, format));
    }
    if format == Format::OpenMetrics {
        out.push_str("# EOF\n");
    }
    out
}

fn head(out: &mut String, family: &Family, format: Format) {
    if let Some(help) = &family.help {
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        let help = if format == Format::OpenMetrics { help.replace('"', "\\\"") } else { help };
        out.push_str(&format!("# HELP {} {help}\n", family.name));
    }
    out.push_str(&format!("# TYPE {} {}\n", family.name, word(family.kind, format)));
    if let (Some(unit), Format::OpenMetrics) = (&family.unit, format) {
        out.push_str(&format!("# UNIT {} {unit}\n", family.name));
    }
}

fn line(out: &mut String, sample: &Sample, format: Format) {
    series(out, &sample.name, &sample.labels);
    out.push(' ');
    number::write(out, sample.value);
    if let Some(seconds) = sample.timestamp_s {
        out.push(' ');
        match format {
            Format::Text => out.push_str(&((seconds * 1000.0).round() as i64).to_string()),
            Format::OpenMetrics => number::write(out, seconds),
        }
    }
    if let (Some(exemplar), Format::OpenMetrics) = (&sample.exemplar, format) {
        out.push_str(" # ");
        series(out, "", &exemplar.labels);
        out.push_str(if exemplar.labels.is_empty() { "{} " } else { " " });
        number::write(out, exemplar.value);
        if let Some(seconds) = exemplar.timestamp_s {
            out.push(' ');
            number::write(out, seconds);
        }
    }
    out.push('\n');
}

fn series(out: &mut String, name: &str, labels: &Labels) {
    text::write_series(out, name, labels.iter().map(|(name, value)| (name.as_str(), value.as_str())));
}

fn word(kind: Type, format: Format) -> &'static str {
    match kind {
        Type::Counter => "counter",
        Type::Gauge => "gauge",
        Type::Histogram => "histogram",
        Type::GaugeHistogram => "gaugehistogram",
        Type::Summary => "summary",
        Type::Info => "info",
        Type::StateSet => "stateset",
        Type::Unknown if format == Format::Text => "untyped",
        Type::Unknown => "unknown",
    }
}
