//! What a plugin says of itself, checked: nothing that it emits can then break the text of an answer.

use super::raw;
use hostward_model::escaping::is_plain;
use hostward_model::{metric, text};
use hostward_plugin_abi as abi;
use serde::Serialize;
use std::collections::HashSet;
use std::ffi::c_char;
use std::fmt::Write;

/// Most metrics of a plugin.
const METRICS_MAX: u32 = 500;
/// Most labels of a metric.
const LABELS_MAX: u32 = 30;
/// Most paths that it may ask for.
const PATHS_MAX: u32 = 64;
/// Longest name.
const NAME_BYTES_MAX: usize = 200;
/// Longest sentence or path.
const TEXT_BYTES_MAX: usize = 1024;
/// Longest schema of a configuration.
const SCHEMA_BYTES_MAX: usize = 64 << 10;
/// What a promise of 0 series means.
const SERIES_MAX: u32 = 100;

/// A plugin's description.
#[derive(Debug, Serialize)]
pub struct Description {
    pub name: String,
    pub version: String,
    pub author: Option<String>,
    pub about: String,
    pub interval_ms: u32,
    pub timeout_ms: u32,
    pub needs: Vec<&'static str>,
    pub read_paths: Vec<String>,
    pub config_schema: Option<serde_json::Value>,
    pub metrics: Vec<Metric>,
}

/// One metric.
#[derive(Debug, Serialize)]
pub struct Metric {
    pub name: String,
    pub kind: Kind,
    pub unit: String,
    pub help: String,
    pub labels: Vec<String>,
    pub series_max: u32,
    /// Its lines of metadata, as OpenMetrics has them.
    #[serde(skip)]
    pub head: String,
}

/// What kind of value it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Gauge,
    Counter,
    Info,
}

/// Reads a description.
pub fn read(from: *const abi::Description) -> Result<Description, String> {
    // SAFETY: by the interface it points to a struct that begins with its size and is static.
    let raw: abi::Description = unsafe { raw::sized("hw_description", from) }?;
    // SAFETY: by the interface so many pointers are there.
    let metrics = unsafe { raw::array("metrics", raw.metrics, raw.metrics_count, METRICS_MAX) }?;
    let metrics = metrics.iter().map(|metric| read_metric(*metric)).collect::<Result<Vec<_>, _>>()?;
    distinct(&metrics)?;
    let name = required("name", raw.name, NAME_BYTES_MAX)?;
    if !is_short(&name) {
        return Err(format!("name: {name:?} is not of the form [a-z][a-z0-9_]*"));
    }
    Ok(Description {
        name,
        version: required("version", raw.version, NAME_BYTES_MAX)?,
        author: optional("author", raw.author, TEXT_BYTES_MAX)?,
        about: required("about", raw.about, TEXT_BYTES_MAX)?,
        interval_ms: if raw.interval_ms == 0 { 10_000 } else { raw.interval_ms },
        timeout_ms: if raw.timeout_ms == 0 { 5_000 } else { raw.timeout_ms },
        needs: needs(raw.needs)?,
        read_paths: texts("read_paths", raw.read_paths, raw.read_paths_count, PATHS_MAX)?,
        config_schema: schema(raw.config_schema)?,
        metrics,
    })
}

fn read_metric(from: *const abi::Metric) -> Result<Metric, String> {
    // SAFETY: by the interface it points to a struct that begins with its size and is static.
    let raw: abi::Metric = unsafe { raw::sized("hw_metric", from) }?;
    let name = required("the name of a metric", raw.name, NAME_BYTES_MAX)?;
    let of = |what: &str| format!("{name}: {what}");
    let kind = match raw.kind {
        abi::GAUGE => Kind::Gauge,
        abi::COUNTER => Kind::Counter,
        abi::INFO => Kind::Info,
        other => return Err(format!("{name}: there is no kind {other}")),
    };
    let unit = optional(&of("unit"), raw.unit, NAME_BYTES_MAX)?.unwrap_or_default();
    let help = required(&of("help"), raw.help, TEXT_BYTES_MAX)?;
    let labels = texts(&of("labels"), raw.labels, raw.labels_count, LABELS_MAX)?;
    let series_max = if raw.series_max == 0 { SERIES_MAX } else { raw.series_max };
    let mut metric = Metric { name, kind, unit, help, labels, series_max, head: String::new() };
    fault(&metric).map_or(Ok(()), Err)?;
    metric.head = head(&metric);
    Ok(metric)
}

