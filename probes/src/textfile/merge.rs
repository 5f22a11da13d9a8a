//! Families of several files laid together: one type and help each, the same labels on each series.

use crate::PROBES;
use hostward_formats::exposition::{Family, Sample, Type};
use hostward_model::{Kind, Metric, intern};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// More series than this are refused, file by file.
const SERIES_MAX: usize = 10_000;

/// How names begin that hostward gives to what it tells of itself.
const OWN: [&str; 4] = ["hostward_", "process_", "node_scrape_", "node_exporter_"];

/// One series, ready to be told.
#[derive(Debug)]
pub struct Row {
    /// What it is.
    pub metric: &'static Metric,
    /// What follows the family's name: `_bucket` and the like, or nothing.
    pub part: &'static str,
    values: Vec<String>,
    /// Its value.
    pub value: f64,
}

/// Path and reason of what was left out.
pub type Refused = Vec<(String, String)>;

/// A family and the files that it was found in.
struct Merged<'a> {
    kind: Type,
    help: &'a str,
    files: Vec<&'a str>,
    labels: BTreeSet<&'a str>,
    samples: Vec<&'a Sample>,
}

impl Row {
    /// The values of the metric's labels.
    pub fn labels(&self) -> Vec<&str> {
        self.values.iter().map(String::as_str).collect()
    }
}

/// Everything that can be told of the files, and what cannot.
pub fn rows<'a>(files: impl Iterator<Item = (&'a str, &'a [Family])>) -> (Vec<Row>, Refused) {
    let (mut merged, mut refused) = (BTreeMap::<&str, Merged<'a>>::new(), Refused::new());
    for (path, families) in files {
        for family in families {
            if let Err(why) = take(&mut merged, path, family) {
                refused.push((path.to_owned(), why));
            }
        }
    }
    let mut rows = Vec::new();
    for (name, family) in &merged {
        if let Err(why) = lay(name, family, &mut rows) {
            refused.push((family.files.join(", "), why));
        }
    }
    (rows, refused)
}

fn take<'a>(
    merged: &mut BTreeMap<&'a str, Merged<'a>>,
    path: &'a str,
    family: &'a Family,
) -> Result<(), String> {
    let (name, help) = (family.name.as_str(), family.help.as_deref().unwrap_or(""));
    if let Some(owner) = family.samples.iter().find_map(|sample| owner(&sample.name)) {
        return Err(format!("{name} is a metric of the probe {owner}; choose another name"));
    }
    let fresh =
        || Merged { kind: family.kind, help, files: vec![], labels: BTreeSet::new(), samples: vec![] };
    let all = merged.entry(name).or_insert_with(fresh);
    if all.kind != family.kind || all.help != help {
        let first = all.files.join(", ");
        return Err(format!("{name} has another type or help in {first}; the first one counts"));
    }
    all.files.push(path);
    all.labels
        .extend(family.samples.iter().flat_map(|sample| &sample.labels).map(|(label, _)| label.as_str()));
    all.samples.extend(&family.samples);
    Ok(())
}

/// The built-in probe that yields this name, or could.
fn owner(name: &str) -> Option<&'static str> {
    if OWN.iter().any(|start| name.starts_with(start)) {
        return Some("hostward");
    }
    PROBES.iter().find(|spec| spec.metrics.iter().any(|metric| metric.can_be(name))).map(|spec| spec.name)
}

fn lay(name: &str, family: &Merged<'_>, rows: &mut Vec<Row>) -> Result<(), String> {
    if rows.len() + family.samples.len() > SERIES_MAX {
        return Err(format!("{name} is left out: there are more than {SERIES_MAX} series"));
    }
    let read_from = format!("Metric read from {}", family.files.join(", "));
    let help = if family.help.is_empty() { &read_from } else { family.help };
    let full = || format!("{name} is left out: too many metrics were made since the start");
    let bound = if family.kind == Type::Histogram { "le" } else { "quantile" };
    let (mut seen, mut result) = (HashSet::new(), Ok(()));
    for sample in &family.samples {
        let part = part(name, sample)?;
        let is_own = |label: &&str| *label != bound || !matches!(part, "_sum" | "_count");
        let labels: Vec<&str> = family.labels.iter().copied().filter(is_own).collect();
        let metric = intern(name, kind(family.kind), help, &labels).ok_or_else(full)?;
        let values: Vec<String> =
            labels.iter().map(|label| sample.label(label).unwrap_or("").to_owned()).collect();
        if !seen.insert((part, values.clone())) {
            result = Err(format!("{name}: the series {values:?} is there twice; the first one counts"));
            continue;
        }
        rows.push(Row { metric, part, values, value: sample.value });
    }
    result
}

fn part(name: &str, sample: &Sample) -> Result<&'static str, String> {
    let rest = sample.name.strip_prefix(name).unwrap_or("");
    let known = ["", "_bucket", "_sum", "_count"].into_iter().find(|part| *part == rest);
    known.ok_or_else(|| format!("{name}: {} is none of its samples", sample.name))
}

fn kind(kind: Type) -> Kind {
    match kind {
        Type::Counter => Kind::Counter,
        Type::Gauge => Kind::Gauge,
        Type::Histogram => Kind::Histogram,
        Type::Summary => Kind::Summary,
        Type::GaugeHistogram | Type::Info | Type::StateSet | Type::Unknown => Kind::Untyped,
    }
}
