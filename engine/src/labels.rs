//! The labels of a series or an alert: sorted, each name once, no empty values.

use serde::{Deserialize, Serialize};

/// The label that holds a series' name.
pub const NAME: &str = "__name__";

/// A set of labels, sorted by name.
///
/// An empty value is the same as no label, as Prometheus has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Labels(Vec<(String, String)>);

impl Labels {
    /// From pairs in any order; of two with the same name the last wins.
    pub fn new<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut labels = Labels::default();
        pairs.into_iter().for_each(|(name, value)| labels.set(name, value));
        labels
    }

    /// The value of a label; empty when there is none.
    pub fn get(&self, name: &str) -> &str {
        self.find(name).map_or("", |index| &self.0[index].1)
    }

    /// The metric name; empty when it was dropped.
    pub fn name(&self) -> &str {
        self.get(NAME)
    }

    /// Sets a label; an empty value removes it.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let (name, value) = (name.into(), value.into());
        match (self.find(&name), value.is_empty()) {
            (Ok(index), true) => drop(self.0.remove(index)),
            (Ok(index), false) => self.0[index].1 = value,
            (Err(_), true) => {}
            (Err(index), false) => self.0.insert(index, (name, value)),
        }
    }

    /// Keeps only the labels whose name is accepted.
    pub fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        self.0.retain(|(name, _)| keep(name));
    }

    /// The labels in order of their names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> + Clone {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Number of labels.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True without any label.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A stable 64-bit name for the set (FNV-1a over names and values, each ended by 0xff).
    pub fn fingerprint(&self) -> u64 {
        let bytes = self
            .iter()
            .flat_map(|(name, value)| name.bytes().chain([0xff]).chain(value.bytes()).chain([0xff]));
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(own, _)| own.as_str().cmp(name))
    }
}

/// As in PromQL: `name{label="value"}`.
impl std::fmt::Display for Labels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = String::new();
        let rest = self.iter().filter(|(name, _)| *name != NAME);
        hostward_model::text::write_series(&mut out, self.name(), rest);
        f.write_str(if out.is_empty() { "{}" } else { &out })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_sorted_and_has_no_empty_values() {
        let labels = Labels::new([("b", "2"), ("a", ""), ("__name__", "up"), ("b", "3")]);
        assert_eq!(labels.to_string(), "up{b=\"3\"}");
        assert_eq!(labels.len(), 2);
        assert_eq!(labels, Labels::new([("__name__", "up"), ("b", "3")]));
    }

    #[test]
    fn fingerprints_tell_names_from_values() {
        let (one, other) = (Labels::new([("a", "bc")]), Labels::new([("ab", "c")]));
        assert_ne!(one.fingerprint(), other.fingerprint());
    }
}
