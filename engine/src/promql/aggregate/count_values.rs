//! `count_values`: how often each value is there.

use super::Group;
use crate::labels::Labels;
use crate::promql::value::{Element, Vector};
use std::collections::HashMap;
use std::sync::Arc;

/// Series that come to the same labels once the value is written among them are counted together.
pub fn count(label: &str, groups: Vec<Group>) -> Vector {
    let mut places: HashMap<Labels, usize> = HashMap::new();
    let mut counts = Vector::new();
    for group in groups {
        for member in group.members {
            let mut labels = group.labels.clone();
            labels.set(label, plain(member.value));
            let place = *places.entry(labels.clone()).or_insert(counts.len());
            if place == counts.len() {
                counts.push(Element { drops_name: group.drops_name, ..Element::new(Arc::new(labels), 0.0) });
            }
            counts[place].value += 1.0;
        }
    }
    counts
}

/// All digits, never an exponent.
fn plain(value: f64) -> String {
    match value {
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        value => value.to_string(),
    }
}
