//! What an expression compares with what: the part of a rule that can be drawn.

use super::Expr;
use super::source::{Point, Selector, Source};
use super::syntax;
use super::value::Value;
use crate::labels::Labels;
use promql_parser::parser::{Expr as Tree, token};
use std::sync::Arc;

/// A comparison of series with a number.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// The expression that gives the series.
    pub measured: String,
    /// `>`, `<` and so on, as if the number stood at the right.
    pub operator: &'static str,
    /// The number.
    pub threshold: f64,
}

impl Expr {
    /// The comparisons with a fixed number, in the order in which they are written: of the whole expression, and of what `and`,
    /// `or` and `unless` join.
    pub fn conditions(&self) -> Vec<Condition> {
        let mut found = Vec::new();
        if let Ok((tree, _)) = syntax::parse(self.text()) {
            collect(&tree, &mut found);
        }
        found
    }
}

fn collect(tree: &Tree, found: &mut Vec<Condition>) {
    match tree {
        Tree::Paren(paren) => collect(&paren.expr, found),
        Tree::Binary(binary) => match binary.op.id() {
            token::T_LAND | token::T_LOR | token::T_LUNLESS => {
                collect(&binary.lhs, found);
                collect(&binary.rhs, found);
            }
            op => found.extend(comparison(op, &binary.lhs, &binary.rhs)),
        },
        _ => {}
    }
}

fn comparison(op: token::TokenId, left: &Tree, right: &Tree) -> Option<Condition> {
    let (operator, turned) = match op {
        token::T_GTR => (">", "<"),
        token::T_GTE => (">=", "<="),
        token::T_LSS => ("<", ">"),
        token::T_LTE => ("<=", ">="),
        token::T_EQLC => ("==", "=="),
        token::T_NEQ => ("!=", "!="),
        _ => return None,
    };
    match (fixed(left), fixed(right)) {
        (None, Some(threshold)) => Some(Condition { measured: left.to_string(), operator, threshold }),
        (Some(threshold), None) => {
            Some(Condition { measured: right.to_string(), operator: turned, threshold })
        }
        _ => None,
    }
}

/// Whether an operator compares.
pub fn is_comparison(op: token::TokenId) -> bool {
    [token::T_GTR, token::T_GTE, token::T_LSS, token::T_LTE, token::T_EQLC, token::T_NEQ].contains(&op)
}

/// The value of an expression that looks at no series and no clock.
pub fn fixed(tree: &Tree) -> Option<f64> {
    let expr = Expr::parse(&tree.to_string()).ok()?;
    let at = |at_ms| match expr.eval(&Nothing, at_ms) {
        Ok(Value::Scalar(value)) => Some(value),
        _ => None,
    };
    at(0).filter(|value| at(86_400_000) == Some(*value))
}

struct Nothing;

impl Source for Nothing {
    fn range(&self, _: &Selector, _: i64, _: i64) -> Vec<(Arc<Labels>, Vec<Point>)> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let conditions = Expr::parse(text).unwrap().conditions().into_iter();
        conditions.map(|own| format!("{} {} {}", own.measured, own.operator, own.threshold)).collect()
    }

    #[test]
    fn what_is_compared_with_a_number_is_found() {
        assert_eq!(shown("rate(a[5m]) > 0.5"), ["rate(a[5m]) > 0.5"]);
        assert_eq!(shown("14 * 86400 > a - time()"), ["a - time() < 1209600"]);
        assert_eq!(shown("(a / b < 0.1 and on (x) c == 1) or d"), ["a / b < 0.1", "c == 1"]);
        assert_eq!(shown("a > b"), [""; 0]);
        assert_eq!(shown("vector(1) > time()"), [""; 0]);
        assert_eq!(shown("a unless b >= -2"), ["b >= -2"]);
    }
}
