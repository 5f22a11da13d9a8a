//! What a metric is, before it has a value.

/// How the values of a metric behave, in the words of the Prometheus text format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Only grows, and starts again at zero when its source restarts.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Observations counted in buckets; samples end in `_bucket`, `_sum` and `_count`.
    Histogram,
    /// Quantiles of observations; other samples end in `_sum` and `_count`.
    Summary,
    /// The source does not say (`untyped` in text 0.0.4, `unknown` in OpenMetrics).
    Untyped,
}

impl Kind {
    /// Whether a family has samples of several names.
    pub fn has_parts(self) -> bool {
        matches!(self, Kind::Histogram | Kind::Summary)
    }

    /// The word after `# TYPE name` in text 0.0.4.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
            Kind::Summary => "summary",
            Kind::Untyped => "untyped",
        }
    }
}

/// A metric as its probe declares it.
///
/// A `*` in `name` stands for a part that only the host knows (`node_memory_*_bytes`); a sample then
/// carries the text that fills it.
#[derive(Debug, PartialEq)]
pub struct Metric {
    /// Full name, base unit and `_total` included.
    pub name: &'static str,
    /// Counter, gauge or untyped.
    pub kind: Kind,
    /// One sentence for `# HELP`.
    pub help: &'static str,
    /// Label names, in the order in which a probe gives their values.
    pub labels: &'static [&'static str],
    /// It only grows until its source restarts, whatever `kind` says, but for samples whose `*` is one of these.
    pub grows_but: Option<&'static [&'static str]>,
    /// What differs less from the usual is not unusual, however seldom it is; in its unit, or for what grows its unit a second.
    pub matters_from: f64,
}

impl Metric {
    /// A metric that goes up and down.
    pub const fn gauge(name: &'static str, help: &'static str, labels: &'static [&'static str]) -> Self {
        Metric { name, kind: Kind::Gauge, help, labels, grows_but: None, matters_from: 0.0 }
    }

    /// A metric that only grows until its source restarts.
    pub const fn counter(name: &'static str, help: &'static str, labels: &'static [&'static str]) -> Self {
        Metric { name, kind: Kind::Counter, help, labels, grows_but: Some(&[]), matters_from: 0.0 }
    }

    /// A metric whose source does not say how it behaves.
    pub const fn untyped(name: &'static str, help: &'static str, labels: &'static [&'static str]) -> Self {
        Metric { name, kind: Kind::Untyped, help, labels, grows_but: None, matters_from: 0.0 }
    }

    /// The same metric, which counts although its kind does not say so; where `*` is one of `levels`, it does not.
    pub const fn growing_but(self, levels: &'static [&'static str]) -> Self {
        Metric { grows_but: Some(levels), ..self }
    }

    /// The same metric, of which a smaller difference is nothing that anybody has to know.
    pub const fn matters_from(self, matters_from: f64) -> Self {
        Metric { matters_from, ..self }
    }

    /// Whether a sample whose `*` is `fill` only grows until its source restarts.
    pub fn grows(&self, fill: &str) -> bool {
        self.grows_but.is_some_and(|levels| !levels.contains(&fill))
    }

    /// What stands for the `*` in a full name; empty when there is none.
    pub fn fill_of<'a>(&self, name: &'a str) -> &'a str {
        let fill =
            self.name.split_once('*').and_then(|(head, tail)| name.strip_prefix(head)?.strip_suffix(tail));
        fill.unwrap_or("")
    }

    /// The name of the family that a sample with this full name belongs to: its own, unless the kind has several
    /// parts.
    pub fn family(&self, name: &str) -> String {
        if self.kind.has_parts() { self.full_name("") } else { name.to_owned() }
    }

    /// Whether a sample of this metric could have this full name.
    pub fn can_be(&self, name: &str) -> bool {
        match self.name.split_once('*') {
            Some((head, tail)) => {
                name.len() > head.len() + tail.len() && name.starts_with(head) && name.ends_with(tail)
            }
            None => self.name == name,
        }
    }

    /// The unit of its values, as the name says it.
    pub fn unit(&self) -> &'static str {
        const UNITS: [&str; 14] = [
            "seconds", "bytes", "celsius", "volts", "amperes", "watts", "joules", "hertz", "meters", "ratio",
            "percent", "bits", "sectors", "rpm",
        ];
        let name = self.name.strip_suffix("_total").unwrap_or(self.name);
        let last = name.rsplit('_').next().unwrap_or("");
        match UNITS.iter().find(|unit| **unit == last) {
            Some(unit) => unit,
            None if name.ends_with("_info") => "none: the labels are the value",
            None => "a count or a state",
        }
    }

    /// The name with its `*` filled, characters that a metric name may not hold turned into `_`.
    pub fn full_name(&self, fill: &str) -> String {
        let Some((head, tail)) = self.name.split_once('*') else { return self.name.to_owned() };
        let fill = fill.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' });
        head.chars().chain(fill).chain(tail.chars()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_tells_the_unit() {
        let unit = |name| Metric::gauge(name, "", &[]).unit();
        assert_eq!(unit("node_cpu_seconds_total"), "seconds");
        assert_eq!(unit("node_memory_*_bytes"), "bytes");
        assert_eq!(unit("node_uname_info"), "none: the labels are the value");
        assert_eq!(unit("node_load1"), "a count or a state");
    }

    #[test]
    fn a_star_is_filled_and_made_fit_for_a_name() {
        static MEMORY: Metric = Metric::gauge("node_memory_*_bytes", "Memory.", &[]);
        assert_eq!(MEMORY.full_name("Active(anon)"), "node_memory_Active_anon__bytes");
        assert_eq!(MEMORY.fill_of("node_memory_Active_anon__bytes"), "Active_anon_");
        static LOAD: Metric = Metric::gauge("node_load1", "Load.", &[]);
        assert_eq!(LOAD.fill_of("node_load1"), "");
        assert_eq!(LOAD.full_name("ignored"), "node_load1");
    }
}