/// What is wrong with a metric.
fn fault(metric: &Metric) -> Option<String> {
    let Metric { name, kind, unit, labels, .. } = metric;
    let is_label = |label: &String| is_plain(label) && !label.contains(':') && !label.starts_with("__");
    let is_twice = |label: &&String| labels.iter().filter(|other| other == label).count() > 1;
    let family = family(metric);
    match kind {
        _ if !is_plain(name) => Some(format!("{name:?} is no name of a metric: [a-zA-Z_:][a-zA-Z0-9_:]*")),
        Kind::Counter if !name.ends_with("_total") => {
            Some(format!("{name} counts, so its name ends with _total"))
        }
        Kind::Info if !name.ends_with("_info") => {
            Some(format!("{name} is an info, so its name ends with _info"))
        }
        Kind::Info if !unit.is_empty() => Some(format!("{name} is an info, which has no unit")),
        Kind::Gauge if name.ends_with("_total") || name.ends_with("_info") => {
            Some(format!("{name} is a gauge, but its name ends like that of another kind"))
        }
        _ if !unit.is_empty() && !family.ends_with(&format!("_{unit}")) => Some(format!(
            "{name}: the unit is {unit}, so the name ends with _{unit}{}",
            name.strip_prefix(family).unwrap_or("")
        )),
        _ if !labels.iter().all(is_label) => {
            Some(format!("{name}: a label has a name that is not of the form [a-zA-Z_][a-zA-Z0-9_]*"))
        }
        _ => labels.iter().find(is_twice).map(|label| format!("{name}: the label {label} is there twice")),
    }
}

/// The name that OpenMetrics gives to the family.
fn family(metric: &Metric) -> &str {
    let end = match metric.kind {
        Kind::Gauge => "",
        Kind::Counter => "_total",
        Kind::Info => "_info",
    };
    metric.name.strip_suffix(end).unwrap_or(&metric.name)
}

fn head(metric: &Metric) -> String {
    let mut head = String::new();
    let (name, kind) = match metric.kind {
        Kind::Gauge => (metric.name.as_str(), metric::Kind::Gauge),
        Kind::Counter => (metric.name.as_str(), metric::Kind::Counter),
        // The word is replaced below: the model has no infos.
        Kind::Info => (family(metric), metric::Kind::Gauge),
    };
    text::write_head(&mut head, text::Format::OpenMetrics, name, kind, &metric.help);
    if metric.kind == Kind::Info {
        head.truncate(head.len() - "gauge\n".len());
        head.push_str("info\n");
    }
    if !metric.unit.is_empty() {
        let _ = writeln!(head, "# UNIT {} {}", family(metric), metric.unit);
    }
    head
}

fn distinct(metrics: &[Metric]) -> Result<(), String> {
    let mut families = HashSet::new();
    match metrics.iter().find(|metric| !families.insert(family(metric))) {
        Some(metric) => {
            Err(format!("{}: another metric has this name, with or without its ending", metric.name))
        }
        None => Ok(()),
    }
}

fn is_short(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn needs(bits: u32) -> Result<Vec<&'static str>, String> {
    const NEEDS: [(u32, &str); 4] = [
        (abi::NEEDS_NETWORK, "network"),
        (abi::NEEDS_LOCAL_SOCKETS, "local_sockets"),
        (abi::NEEDS_RAW_DEVICES, "raw_devices"),
        (abi::NEEDS_ROOT, "root"),
    ];
    let known = NEEDS.iter().fold(0, |known, (bit, _)| known | bit);
    if bits & !known != 0 {
        return Err(format!("needs: {:#x} is not known in version 1.0", bits & !known));
    }
    Ok(NEEDS.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| *name).collect())
}

fn schema(from: *const c_char) -> Result<Option<serde_json::Value>, String> {
    let Some(text) = optional("config_schema", from, SCHEMA_BYTES_MAX)? else { return Ok(None) };
    serde_json::from_str(&text).map(Some).map_err(|error| format!("config_schema is not JSON: {error}"))
}

fn required(what: &str, from: *const c_char, bytes_max: usize) -> Result<String, String> {
    // SAFETY: by the interface texts of descriptions end with NUL.
    unsafe { raw::text(what, from, bytes_max) }
}

fn optional(what: &str, from: *const c_char, bytes_max: usize) -> Result<Option<String>, String> {
    // SAFETY: by the interface texts of descriptions end with NUL.
    unsafe { raw::optional(what, from, bytes_max) }
}

fn texts(what: &str, from: *const *const c_char, count: u32, count_max: u32) -> Result<Vec<String>, String> {
    // SAFETY: by the interface so many pointers are there.
    let texts = unsafe { raw::array(what, from, count, count_max) }?;
    texts.iter().map(|text| required(what, *text, TEXT_BYTES_MAX)).collect()
}
