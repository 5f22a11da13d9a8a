//! Where an importer writes down what it finds: bounds, duplicates and rejected lines are dealt with here.

use crate::exposition::{Family, Labels, Sample, Type};
use crate::{Limits, Output, Rejected, Report, Service, name, text};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Latest time that a sample can have, in seconds since the Unix epoch: the year 5138. Milliseconds of it are whole numbers.
const TIMESTAMP_S_MAX: f64 = 1e11;

/// What to do with a series that is there already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// The first one counts, the other is rejected: nobody says the same thing twice in one breath.
    Reject,
    /// The later one counts, unless its timestamp is older: the output is a stream.
    Replace,
}

/// What is common to the samples of a family.
pub struct Metric {
    pub name: String,
    pub kind: Type,
    pub help: String,
    pub unit: &'static str,
}

/// A report in the making.
pub struct Sheet<'a> {
    pub limits: &'a Limits,
    pub report: Report,
    again: Again,
    /// Where each family is.
    families: HashMap<String, usize>,
    /// Where each sample is, by family and sorted labels.
    series: HashMap<(usize, Labels), usize>,
}

impl Metric {
    pub fn new(plugin: &str, parts: &[&str], unit: &'static str, kind: Type, help: &str) -> Self {
        Metric { name: name::metric(plugin, parts, unit, kind), kind, help: help.to_owned(), unit }
    }
}

impl<'a> Sheet<'a> {
    pub fn new(limits: &'a Limits, again: Again) -> Self {
        Sheet { limits, report: Report::default(), again, families: HashMap::new(), series: HashMap::new() }
    }

    /// The whole lines of the output that are within the bound.
    pub fn whole_lines<'o>(&mut self, output: &Output<'o>) -> &'o [u8] {
        let max = self.limits.output_bytes_max;
        if output.stdout.len() <= max {
            return output.stdout;
        }
        let end = output.stdout[..max].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        self.report.dropped.bytes = output.stdout.len() - end;
        &output.stdout[..end]
    }

    /// The lines with their numbers, without line feeds; one that is not UTF-8 is rejected.
    pub fn lines<'o>(&mut self, bytes: &'o [u8], first: usize) -> Vec<(usize, &'o str)> {
        let mut lines = Vec::new();
        for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            match std::str::from_utf8(line) {
                Ok(line) => lines.push((first + index, line.strip_suffix('\r').unwrap_or(line))),
                Err(_) => self.reject(first + index, "not UTF-8"),
            }
        }
        lines
    }

    /// Counts a line, or a part of one, that was not understood.
    pub fn reject(&mut self, line: usize, reason: impl AsRef<str>) {
        self.report.rejected_count += 1;
        if self.report.rejected.len() < self.limits.rejected_max {
            let reason = text::line(reason.as_ref(), self.limits.text_bytes_max);
            self.report.rejected.push(Rejected { line, reason });
        }
    }

    /// Writes down a service.
    pub fn service(&mut self, service: Service) {
        if self.report.services.len() >= self.limits.services_max {
            self.report.dropped.services += 1;
            return;
        }
        let bytes_max = self.limits.text_bytes_max;
        self.report.services.push(Service {
            name: text::line(&service.name, self.limits.label_bytes_max),
            text: text::line(&service.text, bytes_max),
            detail: text::lines(&service.detail, bytes_max),
            ..service
        });
    }

    /// Writes down a sample. True if it counts.
    pub fn push(
        &mut self,
        line: usize,
        metric: &Metric,
        labels: Labels,
        value: f64,
        timestamp_s: Option<f64>,
    ) -> bool {
        if let Err(why) = self.fits(metric, &labels, value, timestamp_s) {
            self.reject(line, why);
            return false;
        }
        let Some(family) = self.family(line, metric) else { return false };
        let mut key = labels.clone();
        key.sort_unstable();
        let full = self.series.len() >= self.limits.series_max;
        let samples = &mut self.report.families[family].samples;
        match self.series.entry((family, key)) {
            Entry::Vacant(_) if full => {
                self.report.dropped.series += 1;
                false
            }
            Entry::Vacant(entry) => {
                entry.insert(samples.len());
                let name = metric.name.clone();
                samples.push(Sample { name, labels, value, timestamp_s, exemplar: None });
                true
            }
            Entry::Occupied(_) if self.again == Again::Reject => {
                self.reject(line, format!("{} is there twice; the first one counts", metric.name));
                false
            }
            Entry::Occupied(entry) => renewed(&mut samples[*entry.get()], value, timestamp_s),
        }
    }

    fn fits(
        &self,
        metric: &Metric,
        labels: &Labels,
        value: f64,
        timestamp_s: Option<f64>,
    ) -> Result<(), String> {
        self.limits.fit(&metric.name, labels)?;
        let twice = |at: usize| labels[..at].iter().any(|(other, _)| *other == labels[at].0);
        if let Some(at) = (1..labels.len()).find(|at| twice(*at)) {
            return Err(format!("the label {} is there twice", labels[at].0));
        }
        timely(&metric.name, timestamp_s)?;
        match metric.kind {
            _ if !value.is_finite() => Err(format!("the value of {} is out of range", metric.name)),
            Type::Counter if value < 0.0 => Err(format!("{} counts and cannot be {value}", metric.name)),
            _ => Ok(()),
        }
    }

    /// Where the family is; it is made if it is new and there is room for a series.
    fn family(&mut self, line: usize, metric: &Metric) -> Option<usize> {
        if let Some(&at) = self.families.get(&metric.name) {
            if self.report.families[at].kind == metric.kind {
                return Some(at);
            }
            self.reject(line, format!("{} is of another type already", metric.name));
            return None;
        }
        if self.series.len() >= self.limits.series_max {
            self.report.dropped.series += 1;
            return None;
        }
        let at = self.report.families.len();
        self.families.insert(metric.name.clone(), at);
        self.report.families.push(Family {
            name: metric.name.clone(),
            kind: metric.kind,
            help: Some(text::line(&metric.help, self.limits.text_bytes_max)).filter(|help| !help.is_empty()),
            unit: Some(metric.unit.to_owned()).filter(|unit| !unit.is_empty()),
            samples: Vec::new(),
        });
        Some(at)
    }

    /// The report of a run of which nothing can be relied on.
    pub fn unknown(mut self, reason: impl AsRef<str>) -> Report {
        self.report.spoil(text::line(reason.as_ref(), self.limits.text_bytes_max));
        self.report
    }
}

/// Puts a value in the place of one that is not newer. True if it counts.
fn renewed(sample: &mut Sample, value: f64, timestamp_s: Option<f64>) -> bool {
    let is_newer = timestamp_s.is_none() || timestamp_s >= sample.timestamp_s;
    if is_newer {
        (sample.value, sample.timestamp_s) = (value, timestamp_s);
    }
    is_newer
}

/// Refuses a time that nobody can mean, and that other formats could not say.
pub fn timely(name: &str, timestamp_s: Option<f64>) -> Result<(), String> {
    match timestamp_s.is_none_or(|time| (0.0..=TIMESTAMP_S_MAX).contains(&time)) {
        true => Ok(()),
        false => Err(format!("the time of {name} is out of range")),
    }
}
