//! What an exposition says: families of samples.

/// Label names and values, in the order of the text.
pub type Labels = Vec<(String, String)>;

/// The samples that share a name, a type and a help text.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    /// The name in the metadata lines; in OpenMetrics without `_total` and the like.
    pub name: String,
    /// How its values behave.
    pub kind: Type,
    /// The help text.
    pub help: Option<String>,
    /// The unit (OpenMetrics only).
    pub unit: Option<String>,
    /// The samples in the order of the text.
    pub samples: Vec<Sample>,
}

/// One line with a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Full name, suffix included.
    pub name: String,
    /// Its labels.
    pub labels: Labels,
    /// The value.
    pub value: f64,
    /// When it was, in seconds since the Unix epoch.
    pub timestamp_s: Option<f64>,
    /// An example of what was counted.
    pub exemplar: Option<Exemplar>,
}

/// An example of what a bucket or counter counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Exemplar {
    /// What identifies it.
    pub labels: Labels,
    /// Its value.
    pub value: f64,
    /// When it was, in seconds since the Unix epoch.
    pub timestamp_s: Option<f64>,
}

/// The type of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts of observations in buckets.
    Histogram,
    /// Buckets whose counts go up and down (OpenMetrics).
    GaugeHistogram,
    /// Quantiles of observations.
    Summary,
    /// Text as labels, always 1 (OpenMetrics).
    Info,
    /// States that are on or off (OpenMetrics).
    StateSet,
    /// The source does not say: `untyped` in text 0.0.4, `unknown` in OpenMetrics.
    Unknown,
}

impl Sample {
    /// The value of a label.
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}
