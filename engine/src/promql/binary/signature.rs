//! What two series must have in common to belong together.

use crate::labels::{Labels, NAME};
use crate::promql::node::Names;

/// The labels that a matching or grouping looks at, as bytes that are equal when the labels are.
pub fn key(names: &Names, labels: &Labels, key: &mut Vec<u8>) {
    key.clear();
    for (name, value) in labels.iter().filter(|(name, _)| names.include(name)) {
        for text in [name, value] {
            key.extend_from_slice(text.as_bytes());
            key.push(0xff);
        }
    }
}

/// The same as labels.
pub fn signature(names: &Names, labels: &Labels) -> Labels {
    let mut signature = labels.clone();
    signature.retain(|name| names.include(name));
    signature
}

impl Names {
    fn include(&self, name: &str) -> bool {
        match self {
            Names::Only(only) => only.iter().any(|own| own == name),
            Names::AllBut(out) => name != NAME && !out.iter().any(|own| own == name),
        }
    }
}
