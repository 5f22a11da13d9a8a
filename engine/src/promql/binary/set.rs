//! `and`, `or` and `unless`: whole series are kept or left out.

use super::signature;
use crate::labels::Labels;
use crate::promql::node::{Names, Set};
use crate::promql::value::Vector;
use std::collections::HashSet;

/// The set that an operator makes of two.
pub fn combine(set: Set, names: &Names, left: Vector, right: Vector) -> Vector {
    match set {
        Set::And => keep(left, names, &signatures(&right, names), true),
        Set::Unless => keep(left, names, &signatures(&right, names), false),
        Set::Or => {
            let known = signatures(&left, names);
            let more = keep(right, names, &known, false);
            left.into_iter().chain(more).collect()
        }
    }
}

fn signatures(vector: &Vector, names: &Names) -> HashSet<Labels> {
    vector.iter().map(|(labels, _)| signature(names, labels)).collect()
}

fn keep(vector: Vector, names: &Names, known: &HashSet<Labels>, wanted: bool) -> Vector {
    vector.into_iter().filter(|(labels, _)| known.contains(&signature(names, labels)) == wanted).collect()
}
