//! `and`, `or` and `unless`: whole series are kept or left out.

use super::signature::key;
use crate::promql::node::{Names, Set};
use crate::promql::value::Vector;
use std::collections::HashSet;

/// The set that an operator makes of two.
pub fn combine(set: Set, names: &Names, left: Vector, right: Vector) -> Vector {
    match set {
        Set::And => keep(left, names, &keys(&right, names), true),
        Set::Unless => keep(left, names, &keys(&right, names), false),
        Set::Or => {
            let known = keys(&left, names);
            let more = keep(right, names, &known, false);
            left.into_iter().chain(more).collect()
        }
    }
}

fn keys(vector: &Vector, names: &Names) -> HashSet<Vec<u8>> {
    let one = |labels| {
        let mut bytes = Vec::new();
        key(names, labels, &mut bytes);
        bytes
    };
    vector.iter().map(|element| one(&element.labels)).collect()
}

fn keep(mut vector: Vector, names: &Names, known: &HashSet<Vec<u8>>, wanted: bool) -> Vector {
    let mut bytes = Vec::new();
    vector.retain(|element| {
        key(names, &element.labels, &mut bytes);
        known.contains(&bytes) == wanted
    });
    vector
}
