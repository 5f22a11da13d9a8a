//! The labels of a series or an alert: sorted, each name once, no empty values.

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::ops::Range;

/// The label that holds a series' name.
pub const NAME: &str = "__name__";
/// The labels that hold a series' type and unit.
const TYPE_AND_UNIT: [&str; 2] = ["__type__", "__unit__"];

/// Whether a label says what the values of a series are: what is computed from them is something else.
pub fn is_metadata(label: &str) -> bool {
    label == NAME || TYPE_AND_UNIT.contains(&label)
}

/// A set of labels, sorted by name.
///
/// An empty value is the same as no label, as Prometheus has it. All names and values lie in one text, so that a set
/// is two pieces of memory and not two for each label.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<(String, String)>", into = "Vec<(String, String)>")]
pub struct Labels {
    text: String,
    /// Where each name and each value ends, in turn.
    ends: Vec<u32>,
}

impl Labels {
    /// From pairs in any order; of two with the same name the last wins.
    pub fn new<N: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut labels = Labels::default();
        pairs.into_iter().for_each(|(name, value)| labels.set(name, value));
        labels
    }

    /// The value of a label; empty when there is none.
    pub fn get(&self, name: &str) -> &str {
        self.find(name).map_or("", |index| self.part(2 * index + 1))
    }

    /// The metric name; empty when it was dropped.
    pub fn name(&self) -> &str {
        self.get(NAME)
    }

    /// Sets a label; an empty value removes it.
    pub fn set(&mut self, name: impl AsRef<str>, value: impl AsRef<str>) {
        let (name, value) = (name.as_ref(), value.as_ref());
        match (self.find(name), value.is_empty()) {
            (Ok(index), true) => self.replace(2 * index..2 * index + 2, &[]),
            (Ok(index), false) => self.replace(2 * index + 1..2 * index + 2, &[value]),
            (Err(_), true) => {}
            (Err(index), false) => self.replace(2 * index..2 * index, &[name, value]),
        }
    }

    /// Only the labels whose name is accepted.
    pub fn filtered(&self, mut keep: impl FnMut(&str) -> bool) -> Labels {
        let mut kept = Labels {
            text: String::with_capacity(self.text.len()),
            ends: Vec::with_capacity(self.ends.len()),
        };
        for (name, value) in self.iter().filter(|(name, _)| keep(name)) {
            for part in [name, value] {
                kept.text.push_str(part);
                kept.ends.push(kept.text.len() as u32);
            }
        }
        kept
    }

    /// The labels in order of their names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> + Clone {
        let mut start = 0;
        self.ends.chunks_exact(2).map(move |ends| {
            let (middle, end) = (ends[0] as usize, ends[1] as usize);
            let name = std::mem::replace(&mut start, end);
            (&self.text[name..middle], &self.text[middle..end])
        })
    }

    /// Number of labels.
    pub fn len(&self) -> usize {
        self.ends.len() / 2
    }

    /// True without any label.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// A stable 64-bit name for the set (FNV-1a over names and values, each ended by 0xff).
    pub fn fingerprint(&self) -> u64 {
        let bytes = self
            .iter()
            .flat_map(|(name, value)| name.bytes().chain([0xff]).chain(value.bytes()).chain([0xff]));
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.part(2 * middle).cmp(name) {
                Ordering::Equal => return Ok(middle),
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
            }
        }
        Err(low)
    }

    fn part(&self, index: usize) -> &str {
        &self.text[self.start(index)..self.ends[index] as usize]
    }

    fn start(&self, index: usize) -> usize {
        index.checked_sub(1).map_or(0, |before| self.ends[before] as usize)
    }

    /// Puts other names and values in the place of some.
    fn replace(&mut self, parts: Range<usize>, with: &[&str]) {
        let (start, behind) = (self.start(parts.start), parts.start + with.len());
        let old = start..self.start(parts.end);
        let lengths = with.iter().map(|part| part.len() as u32);
        let ends = lengths.scan(start as u32, |at, length| {
            *at += length;
            Some(*at)
        });
        self.ends.splice(parts, ends);
        let new: usize = with.iter().map(|part| part.len()).sum();
        self.ends[behind..].iter_mut().for_each(|end| *end = *end + new as u32 - old.len() as u32);
        self.text.replace_range(old, &with.concat());
    }
}

impl Ord for Labels {
    fn cmp(&self, other: &Self) -> Ordering {
        self.iter().cmp(other.iter())
    }
}

impl PartialOrd for Labels {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<Vec<(String, String)>> for Labels {
    fn from(pairs: Vec<(String, String)>) -> Self {
        Labels::new(pairs)
    }
}

impl From<Labels> for Vec<(String, String)> {
    fn from(labels: Labels) -> Self {
        labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
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
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_set_is_sorted_and_has_no_empty_values() {
        let labels = Labels::new([("b", "2"), ("a", ""), ("__name__", "up"), ("b", "3")]);
        assert_eq!(labels.to_string(), "up{b=\"3\"}");
        assert_eq!(labels.len(), 2);
        assert_eq!(labels, Labels::new([("__name__", "up"), ("b", "3")]));
    }

    proptest! {
        /// The same as a map of names to values that are not empty.
        #[test]
        fn a_set_is_a_map(steps in prop::collection::vec(("[a-e]{0,2}", "[x-zä]{0,3}"), 0..20), keep in "[a-e]") {
            let (mut labels, mut map) = (Labels::default(), BTreeMap::new());
            for (name, value) in &steps {
                labels.set(name, value);
                match value.is_empty() {
                    true => map.remove(name.as_str()),
                    false => map.insert(name.as_str(), value.as_str()),
                };
                prop_assert_eq!(labels.get(name), value);
            }
            prop_assert!(labels.iter().eq(map.clone()));
            prop_assert_eq!(&Labels::from(Vec::from(labels.clone())), &labels);
            let labels = labels.filtered(|name| name.contains(&keep));
            map.retain(|name, _| name.contains(&keep));
            prop_assert!(labels.iter().eq(map));
        }
    }

    #[test]
    fn fingerprints_tell_names_from_values() {
        let (one, other) = (Labels::new([("a", "bc")]), Labels::new([("ab", "c")]));
        assert_ne!(one.fingerprint(), other.fingerprint());
    }
}
