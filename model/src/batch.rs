//! What one run of a probe yields: samples, and what it could not see.
//!
//! A batch is made once per probe and used again for every run: after the first run, filling it
//! allocates nothing.

use crate::metric::Metric;

/// Samples of one probe at one time, and the gaps in what it could see.
#[derive(Debug, Default, Clone)]
pub struct Batch {
    samples: Vec<Row>,
    text: String,
    ends: Vec<u32>,
    gaps: Vec<Gap>,
}

/// Something that a probe looked for and was not allowed or able to see.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Gap {
    /// What is missing, as a path or a metric name.
    pub what: String,
    /// Why, in one short phrase (`permission denied`).
    pub reason: String,
    /// What an administrator can do to be given it; empty when nothing helps.
    pub grant: String,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    metric: &'static Metric,
    value: f64,
    /// Index in `ends` of the fill; label values follow it.
    first: u32,
}

/// One value of one series, borrowed from a batch.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// The metric as declared.
    pub metric: &'static Metric,
    /// The value as read.
    pub value: f64,
    batch: &'a Batch,
    first: usize,
}

impl Batch {
    /// An empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets the content and keeps the memory.
    pub fn clear(&mut self) {
        self.samples.clear();
        self.text.clear();
        self.ends.clear();
        self.gaps.clear();
    }

    /// Adds a value; `labels` are the values of `metric.labels`, in that order.
    pub fn push(&mut self, metric: &'static Metric, labels: &[&str], value: f64) {
        self.push_named(metric, "", labels, value);
    }

    /// Adds a value of a metric whose name has a `*`; `fill` takes its place.
    pub fn push_named(&mut self, metric: &'static Metric, fill: &str, labels: &[&str], value: f64) {
        debug_assert_eq!(labels.len(), metric.labels.len(), "label values of {}", metric.name);
        let first = self.ends.len() as u32;
        self.push_text(fill);
        labels.iter().for_each(|label| self.push_text(label));
        self.samples.push(Row { metric, value, first });
    }

    /// Records that something could not be seen.
    pub fn push_gap(&mut self, what: &str, reason: &str, grant: &str) {
        self.gaps.push(Gap { what: what.to_owned(), reason: reason.to_owned(), grant: grant.to_owned() });
    }

    /// The samples in the order in which they were pushed.
    pub fn samples(&self) -> impl ExactSizeIterator<Item = Sample<'_>> {
        self.samples.iter().map(|row| self.seen(row))
    }

    /// The sample that was pushed at this place.
    pub fn sample(&self, place: usize) -> Option<Sample<'_>> {
        self.samples.get(place).map(|row| self.seen(row))
    }

    fn seen(&self, row: &Row) -> Sample<'_> {
        Sample { metric: row.metric, value: row.value, batch: self, first: row.first as usize }
    }

    /// Whether both have the same series in the same order, whatever their values.
    pub fn is_alike(&self, other: &Batch) -> bool {
        let same = |(a, b): (&Row, &Row)| std::ptr::eq(a.metric, b.metric);
        self.samples.len() == other.samples.len()
            && self.samples.iter().zip(&other.samples).all(same)
            && self.ends == other.ends
            && self.text == other.text
    }

    /// Takes over the samples of another, and none of its gaps.
    pub fn copy_samples(&mut self, other: &Batch) {
        self.samples.clone_from(&other.samples);
        self.text.clone_from(&other.text);
        self.ends.clone_from(&other.ends);
    }

    /// What could not be seen.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// True when there is no sample.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    fn push_text(&mut self, part: &str) {
        self.text.push_str(part);
        self.ends.push(self.text.len() as u32);
    }

    fn part(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends[index - 1] as usize };
        &self.text[start..self.ends[index] as usize]
    }
}

impl<'a> Sample<'a> {
    /// The text for the `*` of the metric's name; empty when it has none.
    pub fn fill(&self) -> &'a str {
        self.batch.part(self.first)
    }

    /// Label values in the order of `metric.labels`.
    pub fn labels(&self) -> impl ExactSizeIterator<Item = &'a str> + Clone + use<'a> {
        let (batch, first) = (self.batch, self.first + 1);
        (first..first + self.metric.labels.len()).map(move |index| batch.part(index))
    }

    /// Whether both are of the same series.
    pub fn is_alike(&self, other: &Sample<'_>) -> bool {
        let ((text, ends), (other_text, other_ends)) = (self.identity(), other.identity());
        std::ptr::eq(self.metric, other.metric) && text == other_text && ends.eq(other_ends)
    }

    /// Fill and label values as one run of bytes with their ends: equal for equal series of a metric.
    fn identity(&self) -> (&'a str, impl Iterator<Item = u32> + use<'a>) {
        let last = self.first + self.metric.labels.len();
        let start = if self.first == 0 { 0 } else { self.batch.ends[self.first - 1] };
        let text = &self.batch.text[start as usize..self.batch.ends[last] as usize];
        (text, self.batch.ends[self.first..=last].iter().map(move |end| end - start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static CPU: Metric = Metric::counter("cpu_seconds_total", "Time.", &["cpu", "mode"]);
    static MEMORY: Metric = Metric::gauge("memory_*_bytes", "Memory.", &[]);

    #[test]
    fn samples_come_back_as_pushed() {
        let mut batch = Batch::new();
        batch.push(&CPU, &["0", "idle"], 1.5);
        batch.push_named(&MEMORY, "Free", &[], 7.0);
        batch.push(&CPU, &["", "user"], 2.0);
        let seen: Vec<_> =
            batch.samples().map(|s| (s.fill().to_owned(), s.labels().collect::<Vec<_>>(), s.value)).collect();
        assert_eq!(seen[0], (String::new(), vec!["0", "idle"], 1.5));
        assert_eq!(seen[1], ("Free".to_owned(), vec![], 7.0));
        assert_eq!(seen[2], (String::new(), vec!["", "user"], 2.0));
    }

    #[test]
    fn series_are_told_apart_where_concatenation_would_not() {
        let batch = |labels: [&str; 2], value| {
            let mut batch = Batch::new();
            batch.push_named(&MEMORY, "Free", &[], 7.0);
            batch.push(&CPU, &labels, value);
            batch
        };
        let (one, other, later) = (batch(["ab", "c"], 0.0), batch(["a", "bc"], 0.0), batch(["ab", "c"], 1.0));
        assert!(one.is_alike(&later) && !one.is_alike(&other) && !one.is_alike(&Batch::new()));
        let last = |batch: &Batch| batch.sample(1).map(|sample| sample.identity().0.to_owned());
        assert_eq!(last(&one), last(&other));
        let alike = |a: &Batch, b: &Batch| a.sample(1).unwrap().is_alike(&b.sample(1).unwrap());
        assert!(alike(&one, &later) && !alike(&one, &other));
        let mut copy = other.clone();
        copy.copy_samples(&later);
        assert!(copy.is_alike(&one));
        assert_eq!(copy.sample(1).map(|sample| sample.value), Some(1.0));
    }
}
