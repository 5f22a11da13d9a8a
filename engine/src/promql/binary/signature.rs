//! What two series must have in common to belong together.

use crate::labels::{Labels, NAME};
use crate::promql::node::Names;

/// The labels of a series that a matching or grouping looks at.
pub fn signature(names: &Names, labels: &Labels) -> Labels {
    let mut signature = labels.clone();
    match names {
        Names::Only(only) => signature.retain(|name| only.iter().any(|own| own == name)),
        Names::AllBut(out) => signature.retain(|name| name != NAME && !out.iter().any(|own| own == name)),
    }
    signature
}
