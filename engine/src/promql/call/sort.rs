//! The order of results.

use super::{Function, Run, VECTOR};
use crate::promql::number::ascending;

/// The family. NaN comes last either way.
pub const FUNCTIONS: &[Function] = &[
    Function::vector(
        "sort",
        VECTOR,
        Run::Vector(|context, arguments| {
            let mut vector = context.vector(&arguments[0])?;
            vector.sort_by(|(_, a), (_, b)| a.is_nan().cmp(&b.is_nan()).then(ascending(a, b)));
            Ok(vector)
        }),
    ),
    Function::vector(
        "sort_desc",
        VECTOR,
        Run::Vector(|context, arguments| {
            let mut vector = context.vector(&arguments[0])?;
            vector.sort_by(|(_, a), (_, b)| ascending(b, a));
            Ok(vector)
        }),
    ),
];
