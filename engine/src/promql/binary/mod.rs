//! Operators between two operands.

mod matching;
mod operator;
mod set;
mod signature;

pub use signature::{Index, signature};

use super::error::EvalError;
use super::eval::{Context, unexpected};
use super::node::{Binary, Kind, Operator};
use super::value::{Element, Vector};

/// Between two scalars.
pub fn scalars(context: &Context<'_>, binary: &Binary) -> Result<f64, EvalError> {
    let (left, right) = (context.scalar(&binary.left)?, context.scalar(&binary.right)?);
    match binary.operator {
        Operator::Arithmetic(arithmetic) => Ok(operator::compute(arithmetic, left, right)),
        Operator::Comparison(comparison) => Ok(f64::from(u8::from(operator::holds(comparison, left, right)))),
        Operator::Set(_) => unexpected(Kind::Vector, &binary.left),
    }
}

/// Where at least one operand is a vector.
pub fn vectors(context: &Context<'_>, binary: &Binary) -> Result<Vector, EvalError> {
    match (binary.left.kind(), binary.right.kind()) {
        (Kind::Scalar, _) => {
            let left = context.scalar(&binary.left)?;
            Ok(each(binary, context.vector(&binary.right)?, |right| (left, right)))
        }
        (_, Kind::Scalar) => {
            let right = context.scalar(&binary.right)?;
            Ok(each(binary, context.vector(&binary.left)?, |left| (left, right)))
        }
        _ => {
            let (left, right) = (context.vector(&binary.left)?, context.vector(&binary.right)?);
            match binary.operator {
                Operator::Set(set) => Ok(set::combine(set, &binary.matching.names, left, right)),
                _ => matching::combine(binary, left, right),
            }
        }
    }
}

/// A comparison keeps the value of the vector, on whichever side it stands.
fn each(binary: &Binary, vector: Vector, operands: impl Fn(f64) -> (f64, f64)) -> Vector {
    let one = |element: Element| {
        let (left, right) = operands(element.value);
        match binary.operator {
            Operator::Arithmetic(arithmetic) => {
                Some(element.computed(operator::compute(arithmetic, left, right)))
            }
            Operator::Comparison(comparison) => {
                let holds = operator::holds(comparison, left, right);
                if binary.bool {
                    Some(element.computed(f64::from(u8::from(holds))))
                } else {
                    holds.then_some(element)
                }
            }
            Operator::Set(_) => None,
        }
    };
    vector.into_iter().filter_map(one).collect()
}
