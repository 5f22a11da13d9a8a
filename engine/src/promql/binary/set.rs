//! `and`, `or` and `unless`: whole series are kept or left out.

use super::signature::Index;
use crate::promql::node::{Names, Set};
use crate::promql::value::Vector;

/// The set that an operator makes of two.
pub fn combine(set: Set, names: &Names, mut left: Vector, mut right: Vector) -> Vector {
    match set {
        Set::And => keep(&mut left, names, &right, true),
        Set::Unless => keep(&mut left, names, &right, false),
        Set::Or => {
            keep(&mut right, names, &left, false);
            left.append(&mut right);
        }
    }
    left
}

/// Keeps what another vector has something for, or has nothing for.
fn keep(vector: &mut Vector, names: &Names, other: &Vector, wanted: bool) {
    let of = |place: usize| other[place].labels.as_ref();
    let mut known = Index::new(names);
    for (place, element) in other.iter().enumerate() {
        known.claim(&element.labels, place, of);
    }
    vector.retain(|element| known.find(&element.labels, of).is_some() == wanted);
}
